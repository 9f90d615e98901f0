//! Where sections begin again behind a damage.
//!
//! ```text
//! damage      ┌ 01 55 12 20 …    ┌ 01 55 12 20 …          mark
//! ────────────┼──────────────────┼────────────────────────┼────
//!             └ n                └ n                      └ the id of the segment
//!               1. the next mark: here a section begins, whatever lies before
//!               2. by the length that the damaged head says
//!               3. backwards: what ends where something proven begins
//!               4. forwards: whatever else might be a head, unless all is told by now (`loose.rs`)
//! ```
//!
//! Only a hash, or the id of the segment, proves that a section begins. What the index names there is
//! tried however much was tried before; the rest until the budget is spent, and is left to salvage
//! then.
//!
//! What proves itself may still lie in the inside of a block, where somebody stores CARs as blocks, or
//! hashed the blocks that were to come together with the end of his own. So nothing that is found
//! hides what overlaps it: all that proves itself is told. At worst that is a block that nobody put.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use super::loose::Mended;
use super::note::{Id, Note};
use super::scan::{Emit, Found, Scan};
use super::section::{DAG_CBOR, Frame, MAX_HEAD, RAW, proves};
use super::window::PIECE;

/// Bytes that may be hashed in any case, so that the section behind a small damage is found.
pub(super) const FREE: u64 = 4 << 20;

/// A length takes as many bytes, at most.
pub(super) const MAX_LENGTH: u64 = 5;

/// What the value of every mark begins with; the id follows.
const MARK: &[u8] = b"\xa2\x62id\x58\x18";

/// Where sections begin that proved themselves, and where each ends.
pub(super) type Proven = BTreeMap<u64, u64>;

impl Scan<'_> {
    /// Emits what can be told of the damage that begins at `from`, and of all behind it to the next
    /// mark; where that is.
    pub(super) fn damaged<E: From<io::Error>>(
        &mut self,
        from: u64,
        emit: &mut Emit<'_, E>,
    ) -> Result<u64, E> {
        if let Some(mended) = self.mend_first(from)? {
            let to = from + mended.end as u64;
            self.tell(from, &mended, emit)?;
            self.damage(from, to, emit)?;
            return Ok(to);
        }
        let to = self.next_mark(from)?;
        self.spent.searched += to - from;
        let mut proven = Proven::new();
        let mut mended = BTreeMap::new();
        self.follow(from, to, &mut proven)?;
        self.search_back(from, to, &mut proven)?;
        if !self.mend_gaps(from, to, &proven, &mut mended)? {
            self.search_ahead(from, to, &mut proven)?;
            self.mend_gaps(from, to, &proven, &mut mended)?;
        }
        self.known.retain(|known| *known >= to);
        let mut at = from;
        for (begin, end) in proven.into_iter().chain([(to, to)]) {
            while at < begin {
                let mut end = begin;
                if let Some(mended) = mended.get(&at) {
                    end = at + mended.end as u64;
                    self.tell(at, mended, emit)?;
                }
                self.damage(at, end, emit)?;
                at = end;
            }
            self.window.move_to(begin, end - begin)?;
            if let Some(frame) = self.frame(begin).filter(|_| begin < to) {
                self.emit(begin, &frame, emit)?;
            }
            at = at.max(end);
        }
        Ok(to)
    }

    /// Mends what lies between proven sections; whether nothing is left then.
    fn mend_gaps(
        &mut self,
        from: u64,
        to: u64,
        proven: &Proven,
        mended: &mut BTreeMap<u64, Mended>,
    ) -> io::Result<bool> {
        // What begins in the inside of another: one of the two is none of ours.
        let mut inside = Vec::new();
        let mut covered = from;
        for (begin, end) in proven {
            if *begin < covered {
                inside.push(*begin);
            }
            covered = covered.max(*end);
        }
        let mut whole = true;
        let mut at = from;
        for (begin, end) in proven.iter().chain([(&to, &to)]) {
            while at < *begin {
                if !mended.contains_key(&at)
                    && let Some(found) = self.mend(at, *begin, &inside)?
                {
                    mended.insert(at, found);
                }
                let end = mended.get(&at).map(|mended| at + mended.end as u64);
                whole &= end.is_some();
                at = end.unwrap_or(*begin);
            }
            at = at.max(*end);
        }
        Ok(whole)
    }

    pub(super) fn damage<E>(
        &mut self,
        from: u64,
        to: u64,
        emit: &mut Emit<'_, E>,
    ) -> Result<(), E> {
        self.spent.damaged += to - from;
        emit(Found::Damage { from, to })
    }

    /// Where the first mark behind `from` begins, or the end.
    fn next_mark(&mut self, from: u64) -> io::Result<u64> {
        // Where the last search ended, nothing is nearer.
        if self.marked.contains(&from) {
            return Ok(self.marked.end);
        }
        let section = Note::Mark.section(&Id::default(), 0);
        let head = Frame::read(&section).map_or(0, |frame| frame.value as u64);
        let mut at = from + 1;
        let mut end = self.to;
        'pieces: while at < self.to {
            self.window.move_to(at, PIECE)?;
            let bytes = self.window.from(at);
            let hits = places(bytes, MARK);
            let len = bytes.len() as u64;
            for hit in hits {
                let begin = (at + hit).saturating_sub(head);
                if begin > from && self.is_mark(begin, section.len() as u64)? {
                    end = begin;
                    break 'pieces;
                }
            }
            if at + len >= self.to {
                break;
            }
            at += len.saturating_sub(MARK.len() as u64).max(1);
        }
        self.marked = from..end;
        Ok(end)
    }

    fn is_mark(&mut self, at: u64, len: u64) -> io::Result<bool> {
        let bytes = self.window.at(at, len)?;
        let frame = Frame::read(bytes).filter(|frame| frame.len == bytes.len());
        let Some(frame) = frame.filter(|frame| frame.codec == DAG_CBOR) else {
            return Ok(false);
        };
        let right = proves(frame.multihash(bytes), frame.value(bytes));
        Ok(right && self.note(at, frame.value(self.window.from(at))) == Some(Note::Mark))
    }

    /// Proves the sections behind the one at `from`, whose length may be right.
    fn follow(&mut self, from: u64, to: u64, proven: &mut Proven) -> io::Result<()> {
        self.window.move_to(from, MAX_HEAD as u64)?;
        let mut at = self.frame(from).map_or(to, |frame| from + frame.len as u64);
        while at < to {
            self.window.move_to(at, MAX_HEAD as u64)?;
            let Some(frame) = self.frame(at) else {
                break;
            };
            let end = at + frame.len as u64;
            if end > to || !self.begins(at, &frame, 0)? {
                break;
            }
            proven.insert(at, end);
            at = end;
        }
        Ok(())
    }

    /// Proves what ends at `to`, or where something begins that is proven: the nearer to the end, the
    /// earlier, so that what lies in a hostile block comes after all that was written behind it.
    fn search_back(&mut self, from: u64, to: u64, proven: &mut Proven) -> io::Result<()> {
        let mut piece = to;
        while piece > from + 1 {
            let begin = piece.saturating_sub(PIECE).max(from + 1);
            for (at, frame) in self.heads(begin..piece, to)?.into_iter().rev() {
                let end = at + frame.len as u64;
                let fits = end == to || proven.contains_key(&end);
                if fits && !proven.contains_key(&at) && self.begins(at, &frame, 0)? {
                    proven.insert(at, end);
                }
            }
            piece = begin;
        }
        Ok(())
    }

    /// Proves whatever else can be, from the damage on.
    fn search_ahead(&mut self, from: u64, to: u64, proven: &mut Proven) -> io::Result<()> {
        let (mut covered, mut bare) = (from, 0);
        let mut piece = from + 1;
        while piece < to {
            let end = (piece + PIECE).min(to);
            for (at, frame) in self.heads(piece..end, to)? {
                let bare_here = bare + at.saturating_sub(covered);
                if !proven.contains_key(&at) && !self.begins(at, &frame, bare_here)? {
                    continue;
                }
                let end = at + frame.len as u64;
                proven.insert(at, end);
                bare = bare_here;
                covered = covered.max(end);
            }
            piece = end;
        }
        Ok(())
    }

    /// What looks like a head and begins in `piece`, if its section ends until `to`.
    fn heads(&mut self, piece: Range<u64>, to: u64) -> io::Result<Vec<(u64, Frame)>> {
        let len = piece.end - piece.start + MAX_HEAD as u64;
        self.window.move_to(piece.start, len)?;
        let bytes = self.window.from(piece.start);
        let cids = bytes
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| matches!(pair, [1, RAW | DAG_CBOR]))
            .map(|(n, _)| n as u64);
        let mut heads = Vec::new();
        for cid in cids {
            for length in 1..=MAX_LENGTH.min(cid) {
                let at = piece.start + cid - length;
                let Some(frame) = self.frame(at) else {
                    continue;
                };
                if at < piece.end
                    && frame.multihash as u64 == length + 2
                    && at + frame.len as u64 <= to
                {
                    heads.push((at, frame));
                }
            }
        }
        heads.sort_unstable_by_key(|(at, _)| *at);
        Ok(heads)
    }

    /// Whether the section begins at `at` that this head says, behind so many damaged bytes.
    fn begins(&mut self, at: u64, frame: &Frame, damaged: u64) -> io::Result<bool> {
        let mut proven = self.known.contains(&at);
        if !proven {
            self.window.move_to(at, frame.len as u64)?;
            let named = (self.named)(at, frame.len, frame.multihash(self.window.from(at)));
            let value = (frame.len - frame.value) as u64;
            if !named && !self.pays(value, damaged) {
                return Ok(false);
            }
            let bytes = self.window.from(at);
            proven = proves(frame.multihash(bytes), frame.value(bytes));
        }
        if proven && frame.codec == DAG_CBOR {
            self.window.move_to(at, frame.len as u64)?;
            return Ok(self.note(at, frame.value(self.window.from(at))).is_some());
        }
        Ok(proven)
    }

    /// Whether so many bytes may be hashed, with so many damaged that are not counted yet; then they
    /// are counted.
    pub(super) fn pays(&mut self, bytes: u64, damaged: u64) -> bool {
        let damaged = self.spent.damaged + damaged;
        let may = (FREE + self.spent.searched)
            .saturating_add(damaged.saturating_mul(self.effort.factor()));
        let pays = self.spent.hashed + bytes <= may;
        if pays {
            self.spent.hashed += bytes;
        }
        pays
    }
}

/// Where `part` begins in `bytes`.
fn places(bytes: &[u8], part: &[u8]) -> Vec<u64> {
    let windows = bytes.windows(part.len()).enumerate();
    windows
        .filter(|(_, window)| *window == part)
        .map(|(n, _)| n as u64)
        .collect()
}
