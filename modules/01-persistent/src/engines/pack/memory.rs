//! A file in memory: a run of a store that is opened for reading, and may not be written to.

use std::io;
use std::sync::{PoisonError, RwLock};

use datastore::DiskFile;
use datastore::disk::{Kind, Meta};

#[derive(Debug, Default)]
pub(super) struct Memory(RwLock<Vec<u8>>);

impl DiskFile for Memory {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let bytes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let from = bytes.get(offset as usize..).unwrap_or_default();
        let len = from.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..len), from.get(..len)) {
            to.copy_from_slice(from);
        }
        Ok(len)
    }

    fn write_at(&self, new: &[u8], offset: u64) -> io::Result<usize> {
        let mut bytes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let (from, to) = (offset as usize, offset as usize + new.len());
        if bytes.len() < to {
            bytes.resize(to, 0);
        }
        if let Some(place) = bytes.get_mut(from..to) {
            place.copy_from_slice(new);
        }
        Ok(new.len())
    }

    fn look(&self) -> io::Result<Meta> {
        let bytes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(Meta {
            kind: Kind::File,
            len: bytes.len() as u64,
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut bytes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        bytes.resize(len as usize, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        Ok(())
    }
}
