//! A wrapper: a datastore around another, that does one thing more. This one counts.
//!
//! Two rules. Forward every method, the defaulted ones too: one that is left out falls back to its
//! default, and the engine's own atomic batch, or its quick `has`, is lost without a word. And
//! hold the wrapper to `datastore::contract!`, as is done at the foot of this file.
//!
//! `cargo run -p persistent --example wrapper`, and `cargo test -p persistent --example wrapper`.
//! Copy this file to begin an exercise.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, MemStore, Result};

/// Counts the values that are read and written through it.
pub struct Counting<D> {
    inner: D,
    /// Values asked for, there or not.
    pub reads: AtomicU64,
    /// Values put or deleted, alone or in a batch.
    pub writes: AtomicU64,
}

impl<D: Datastore> Counting<D> {
    /// Counts what goes through to `inner`.
    pub fn new(inner: D) -> Counting<D> {
        Counting {
            inner,
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
        }
    }

    fn read(&self, values: usize) -> &D {
        self.reads.fetch_add(values as u64, Relaxed);
        &self.inner
    }

    fn write(&self, values: usize) -> &D {
        self.writes.fetch_add(values as u64, Relaxed);
        &self.inner
    }
}

#[rustfmt::skip]
impl<D: Datastore> Datastore for Counting<D> {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> { self.read(1).get(key) }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> { self.write(1).put(key, value) }
    fn delete(&self, key: &Key) -> Result<()> { self.write(1).delete(key) }
    fn apply(&self, batch: Batch) -> Result<()> { self.write(batch.len()).apply(batch) }
    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> { self.read(keys.len()).get_many(keys) }
    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> { self.read(1).get_range(key, range) }

    // What is not counted goes through as it is.
    fn has(&self, key: &Key) -> Result<bool> { self.inner.has(key) }
    fn size(&self, key: &Key) -> Result<Option<u64>> { self.inner.size(key) }
    fn query(&self, prefix: &Key) -> Result<Entries<'_>> { self.inner.query(prefix) }
    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> { self.inner.keys(prefix) }
    fn sync(&self) -> Result<()> { self.inner.sync() }
    fn disk_usage(&self) -> Result<u64> { self.inner.disk_usage() }
    fn close(&self) -> Result<()> { self.inner.close() }
}

fn main() -> Result<()> {
    let store = Counting::new(MemStore::new());
    let key = Key::new("/settings/name")?;
    store.put(&key, b"Cairn")?;
    println!("{:?}", store.get(&key)?);
    println!(
        "{} written, {} read",
        store.writes.into_inner(),
        store.reads.into_inner()
    );
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    datastore::contract!(counting, || ((), Counting::new(MemStore::new())));

    #[test]
    fn a_batch_counts_as_its_writes_and_get_many_as_its_reads() {
        let store = Counting::new(MemStore::new());
        let [a, b] = ["/a", "/b"].map(|key| Key::new(key).unwrap());
        let mut batch = Batch::new();
        batch.put(a.clone(), vec![1]);
        batch.delete(b.clone());
        store.apply(batch).unwrap();
        store.put(&b, &[2]).unwrap();
        assert_eq!(store.get_many(&[a.clone(), b]).unwrap().len(), 2);
        store.get_range(&a, 0..1).unwrap();
        store.get(&a).unwrap();
        assert_eq!(store.writes.load(Relaxed), 3);
        assert_eq!(store.reads.load(Relaxed), 4);
    }
}
