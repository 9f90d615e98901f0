//! 01-2: a store in memory, to the full contract of `Datastore`.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Op, Result};

/// Keys and values in memory. `None` once it is closed.
#[derive(Debug)]
pub struct MemStore {
    map: RwLock<Option<BTreeMap<Key, Bytes>>>,
}

impl MemStore {
    /// An empty store.
    pub fn new() -> MemStore {
        //~ todo: an empty map, open
        MemStore {
            map: RwLock::new(Some(BTreeMap::new())),
        }
        //~ end
    }
    //~ blank: one helper for reading and one for writing, with Error::Closed in both

    fn read<T>(&self, with: impl FnOnce(&BTreeMap<Key, Bytes>) -> T) -> Result<T> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        map.as_ref().map(with).ok_or(Error::Closed)
    }

    fn write<T>(&self, with: impl FnOnce(&mut BTreeMap<Key, Bytes>) -> T) -> Result<T> {
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        map.as_mut().map(with).ok_or(Error::Closed)
    }
    //~ end
}

impl Default for MemStore {
    fn default() -> MemStore {
        MemStore::new()
    }
}

impl Datastore for MemStore {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        //~ todo: a Bytes is cheap to clone
        self.read(|map| map.get(key).cloned())
        //~ end
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        //~ todo: the caller keeps its buffer
        let value = Bytes::copy_from_slice(value);
        self.write(|map| map.insert(key.clone(), value)).map(drop)
        //~ end
    }

    fn delete(&self, key: &Key) -> Result<()> {
        //~ todo: an absent key is no error
        self.write(|map| map.remove(key)).map(drop)
        //~ end
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        //~ todo: strict children; first the keys that are no blocks, in order
        let mut found = self.read(|map| {
            let below = map.iter().filter(|(key, _)| key.is_below(prefix));
            below
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect::<Vec<_>>()
        })?;
        // Stable, so that the order of keys stays within each half.
        found.sort_by_key(|(key, _)| key.as_block().is_some());
        Ok(Box::new(found.into_iter().map(Ok)))
        //~ end
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        //~ todo: all of it under one lock, in order
        self.write(|map| {
            for op in batch {
                match op {
                    Op::Put(key, value) => map.insert(key, value),
                    Op::Delete(key) => map.remove(&key),
                };
            }
        })
        //~ end
    }

    fn sync(&self) -> Result<()> {
        //~ todo: nothing is to be done, unless it is closed
        self.read(|_| ())
        //~ end
    }

    fn disk_usage(&self) -> Result<u64> {
        //~ todo: in memory, 0
        self.read(|_| 0)
        //~ end
    }

    fn close(&self) -> Result<()> {
        //~ todo: twice is fine
        *self.map.write().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
        //~ end
    }
}
