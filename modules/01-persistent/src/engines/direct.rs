//! An engine held to the contract of datastores, with nothing of the wrapper between them.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, Result};

use crate::engine::{Engine, Flush};

/// The engine `E` as a datastore whose writes wait for nothing.
pub(crate) struct Direct<E> {
    engine: E,
    closed: AtomicBool,
}

impl<E: Engine> Direct<E> {
    pub(crate) fn new(engine: E) -> Direct<E> {
        Direct {
            engine,
            closed: AtomicBool::new(false),
        }
    }

    fn open(&self) -> Result<&E> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Closed);
        }
        Ok(&self.engine)
    }
}

impl<E: Engine> Datastore for Direct<E> {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.open()?.get(key)
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        let mut batch = Batch::new();
        batch.put(key.clone(), Bytes::copy_from_slice(value));
        self.apply(batch)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete(key.clone());
        self.apply(batch)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        self.open()?.query(prefix)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.open()?.has(key)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.open()?.size(key)
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.open()?.get_range(key, range)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let engine = self.open()?;
        keys.iter().map(|key| engine.get(key)).collect()
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        self.open()?.keys(prefix)
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        self.open()?.write(&batch, Flush::No)
    }

    fn sync(&self) -> Result<()> {
        self.open()?.flush()
    }

    fn disk_usage(&self) -> Result<u64> {
        self.open()?.disk_usage()
    }

    fn close(&self) -> Result<()> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.engine.close()
    }
}
