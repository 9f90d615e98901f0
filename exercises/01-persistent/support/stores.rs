//! Stores around stores: one that notes its calls, and stops on demand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Result};

/// A store in memory that counts, and whose process may be killed.
#[derive(Default)]
pub struct Watched {
    inner: datastore::MemStore,
    /// Keys and batches that were written, reads, syncs: the verbs, in order.
    pub calls: Mutex<Vec<&'static str>>,
    /// Bytes that were put.
    pub bytes: AtomicU64,
    left: Mutex<Option<u64>>,
}

impl Watched {
    /// One that has nothing.
    pub fn new() -> Arc<Watched> {
        Arc::default()
    }

    /// Has the process killed after so many more writes; each key of a batch is one.
    pub fn kill_after(&self, writes: u64) {
        *self.left.lock().unwrap() = Some(writes);
    }

    /// The next process, which may write again.
    pub fn revive(&self) {
        *self.left.lock().unwrap() = None;
    }

    /// How often this was called.
    pub fn count(&self, verb: &str) -> usize {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .filter(|call| **call == verb)
            .count()
    }

    /// The last write or sync.
    pub fn last(&self) -> &'static str {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .rfind(|call| ["put", "delete", "sync"].contains(call))
            .copied()
            .unwrap_or("")
    }

    fn note(&self, verb: &'static str) {
        self.calls.lock().unwrap().push(verb);
    }

    fn write(&self, verb: &'static str) -> Result<()> {
        if let Some(left) = self.left.lock().unwrap().as_mut() {
            let Some(less) = left.checked_sub(1) else {
                return Err(Error::Closed);
            };
            *left = less;
        }
        self.note(verb);
        Ok(())
    }
}

impl Datastore for Watched {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.note("get");
        self.inner.get(key)
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.write("put")?;
        self.bytes.fetch_add(value.len() as u64, Ordering::Relaxed);
        self.inner.put(key, value)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.write("delete")?;
        self.inner.delete(key)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        self.note("query");
        self.inner.query(prefix)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.note("has");
        self.inner.has(key)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.note("size");
        self.inner.size(key)
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        self.note("apply");
        for op in batch {
            match op {
                datastore::Op::Put(key, value) => self.put(&key, &value)?,
                datastore::Op::Delete(key) => self.delete(&key)?,
            }
        }
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        self.note("sync");
        self.inner.sync()
    }

    fn disk_usage(&self) -> Result<u64> {
        self.inner.disk_usage()
    }

    fn close(&self) -> Result<()> {
        self.inner.close()
    }
}

/// All that is in a store.
pub fn all(store: &dyn Datastore) -> Vec<(Key, Bytes)> {
    let mut all: Vec<_> = store
        .query(&Key::root())
        .unwrap()
        .map(|entry| entry.unwrap())
        .collect();
    all.sort();
    all
}

/// The key of a block by sha2-256.
pub fn block_key(block: &[u8]) -> Key {
    use sha2::{Digest, Sha256};
    Key::block(&[&[0x12, 0x20][..], &Sha256::digest(block)].concat()).unwrap()
}

/// A key that is no block's.
pub fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// How many bytes its values have.
pub fn bytes(store: &dyn Datastore) -> usize {
    all(store).iter().map(|(_, value)| value.len()).sum()
}
