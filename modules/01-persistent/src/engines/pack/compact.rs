//! Giving back the space of what was deleted.
//!
//! ```text
//! 000003.car   A  b  C  d │ E  f  g  H        small letters: deleted, or written again elsewhere
//!                         └ one step: E and H are appended to the log, which is flushed;
//! 000003.car   A  b  C  d   then the segment is cut here, and flushed
//! ```
//!
//! A segment is taken from its end, in steps, so that it is a CAR all the time and little room is
//! needed beside it. A crash leaves at most a step twice. A delete goes with its segment only if
//! there is no older block that it hides, in this segment or in another.
//!
//! Everybody else goes on meanwhile (`moving.rs`), and between two steps nothing is held.

use datastore::disk::Mode;
use datastore::{Error, Key, Result};

use super::core::{Core, lock};
use super::page::At;
use super::recover::Halt;
use super::scan::{Effort, Found, scan};
use super::segment::Position;
use super::worth::Worth;

/// Who asks for it has a segment compacted if more than one byte in so many is not needed.
const ASKED: u64 = 8;

/// By itself it begins if one byte in so many is not needed.
pub(super) const BY_ITSELF: u64 = 2;

/// A compaction between two of its steps.
#[derive(Debug)]
pub(super) struct Compaction {
    /// A segment is compacted if more than one byte in so many is not needed.
    one_in: u64,
    /// Segments that it has not looked at, the next one last.
    left: Vec<u32>,
    /// The segment that it takes apart.
    now: Option<Worth>,
}

impl Compaction {
    fn new(one_in: u64, left: Vec<u32>) -> Compaction {
        Compaction {
            one_in,
            left,
            now: None,
        }
    }
}

impl Core {
    /// Does a step of the compaction of everything that is worth it; false: it was the last.
    pub fn compact_step(&self) -> Result<bool> {
        let mut going = lock(&self.compaction);
        let compaction = match &mut *going {
            Some(compaction) => compaction,
            none => {
                let mut left = self.segments.numbers()?;
                left.reverse();
                none.insert(Compaction::new(ASKED, left))
            }
        };
        let (more, asked) = (self.step(compaction), compaction.one_in == ASKED);
        if matches!(more, Ok(true)) {
            return more;
        }
        *going = None;
        drop(going);
        match more? || !asked {
            // That was the end of one that began by itself.
            true => Ok(true),
            false => self.settle_compacted().map(|()| false),
        }
    }

    /// Does a step of the compaction of one segment, which began by itself; false: it was the last, or
    /// another is on its way.
    pub(super) fn compact_by_itself(&self, number: u32, begun: &mut bool) -> Result<bool> {
        let mut going = lock(&self.compaction);
        if !std::mem::replace(begun, true) && going.is_none() {
            *going = Some(Compaction::new(BY_ITSELF, vec![number]));
        }
        let Some(compaction) = going.as_mut().filter(|going| going.one_in == BY_ITSELF) else {
            return Ok(false);
        };
        let more = match self.is_stopped() {
            true => Ok(false),
            false => self.step(compaction),
        };
        if !matches!(more, Ok(true)) {
            *going = None;
        }
        more
    }

    /// Looks at a segment, or takes a part of it away; false if nothing is left to do.
    fn step(&self, compaction: &mut Compaction) -> Result<bool> {
        self.check()?;
        if let Some(worth) = &mut compaction.now {
            if !self.cut_part(worth)? {
                compaction.now = None;
            }
            return Ok(true);
        }
        let Some(number) = compaction.left.pop() else {
            return Ok(false);
        };
        compaction.now = self.begin_on(number, compaction.one_in)?;
        Ok(true)
    }

    /// What of this segment is needed, if it is worth to be compacted. Nothing is written to it any
    /// more.
    fn begin_on(&self, number: u32, one_in: u64) -> Result<Option<Worth>> {
        let worth = self.worth(number)?;
        if !worth.is_worth(one_in) {
            if !worth.damaged {
                // Now it is known.
                lock(&self.tail).dead.insert(number, worth.free());
            }
            return Ok(None);
        }
        let was_last = {
            let mut tail = lock(&self.tail);
            // Later it would make longer what was cut shorter.
            self.cut_rest(&mut tail)?;
            let is_last = tail.end.segment == number;
            if is_last && !worth.cuts.is_empty() {
                self.seal(&mut tail)?;
            }
            is_last
        };
        match was_last {
            false => Ok(Some(worth)),
            // The next one has nothing to give back yet.
            true if worth.cuts.is_empty() => Ok(None),
            // It may have grown before it was sealed.
            true => self.worth(number).map(Some),
        }
    }

    /// Moves the last part of a segment and cuts it off; false if nothing is left of the segment, or
    /// it is to stay.
    fn cut_part(&self, worth: &mut Worth) -> Result<bool> {
        let number = worth.number;
        if let Some(begin) = worth.cuts.pop() {
            if !self.move_part(number, begin, worth.len, worth.dead.as_ref())? {
                // It was damaged since.
                return Ok(false);
            }
            self.sync()?;
            {
                // A run that is made anew reads segments.
                let _upkeep = lock(&self.upkeep);
                self.truncate(number, begin)?;
                self.segments.forget(number);
            }
            worth.len = begin;
        }
        if !worth.cuts.is_empty() {
            return Ok(true);
        }
        lock(&self.tail).dead.remove(&number);
        let _upkeep = lock(&self.upkeep);
        let path = self.segments.path(number);
        let removed = self.segments.disk().remove_file(&path);
        removed.map_err(|error| Error::io("remove", &path, error))?;
        self.segments.forget(number);
        Ok(false)
    }

    /// Has the index forget what was compacted.
    fn settle_compacted(&self) -> Result<()> {
        let dir = self.segments.dir();
        let synced = self.segments.disk().sync_dir(dir);
        synced.map_err(|error| self.fails(Error::io("flush", dir, error)))?;
        let settled = self.settle_all().and_then(|()| {
            let _upkeep = lock(&self.upkeep);
            self.merge_all()
        });
        match settled {
            // The log is on disk, and the index is made again from it.
            Err(full) if full.is_out_of_space() || full.is_out_of_handles() => Ok(()),
            settled => settled,
        }
    }

    /// Has everything in runs that was written before.
    pub fn settle_all(&self) -> Result<()> {
        self.sync()?;
        // There may be one on its way, and then there is the one that comes after it.
        for _ in 0..2 {
            {
                let mut tail = lock(&self.tail);
                self.cut_rest(&mut tail)?;
                if self.index.in_memory() > 0 && self.index.freeze(tail.end, tail.file.clone()) {
                    tail.unindexed = 0;
                }
            }
            self.settle()?;
        }
        Ok(())
    }

    /// Gives what is found in a part of a segment.
    pub(super) fn each(
        &self,
        number: u32,
        from: u64,
        to: u64,
        with: &mut dyn FnMut(Found<'_>) -> Result<()>,
    ) -> Result<()> {
        let path = self.segments.path(number);
        // Not the one that gets share.
        let file = self.segments.disk().open(&path, Mode::Read);
        let file = file.map_err(|error| Error::io("open", &path, error))?;
        let mut emit = |found: Found<'_>| with(found).map_err(Halt::Store);
        let named = |offset, len, multihash: &[u8]| {
            let at = Position {
                segment: number,
                offset,
            };
            let found = Key::block(multihash).map(|key| self.index.find(&key));
            let place = found.ok().and_then(Result::ok).flatten();
            place
                .and_then(At::place)
                .is_some_and(|place| place.at == at && place.len as usize == len)
        };
        let scanned = scan::<Halt>(&*file, from..to, Effort::Opening, &named, &mut emit);
        scanned.map(drop).map_err(|halt| match halt {
            Halt::Store(error) => error,
            Halt::Io(error) => Error::io("read", self.segments.path(number), error),
        })
    }
}
