//! What the parts of the engine share.

use std::collections::BTreeMap;
use std::io;
use std::sync::OnceLock;

use bytes::Bytes;
use datastore::{Error, Key, Result};

use super::cache::Cache;
use super::compact::Compaction;
use super::index::{Broken, Index};
use super::log::Tail;
use super::page::At;
use super::run::Fault;
use super::section::{Frame, head_len, proves};
use super::segment::{Place, Segments};
use super::worker::Queue;
use crate::hold::Hold;
use crate::sync::atomic::AtomicBool;
use crate::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// When the engine does what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries in memory before they become a run.
    pub table: usize,
    /// Bytes of the log before its entries become a run: what is scanned after a crash, at most.
    pub unindexed: u64,
    /// Bytes of a segment before another is begun.
    pub segment: u64,
    /// Bytes between two marks.
    pub mark: u64,
    /// How many runs of one size are merged.
    pub fan: usize,
    /// Bytes of a segment that compaction moves before it cuts them off.
    pub step: u64,
    /// Bytes of the segment that is written to that have to be useless before it is ended, so that it
    /// can be compacted.
    pub end_for: u64,
    /// Bytes of segments that a close has compacted, most of which is not needed.
    pub at_close: u64,
    /// Bytes that are written before the system is asked to begin with them; nobody waits for that.
    pub write_back: u64,
    /// Bytes of filters in memory.
    pub filters: u64,
}

impl Limits {
    /// The usual ones.
    pub const DEFAULT: Limits = Limits {
        table: 65_536,
        unindexed: 256 << 20,
        segment: 1 << 30,
        mark: 1 << 20,
        fan: 8,
        step: 8 << 20,
        end_for: 4 << 20,
        at_close: 32 << 20,
        write_back: 32 << 20,
        filters: 72 << 20,
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::DEFAULT
    }
}

/// An open store of blocks.
#[derive(Debug)]
pub(super) struct Core {
    pub segments: Segments,
    pub index: Index,
    pub cache: Cache,
    pub limits: Limits,
    pub read_only: bool,
    /// The append lock: who has it writes the next section.
    pub tail: Mutex<Tail>,
    /// Held while a flush reports what became of it, so that no error falls between two.
    pub syncing: Mutex<()>,
    /// The first error of a flush or of a write that had room. What was not written then may never
    /// be, and the system has told once.
    pub failed: OnceLock<Error>,
    /// Why the end of a segment was not cut off, or a damage not moved, when the store was opened.
    pub unmended: OnceLock<Error>,
    /// Where the torn ends of segments begin, for one who only reads: the next writer cuts them off.
    pub torn: OnceLock<BTreeMap<u32, u64>>,
    /// Held while runs are written, merged or mended.
    pub upkeep: Mutex<()>,
    /// The compaction that is on its way. Held while it takes a step.
    pub compaction: Mutex<Option<Compaction>>,
    /// Whether compaction is held.
    pub hold: Hold,
    /// Whether it was estimated what of each segment is not needed.
    pub suspected: Mutex<bool>,
    /// Whether the threads in the background are to end.
    pub stopped: AtomicBool,
    /// What the threads in the background have to do.
    pub queue: Mutex<Queue>,
    pub idle: Condvar,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    /// What is known of this key. A run that is damaged is made anew first.
    pub fn find(&self, key: &Key) -> Result<Option<At>> {
        loop {
            match self.index.find(key) {
                Ok(found) => return Ok(found),
                Err(broken) => self.mend(broken)?,
            }
        }
    }

    /// Where the block of this key is.
    pub fn place(&self, key: &Key) -> Result<Option<Place>> {
        Ok(self.find(key)?.and_then(At::place))
    }

    /// The block of this key.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if its section is damaged.
    pub fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.get_by(key, Some(&self.cache))
    }

    /// As [`get`](Self::get), always from the disk: for who reads everything once.
    pub fn get_once(&self, key: &Key) -> Result<Option<Bytes>> {
        self.get_by(key, None)
    }

    fn get_by(&self, key: &Key, cache: Option<&Cache>) -> Result<Option<Bytes>> {
        let mut tried = None;
        while let Some(place) = self.place(key)? {
            if let Some(value) = cache.and_then(|cache| cache.get(&place)) {
                return Ok(Some(value));
            }
            match self.read(key, place) {
                Ok(Some(value)) => {
                    if let Some(cache) = cache {
                        cache.read(place, &value);
                    }
                    return Ok(Some(value));
                }
                Err(Error::Io { path, source, .. })
                    if tried == Some(place) && source.kind() == io::ErrorKind::NotFound =>
                {
                    return Err(Error::Corrupt {
                        path,
                        what:
                            "the file is gone, and this block was in it; bring the file back from \
                               a copy, or put the block again"
                                .to_owned(),
                    });
                }
                Err(error) if tried == Some(place) => return Err(error),
                Ok(None) if tried == Some(place) => {
                    return Err(Error::Corrupt {
                        path: self.segments.path(place.at.segment),
                        what: format!(
                            "at byte {} there is not the block that was put there; put it again \
                             to replace it",
                            place.at.offset
                        ),
                    });
                }
                // It may have been moved meanwhile.
                Ok(None) | Err(_) => {
                    self.segments.forget(place.at.segment);
                    tried = Some(place);
                }
            }
        }
        Ok(None)
    }

    /// The block whose section is at `place`; `None` if that is another's, or damaged.
    pub fn read(&self, key: &Key, place: Place) -> Result<Option<Bytes>> {
        let multihash = key.as_block().unwrap_or_default();
        let file = self.segments.file(place.at.segment)?;
        let bytes = match file.read_vec(place.at.offset, u64::from(place.len)) {
            Ok(bytes) => Bytes::from(bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => {
                let path = self.segments.path(place.at.segment);
                return Err(Error::io("read", path, error));
            }
        };
        match Frame::read(&bytes) {
            Some(frame) if frame.len == bytes.len() && frame.multihash(&bytes) == multihash => {
                Ok(Some(bytes.slice(frame.value..)))
            }
            // Of a damaged head nothing is needed.
            _ => {
                let head = bytes.len() - value_len(multihash, place);
                let value = bytes.slice(head..);
                Ok(proves(multihash, &value).then_some(value))
            }
        }
    }

    /// Whether the block of this key is there and is `value`.
    pub fn holds(&self, key: &Key, value: &[u8]) -> Result<bool> {
        let Some(place) = self.place(key)? else {
            return Ok(false);
        };
        let multihash = key.as_block().unwrap_or_default();
        if value_len(multihash, place) != value.len() {
            return Ok(false);
        }
        // What cannot be read is not there.
        let there = self.read(key, place);
        Ok(there.is_ok_and(|there| there.is_some_and(|there| there == value)))
    }

    /// Makes the run anew that gave no answer.
    pub fn mend(&self, broken: Broken) -> Result<()> {
        match broken.fault {
            Fault::Damaged => self.renew(&broken.run),
            Fault::Io(error) => {
                let path = self.segments.dir().join(super::run::name(&broken.run.of));
                Err(Error::io("read", path, error))
            }
        }
    }

    /// Fails if an earlier write did.
    pub fn check(&self) -> Result<()> {
        self.failed.get().map_or(Ok(()), |error| Err(error.clone()))
    }
}

/// The length of the block in the section at this place.
pub(super) fn value_len(multihash: &[u8], place: Place) -> usize {
    let len = place.len as usize;
    let least = multihash.len() + 3;
    let fits = (least..least + 5).find(|head| {
        let value = len.checked_sub(*head);
        value.is_some_and(|value| head_len(multihash.len(), value) == *head)
    });
    fits.map_or(0, |head| len - head)
}
