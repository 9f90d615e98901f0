//! Where the bytes of an index are.

use std::ops::Range;
use std::sync::Arc;

use datastore::DiskFile;

use super::{Error, Result};

/// The bytes of an index: in memory, or a part of a file.
#[derive(Clone, Debug)]
pub struct Source(Place);

#[derive(Clone, Debug)]
enum Place {
    Memory(Arc<[u8]>),
    File(Arc<dyn DiskFile>, Range<u64>),
}

impl Source {
    /// These bytes.
    pub fn memory(bytes: impl Into<Arc<[u8]>>) -> Source {
        Source(Place::Memory(bytes.into()))
    }

    /// These bytes of a file.
    pub fn file(file: Arc<dyn DiskFile>, range: Range<u64>) -> Source {
        Source(Place::File(file, range))
    }

    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        match &self.0 {
            Place::Memory(bytes) => bytes.len() as u64,
            Place::File(_, range) => range.end.saturating_sub(range.start),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `len` bytes from `at` on; asked for what is not there, an error.
    pub(super) fn read(&self, at: u64, len: u64) -> Result<Vec<u8>> {
        let end = at.checked_add(len).filter(|end| *end <= self.len());
        let Some(end) = end else {
            return Err(self.damaged(at, format!("{len} bytes of it are missing")));
        };
        match &self.0 {
            Place::Memory(bytes) => {
                let bytes = bytes.get(at as usize..end as usize);
                Ok(bytes.unwrap_or_default().to_vec())
            }
            Place::File(file, range) => {
                let bytes = file.read_vec(range.start + at, len);
                bytes.map_err(|error| Error::io("read the index", error))
            }
        }
    }

    /// What is wrong at byte `at`, which is told as a place in the file.
    pub(super) fn damaged(&self, at: u64, reason: impl Into<String>) -> Error {
        let start = match &self.0 {
            Place::Memory(_) => 0,
            Place::File(_, range) => range.start,
        };
        Error::Index {
            offset: start.saturating_add(at),
            reason: reason.into(),
        }
    }
}
