//! The end of the log, where everything is written.
//!
//! ```text
//! put A, B, delete C        one lock, one write, one flush
//!   ├ A and B are not there, C is
//!   ├ write: section of A, section of B, note that C is deleted
//!   ├ the table says where
//!   └ flush the segment     who asked for it is acknowledged now
//! ```
//!
//! A segment is created, headed and flushed, and its name too, before anything is written to it; it
//! is flushed before the next is begun. So only the last may have something that is not on disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use datastore::disk::Mode;
use datastore::{DiskFile, Error, Key, Result};

use super::core::{Core, lock};
use super::note::{Id, MAX_DELETES, Note, new_id};
use super::page::At;
use super::section::{RAW, head};
use super::segment::{HEADER, Place, Position};

/// From how many bytes on a block is not copied to be written with others: copying alone brings
/// blocks of 64 KiB from 2,800 to 1,000 MiB/s.
const COPIED: usize = 16 << 10;

/// So much is written at once.
const AT_ONCE: u64 = 8 << 20;

/// Where the next section goes.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// The segment that is written to; none: the next write begins one.
    pub file: Option<Arc<dyn DiskFile>>,
    pub id: Id,
    pub end: Position,
    /// Bytes of the segment that are on disk.
    pub synced: u64,
    /// Where the last mark is.
    pub marked: u64,
    /// The number of the next segment.
    pub next: u32,
    /// Bytes since the table was begun.
    pub unindexed: u64,
    /// Bytes since the system was asked to begin with them.
    pub unwritten: u64,
    /// Bytes of each segment that are not needed, as far as is known.
    pub dead: BTreeMap<u32, u64>,
}

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
    entries: Vec<(Key, At)>,
    marked: Option<u64>,
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

impl Core {
    /// Appends the blocks that are not there, and a note of those to delete that are.
    pub fn append(&self, puts: &[(&Key, &Bytes)], deletes: &[&Key]) -> Result<()> {
        if puts.is_empty() && deletes.is_empty() {
            return Ok(());
        }
        let mut tail = lock(&self.tail);
        self.check()?;
        let mut pending = Pending::default();
        for (key, value) in puts {
            if self.holds(key, value)? {
                continue;
            }
            self.add_block(&mut tail, &mut pending, key, value)?;
        }
        let (mut gone, mut dead) = (Vec::new(), Vec::new());
        for key in deletes {
            if let Some(place) = self.place(key)? {
                gone.push((*key).clone());
                dead.push(place);
            }
        }
        for keys in gone.chunks(MAX_DELETES) {
            self.add_delete(&mut tail, &mut pending, keys)?;
        }
        self.write(&mut tail, &mut pending)?;
        self.note_dead(&mut tail, &dead);
        Ok(())
    }

    /// Appends these blocks, those at least that the index still has where they were copied from.
    pub fn append_copies(&self, copies: &[Copy]) -> Result<()> {
        if copies.is_empty() {
            return Ok(());
        }
        let mut tail = lock(&self.tail);
        self.check()?;
        let mut pending = Pending::default();
        for Copy { key, from, value } in copies {
            // One that was deleted meanwhile stays deleted.
            if self.place(key)? == Some(*from) {
                self.add_block(&mut tail, &mut pending, key, value)?;
            }
        }
        self.write(&mut tail, &mut pending)
    }

    /// Appends a note that these are deleted, those at least that still are.
    pub fn append_deletes(&self, keys: &[Key]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut tail = lock(&self.tail);
        self.check()?;
        let mut gone = Vec::new();
        for key in keys {
            // One that was put meanwhile stays.
            if self.place(key)?.is_none() {
                gone.push(key.clone());
            }
        }
        let mut pending = Pending::default();
        for keys in gone.chunks(MAX_DELETES) {
            self.add_delete(&mut tail, &mut pending, keys)?;
        }
        self.write(&mut tail, &mut pending)
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

    fn add_delete(&self, tail: &mut Tail, pending: &mut Pending<'_>, keys: &[Key]) -> Result<()> {
        let begin = self.begin(tail, pending)?;
        let blocks = keys
            .iter()
            .map(|key| key.as_block().unwrap_or_default().to_vec());
        let note = Note::Deleted(blocks.collect());
        pending.copy(&note.section(&tail.id));
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
            pending.copy(&Note::Mark.section(&tail.id));
            pending.marked = Some(offset);
        }
        Ok(Position {
            segment: tail.end.segment,
            offset: tail.end.offset + pending.len,
        })
    }

    /// Writes what is pending, and has the table know of it.
    fn write(&self, tail: &mut Tail, pending: &mut Pending<'_>) -> Result<()> {
        let pending = std::mem::take(pending);
        let (Some(file), true) = (&tail.file, pending.len > 0) else {
            return Ok(());
        };
        let start = tail.end;
        if let Err(error) = file.write_parts_at(&pending.parts(), start.offset) {
            let error = Error::io("write", self.segments.path(start.segment), error);
            if !error.is_out_of_space() {
                return Err(self.fails(error));
            }
            // Nobody of the group is acknowledged. What cannot be cut off ends the segment, after what
            // came before it is on disk.
            if file.set_len(start.offset).is_err() {
                self.seal(tail)?;
            }
            return Err(error);
        }
        tail.end.offset += pending.len;
        tail.unindexed += pending.len;
        tail.unwritten += pending.len;
        tail.marked = pending.marked.unwrap_or(tail.marked);
        let entries = self.index.insert(pending.entries);
        if tail.unwritten >= self.limits.write_back {
            tail.unwritten = 0;
            self.begin_write_back(start.segment);
        }
        if entries >= self.limits.table || tail.unindexed >= self.limits.unindexed {
            self.freeze(tail)?;
        }
        Ok(())
    }

    /// Begins the next segment; the last one is on disk then.
    pub(super) fn roll(&self, tail: &mut Tail) -> Result<()> {
        self.seal(tail)?;
        self.compact_if_worth(tail, tail.end.segment);
        let number = tail.next;
        let path = self.segments.path(number);
        let id = new_id();
        let mut bytes = HEADER.to_vec();
        bytes.extend(Note::Mark.section(&id));
        let disk = self.segments.disk();
        let made = disk.open(&path, Mode::New).and_then(|file| {
            tail.next += 1;
            file.write_all_at(&bytes, 0)?;
            Ok(file)
        });
        let file: Arc<dyn DiskFile> = match made {
            Ok(file) => file.into(),
            Err(error) => {
                // What is left of it has no section.
                let _ = disk.remove_file(&path);
                return Err(Error::io("create", path, error));
            }
        };
        self.sync_file(&*file, number)?;
        let synced = disk.sync_dir(self.segments.dir());
        synced.map_err(|error| self.fails(Error::io("flush", self.segments.dir(), error)))?;
        let len = bytes.len() as u64;
        tail.file = Some(file);
        tail.id = id;
        tail.end = Position {
            segment: number,
            offset: len,
        };
        (tail.synced, tail.marked) = (len, HEADER.len() as u64);
        Ok(())
    }

    /// Writes no more to the segment, which is on disk then.
    pub fn seal(&self, tail: &mut Tail) -> Result<()> {
        if let Some(file) = &tail.file {
            if tail.synced < tail.end.offset {
                self.sync_file(&**file, tail.end.segment)?;
            }
            tail.file = None;
        }
        Ok(())
    }

    /// Makes everything written so far durable.
    pub fn sync(&self) -> Result<()> {
        self.check()?;
        let (file, end) = {
            let tail = lock(&self.tail);
            match &tail.file {
                Some(file) if tail.synced < tail.end.offset => (Arc::clone(file), tail.end),
                _ => return Ok(()),
            }
        };
        self.sync_file(&*file, end.segment)?;
        let mut tail = lock(&self.tail);
        if tail.end.segment == end.segment {
            tail.synced = tail.synced.max(end.offset);
        }
        Ok(())
    }

    /// Flushes a segment; the first that fails ends all writing.
    pub fn sync_file(&self, file: &dyn DiskFile, segment: u32) -> Result<()> {
        let _syncing = lock(&self.syncing);
        self.check()?;
        let synced = file.sync();
        synced.map_err(|error| self.fails(Error::io("flush", self.segments.path(segment), error)))
    }

    /// Nothing is written any more.
    pub fn fails(&self, error: Error) -> Error {
        let _ = self.failed.set(error.clone());
        error
    }
}
