//! The end of the log, where everything is written (`append.rs`).
//!
//! A segment is created, headed and flushed, and its name too, before anything is written to it; it
//! is flushed before the next is begun. So only the last may have something that is not on disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use datastore::disk::Mode;
use datastore::{DiskFile, Error, Result};

use super::core::{Core, lock};
use super::note::{Id, Note, new_id};
use super::segment::{HEADER, Position};

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
    /// Ends of segments that something torn lies behind, which could not be cut off.
    pub uncut: Vec<Position>,
}

impl Core {
    /// Begins the next segment; the last one is on disk then.
    pub(super) fn roll(&self, tail: &mut Tail) -> Result<()> {
        self.seal(tail)?;
        self.compact_if_worth(tail, tail.end.segment);
        let number = tail.next;
        let path = self.segments.path(number);
        let id = new_id();
        let mut bytes = HEADER.to_vec();
        bytes.extend(Note::Mark.section(&id, bytes.len() as u64));
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

    /// Cuts off what could not be cut off when it was torn, before a run covers it: what lies behind
    /// the runs is looked at by the next open, and what they cover is not.
    pub fn cut_rest(&self, tail: &mut Tail) -> Result<()> {
        while let Some(end) = tail.uncut.last() {
            let cut = self.truncate(end.segment, end.offset);
            cut.map_err(|error| self.fails(error))?;
            tail.uncut.pop();
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
