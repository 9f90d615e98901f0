//! The engine that forgets: a map in memory.
//!
//! ```text
//! on disk: nothing
//! a put:   lock the map, put the value in it
//! ```
//!
//! It is for tests, caches and trying things out, and it is what every other engine is compared
//! with: [`MemStore`] behind the seam. There is nothing to flush, so every promise about a
//! power cut is void here.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, MemStore, Result};

use crate::engine::{Engine, Flush};

/// The name that selects this engine.
pub const NAME: &str = "memory";

/// Keys and values in memory, gone when dropped. A batch is all or nothing to every reader.
#[derive(Debug, Default)]
pub struct Memory {
    map: Arc<MemStore>,
}

impl Memory {
    /// An empty engine.
    pub fn new() -> Memory {
        Memory::default()
    }
}

impl Engine for Memory {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.map.get(key)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.map.size(key)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.map.has(key)
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.map.get_range(key, range)
    }

    fn write(&self, batch: &Batch, _: Flush) -> Result<()> {
        // Cloning an operation copies no value: values are counted references.
        self.map.apply(batch.clone())
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'static>> {
        // `MemStore` lends its iterator, and this one must own what it reads: so the keys are
        // taken first, 48 bytes each, and the values as they are reached.
        let map = self.map.clone();
        let keys = map.keys(prefix)?.collect::<Result<Vec<Key>>>()?;
        Ok(Box::new(keys.into_iter().filter_map(move |key| {
            // One that was deleted meanwhile does not appear.
            match map.get(&key) {
                Ok(value) => value.map(|value| Ok((key, value))),
                Err(error) => Some(Err(error)),
            }
        })))
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'static>> {
        let keys = self.map.keys(prefix)?.collect::<Result<Vec<Key>>>()?;
        Ok(Box::new(keys.into_iter().map(Ok)))
    }

    fn disk_usage(&self) -> Result<u64> {
        Ok(0)
    }

    fn close(&self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::direct::Direct;

    datastore::contract!(memory, || ((), Direct::new(Memory::new())));
}
