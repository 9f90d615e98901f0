//! Compaction that nobody asked for: a segment of which less than one half is needed.
//!
//! ```text
//! a delete        counts what it makes useless, by segment        over one half ─┐
//! an open         estimates it, from a sample of the index        over one half ─┼─► the thread
//!                                                                                │   looks at the
//!                                                                                │   segment itself
//! ```
//!
//! Keys are hashes, so that any stretch of them is a fair sample: of the largest run 256 pages are
//! read, and of the others what lies between the same keys. A count or a sample that is wrong costs
//! a look at the segment, no more. The segment that is written to is ended for it, if some MiB of it
//! are not needed: a small store has no other. On a disk that is nearly full nothing begins by itself.

use std::collections::BTreeMap;

use datastore::Result;

use super::compact::BY_ITSELF;
use super::core::{Core, lock};
use super::index::Broken;
use super::log::Tail;
use super::merge::Merge;
use super::note::new_id;
use super::segment::Place;
use super::wanted::{Fence, fence};
use crate::sync::atomic::Ordering::SeqCst;

/// Pages of the largest run that are a sample.
const SAMPLE: usize = 256;

/// Bytes that have to be free on the disk.
const FREE: u64 = 256 << 20;

impl Core {
    /// Whether the thread in the background is to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(SeqCst)
    }

    /// Nothing is compacted by itself any more, once this returns. What is soon done is done: else a
    /// store that is only opened for moments would never be.
    pub fn stop(&self) {
        self.tidy_small();
        self.stopped.store(true, SeqCst);
        drop(lock(&self.compaction));
    }

    /// Notes what is not needed any more.
    pub(super) fn note_dead(&self, tail: &mut Tail, places: &[Place]) {
        let mut numbers = Vec::new();
        for place in places {
            *tail.dead.entry(place.at.segment).or_default() += u64::from(place.len);
            numbers.push(place.at.segment);
        }
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            self.compact_if_worth(tail, number);
        }
    }

    /// Has the segment compacted if most of it is not needed. Of one that is written to it has to be
    /// worth to begin another.
    pub(super) fn compact_if_worth(&self, tail: &mut Tail, number: u32) {
        let is_open = tail.file.is_some() && tail.end.segment == number;
        if let Some(dead) = tail.dead.get(&number)
            && (!is_open || *dead >= self.limits.end_for)
            && let Ok(len) = self.segments.len(number)
            && dead.saturating_mul(BY_ITSELF) > len
        {
            // If it is not so after all, it is counted from here on.
            tail.dead.remove(&number);
            self.begin_compaction(number);
        }
    }

    /// Compacts this segment, if most of it is not needed. What fails is tried again when more is
    /// deleted, or at the next open.
    pub(super) fn tidy(&self, number: u32) -> Result<()> {
        let mut begun = false;
        loop {
            let leave = self.hold.leave();
            let free = fs2::available_space(self.segments.dir());
            let is_full = !begun && free.is_ok_and(|free| free < FREE);
            if leave.is_none() || is_full {
                // So that the next delete asks again.
                let len = self.segments.len(number)?;
                lock(&self.tail).dead.insert(number, len);
                return Ok(());
            }
            if !self.compact_by_itself(number, &mut begun)? {
                return Ok(());
            }
        }
    }

    /// Compacts what was begun or is due, as far as it is small. What fails is tried again at the next
    /// open.
    fn tidy_small(&self) {
        if !lock(&self.queue).background {
            return;
        }
        let _ = self.suspect_once();
        let mut room = self.limits.at_close;
        let due = lock(&self.queue).due();
        for number in due {
            let len = self.segments.len(number).unwrap_or(u64::MAX);
            if len <= room {
                room -= len;
                let _ = self.tidy(number);
            }
        }
    }

    /// As [`suspect`](Self::suspect), if nobody has; once this returns somebody has.
    pub(super) fn suspect_once(&self) -> Result<()> {
        let mut suspected = lock(&self.suspected);
        match std::mem::replace(&mut *suspected, true) {
            true => Ok(()),
            false => self.suspect(),
        }
    }

    /// Has the segments compacted of which most seems not to be needed.
    pub(super) fn suspect(&self) -> Result<()> {
        let needed = match self.sample() {
            Ok(needed) => needed,
            Err(broken) => return self.mend(broken),
        };
        for number in self.segments.numbers()? {
            let needed = needed.get(&number).copied().unwrap_or_default();
            let len = self.segments.len(number)?;
            let mut tail = lock(&self.tail);
            tail.dead.insert(number, len.saturating_sub(needed));
            self.compact_if_worth(&mut tail, number);
        }
        Ok(())
    }

    /// How many bytes of each segment are needed, about.
    pub(super) fn sample(&self) -> std::result::Result<BTreeMap<u32, u64>, Broken> {
        let mut snapshot = self.index.snapshot();
        let Some(largest) = snapshot.runs.iter().max_by_key(|run| run.entries) else {
            return Ok(BTreeMap::new());
        };
        let pages = largest.pages();
        let free = pages.saturating_sub(SAMPLE);
        let by_lot = u64::from_le_bytes(*new_id().first_chunk().unwrap_or(&[0; 8]));
        let first = (by_lot % (free as u64 + 1)) as usize;
        let (from, to) = match free {
            0 => (Fence::default(), None),
            _ => (largest.fence(first), Some(largest.fence(first + SAMPLE))),
        };
        let mut needed = BTreeMap::new();
        snapshot.tables.clear();
        let mut merge = Merge::behind(snapshot, from)?;
        while let Some((key, at)) = merge.next()? {
            let fence = fence(key.as_block().unwrap_or_default());
            if to.is_some_and(|to| fence >= to) {
                break;
            }
            if let (Some(place), true) = (at.place(), fence >= from) {
                *needed.entry(place.at.segment).or_insert(0) += u64::from(place.len);
            }
        }
        for needed in needed.values_mut() {
            *needed = *needed * pages as u64 / pages.min(SAMPLE) as u64;
        }
        Ok(needed)
    }
}
