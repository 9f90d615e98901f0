//! Appending to the log.
//!
//! ```text
//! put A, B, delete C        one lock, one write, one flush
//!   ├ A and B are not there, C is
//!   ├ write: section of A, section of B, note that C is deleted
//!   ├ the table says where
//!   └ flush the segment     who asked for it is acknowledged now
//! ```
//!
//! A large group is written in pieces, and may go on in the next segment. The table hears of it when
//! all is written. If that fails because the disk is full, all of it is cut off again, so that the
//! disk is no fuller for it.

use bytes::Bytes;
use datastore::{Error, Key, Result};

use super::core::{Core, lock};
use super::log::Tail;
use super::note::{Id, MAX_DELETES, Note};
use super::page::At;
use super::section::{RAW, head};
use super::segment::{HEADER, Place, Position};

/// From how many bytes on a block is not copied to be written with others: copying alone brings
/// blocks of 64 KiB from 2,800 to 1,000 MiB/s.
const COPIED: usize = 16 << 10;

/// So much is written at once.
const AT_ONCE: u64 = 8 << 20;

/// A block that is to be moved.
#[derive(Debug)]
pub(super) struct Copy {
    pub key: Key,
    /// Where it was read.
    pub from: Place,
    pub value: Bytes,
}

/// What is going to be written next.
#[derive(Default)]
struct Pending<'a> {
    /// Heads, notes and small blocks.
    copied: Vec<u8>,
    /// Large blocks, and behind how many bytes of `copied` they come.
    large: Vec<(usize, &'a [u8])>,
    len: u64,
    marked: Option<u64>,
    /// All of the group, written already or not.
    entries: Vec<(Key, At)>,
    /// Where what is deleted lies.
    dead: Vec<Place>,
}

impl<'a> Pending<'a> {
    fn copy(&mut self, bytes: &[u8]) {
        self.copied.extend(bytes);
        self.len += bytes.len() as u64;
    }

    fn parts(&self) -> Vec<&[u8]> {
        let mut parts = Vec::with_capacity(2 * self.large.len() + 1);
        let mut from = 0;
        for (at, value) in &self.large {
            parts.push(self.copied.get(from..*at).unwrap_or_default());
            parts.push(*value);
            from = *at;
        }
        parts.push(self.copied.get(from..).unwrap_or_default());
        parts
    }
}

/// Where a group begins: what is cut back to if it finds no room.
struct Begin {
    end: Position,
    /// The first segment that it may begin.
    next: u32,
    marked: u64,
    unindexed: u64,
}

impl Core {
    /// Appends the blocks that are not there, and a note of those to delete that are.
    pub fn append(&self, puts: &[(&Key, &Bytes)], deletes: &[&Key]) -> Result<()> {
        if puts.is_empty() && deletes.is_empty() {
            return Ok(());
        }
        self.append_group(|tail, pending| {
            for (key, value) in puts {
                if !self.holds(key, value)? {
                    self.add_block(tail, pending, key, value)?;
                }
            }
            let mut gone = Vec::new();
            for key in deletes {
                if let Some(place) = self.place(key)? {
                    gone.push((*key).clone());
                    pending.dead.push(place);
                }
            }
            self.add_deletes(tail, pending, &gone)
        })
    }

    /// Appends these blocks, those at least that the index still has where they were copied from.
    pub fn append_copies(&self, copies: &[Copy]) -> Result<()> {
        if copies.is_empty() {
            return Ok(());
        }
        self.append_group(|tail, pending| {
            for Copy { key, from, value } in copies {
                // One that was deleted meanwhile stays deleted.
                if self.place(key)? == Some(*from) {
                    self.add_block(tail, pending, key, value)?;
                }
            }
            Ok(())
        })
    }

    /// Appends a note that these are deleted, those at least that still are.
    pub fn append_deletes(&self, keys: &[Key]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        self.append_group(|tail, pending| {
            let mut gone = Vec::new();
            for key in keys {
                // One that was put meanwhile stays.
                if self.place(key)?.is_none() {
                    gone.push(key.clone());
                }
            }
            self.add_deletes(tail, pending, &gone)
        })
    }

    /// Appends what `add` adds, all or nothing; the table knows of it then.
    fn append_group<'a>(
        &self,
        add: impl FnOnce(&mut Tail, &mut Pending<'a>) -> Result<()>,
    ) -> Result<()> {
        let mut tail = lock(&self.tail);
        self.check()?;
        let begin = Begin {
            end: tail.end,
            next: tail.next,
            marked: tail.marked,
            unindexed: tail.unindexed,
        };
        let mut pending = Pending::default();
        let added = add(&mut tail, &mut pending);
        if let Err(error) = added.and_then(|()| self.write(&mut tail, &mut pending)) {
            if self.failed.get().is_none() {
                self.undo(&mut tail, &begin).map_err(|e| self.fails(e))?;
            }
            return Err(error);
        }
        if pending.entries.is_empty() {
            return Ok(());
        }
        let entries = self.index.insert(pending.entries);
        if entries >= self.limits.table || tail.unindexed >= self.limits.unindexed {
            self.freeze(&mut tail)?;
        }
        self.note_dead(&mut tail, &pending.dead);
        Ok(())
    }

    fn add_block<'a>(
        &self,
        tail: &mut Tail,
        pending: &mut Pending<'a>,
        key: &Key,
        value: &'a [u8],
    ) -> Result<()> {
        let begin = self.begin(tail, pending)?;
        let multihash = key.as_block().unwrap_or_default();
        let before = pending.copied.len();
        head(RAW, multihash, value.len(), &mut pending.copied);
        pending.len += (pending.copied.len() - before) as u64;
        if value.len() < COPIED {
            pending.copy(value);
        } else {
            pending.large.push((pending.copied.len(), value));
            pending.len += value.len() as u64;
        }
        let len = (tail.end.offset + pending.len - begin.offset) as u32;
        let at = At::Here(Place { at: begin, len });
        pending.entries.push((key.clone(), at));
        Ok(())
    }

    fn add_deletes(&self, tail: &mut Tail, pending: &mut Pending<'_>, keys: &[Key]) -> Result<()> {
        let mut notes = keys.chunks(MAX_DELETES);
        notes.try_for_each(|keys| self.add_note(tail, pending, keys))
    }

    fn add_note(&self, tail: &mut Tail, pending: &mut Pending<'_>, keys: &[Key]) -> Result<()> {
        let begin = self.begin(tail, pending)?;
        let blocks = keys
            .iter()
            .map(|key| key.as_block().unwrap_or_default().to_vec());
        let note = Note::Deleted(blocks.collect());
        pending.copy(&note.section(&tail.id, begin.offset));
        let gone = keys.iter().map(|key| (key.clone(), At::Deleted(begin)));
        pending.entries.extend(gone);
        Ok(())
    }

    /// Where the next section begins: behind what is pending, or in a new segment.
    fn begin(&self, tail: &mut Tail, pending: &mut Pending<'_>) -> Result<Position> {
        let full = tail.end.offset + pending.len >= self.limits.segment;
        if pending.len >= AT_ONCE || full {
            self.write(tail, pending)?;
        }
        if tail.file.is_none() || full {
            self.roll(tail)?;
        }
        let offset = tail.end.offset + pending.len;
        if offset - pending.marked.unwrap_or(tail.marked) >= self.limits.mark {
            pending.copy(&Note::Mark.section(&tail.id, offset));
            pending.marked = Some(offset);
        }
        Ok(Position {
            segment: tail.end.segment,
            offset: tail.end.offset + pending.len,
        })
    }

    /// Writes what is pending.
    fn write(&self, tail: &mut Tail, pending: &mut Pending<'_>) -> Result<()> {
        let (Some(file), true) = (&tail.file, pending.len > 0) else {
            return Ok(());
        };
        let start = tail.end;
        if let Err(error) = file.write_parts_at(&pending.parts(), start.offset) {
            let error = Error::io("write", self.segments.path(start.segment), error);
            return Err(match error.is_out_of_space() {
                true => error,
                false => self.fails(error),
            });
        }
        tail.end.offset += pending.len;
        tail.unindexed += pending.len;
        tail.unwritten += pending.len;
        tail.marked = pending.marked.unwrap_or(tail.marked);
        *pending = Pending {
            entries: std::mem::take(&mut pending.entries),
            dead: std::mem::take(&mut pending.dead),
            ..Pending::default()
        };
        if tail.unwritten >= self.limits.write_back {
            tail.unwritten = 0;
            self.begin_write_back(start.segment);
        }
        Ok(())
    }

    /// Cuts off what was written of a group that nobody is told of. What cannot be cut off ends its
    /// segment, after what came before it is on disk.
    fn undo(&self, tail: &mut Tail, begin: &Begin) -> Result<()> {
        let last = tail.end.segment;
        tail.unindexed = begin.unindexed;
        for segment in self.segments.numbers()? {
            // After an open the last write is of no segment, and all that are there are others'.
            let is_ours = segment == begin.end.segment || segment >= begin.next;
            if !is_ours || last < segment {
                continue;
            }
            // Those that the group began keep their first mark.
            let first = (HEADER.len() + Note::Mark.section(&Id::default(), 0).len()) as u64;
            let (offset, marked) = match segment == begin.end.segment {
                true => (begin.end.offset, begin.marked),
                false => (first, HEADER.len() as u64),
            };
            let end = Position { segment, offset };
            self.segments.forget(segment);
            let cut = match (&tail.file, segment == last) {
                (Some(file), true) => file.set_len(offset).is_ok(),
                _ if self.segments.len(segment)? <= offset => true,
                _ => self.truncate(segment, offset).is_ok(),
            };
            if segment == last {
                (tail.end, tail.marked) = (end, marked);
                tail.synced = tail.synced.min(offset);
            }
            if !cut {
                tail.uncut.push(end);
                if segment == last {
                    self.seal(tail)?;
                }
            }
        }
        Ok(())
    }
}
