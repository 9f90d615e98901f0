//! The promises of a datastore, of every wrapper. Each that can be in several states is held to
//! them in each.

use std::sync::Arc;
use std::time::Duration;

use block_cid::Verify;
use datastore::{Batch, Datastore, MemStore, Result};
use persistent::wrappers::tiered::Limits;
use persistent::wrappers::{
    Bloom, Cache, Faulty, Measure, Mount, Namespace, ReadOnly, Tiered, Ttl, Verified,
};

use crate::key;

datastore::contract!(cache, || ((), Cache::new(MemStore::new(), 64 << 20)));
datastore::contract!(cache_that_is_too_small, || (
    (),
    Cache::new(MemStore::new(), 4096)
));
datastore::contract!(bloom_inactive, || ((), Bloom::new(MemStore::new())));
datastore::contract!(bloom, || ((), built(1000)));
datastore::contract!(bloom_that_is_full, || ((), built(1)));
datastore::contract!(namespace, || ((), in_namespace()));
datastore::contract!(mount, || ((), mounted()));
datastore::contract!(tiered, || ((), tiers(1 << 30)));
datastore::contract!(tiered_that_is_full, || ((), tiers(1000)));
datastore::contract!(ttl_for_ever, || ((), Ttl::new(MemStore::new(), None)));
datastore::contract!(ttl, || ((), expiring()));
datastore::contract!(measure, || ((), Measure::new(MemStore::new())));
datastore::contract!(verify_off, || (
    (),
    Verified::new(MemStore::new(), Verify::Never)
));
datastore::contract!(faulty, || ((), Faulty::new(MemStore::new())));
datastore::contract!(readonly, || ((), ReadBack::new()));
datastore::contract!(all_of_them, || (
    (),
    Measure::new(Cache::new(
        Bloom::new(Namespace::new(tiers(4096), key("/ns")).unwrap()),
        1 << 20
    ))
));

pub fn built(keys: u64) -> Bloom<MemStore> {
    let bloom = Bloom::new(MemStore::new());
    bloom.build(keys).unwrap().finish().unwrap();
    assert!(bloom.is_active());
    bloom
}

pub fn in_namespace() -> Namespace<MemStore> {
    let store = MemStore::new();
    // Neighbours, which must not be seen.
    store.put(&key("/n"), b"no").unwrap();
    store.put(&key("/n/s"), b"no").unwrap();
    store.put(&key("/n/sa/a"), b"no").unwrap();
    store.put(&key("/n/s/blocks/a"), b"no").unwrap();
    Namespace::new(store, key("/n/s")).unwrap()
}

pub fn mounted() -> Mount<MemStore> {
    let root = MemStore::new();
    // What the mounts below hide.
    root.put(&key("/foo/hidden"), b"no").unwrap();
    root.put(&crate::block(77), b"no").unwrap();
    Mount::new(root)
        .with(datastore::Key::blocks(), MemStore::new())
        .unwrap()
        .with(key("/foo"), MemStore::new())
        .unwrap()
        .with(key("/foo/a"), MemStore::new())
        .unwrap()
        .with(key("/m"), MemStore::new())
        .unwrap()
}

pub fn tiers(bytes: u64) -> Tiered<MemStore> {
    let limits = |bytes| Limits { bytes, idle: None };
    let bounded = vec![
        (MemStore::new(), limits(bytes)),
        (MemStore::new(), limits(bytes.saturating_mul(4))),
    ];
    Tiered::open(bounded, MemStore::new()).unwrap()
}

pub fn expiring() -> Ttl<MemStore> {
    Ttl::new(MemStore::new(), Some(Duration::from_secs(3600)))
}

/// Writes beside a read-only store and reads through it: the half of the contract that it keeps.
struct ReadBack {
    writes: Arc<MemStore>,
    reads: ReadOnly<Arc<MemStore>>,
}

impl ReadBack {
    fn new() -> ReadBack {
        let writes = Arc::new(MemStore::new());
        let reads = ReadOnly::new(Arc::clone(&writes), "memory", "for reading");
        ReadBack { writes, reads }
    }

    /// What the read-only store must say to a write: that it is one, or that it is closed.
    fn refused(&self, result: Result<()>) {
        use datastore::Error::{Closed, ReadOnly};
        let open = self.writes.sync().is_ok();
        match result {
            Err(ReadOnly { .. }) if open => {}
            Err(Closed) if !open => {}
            other => panic!("{other:?}"),
        }
    }
}

impl Datastore for ReadBack {
    fn get(&self, key: &datastore::Key) -> Result<Option<bytes::Bytes>> {
        self.reads.get(key)
    }
    fn put(&self, key: &datastore::Key, value: &[u8]) -> Result<()> {
        self.refused(self.reads.put(key, b"not this"));
        self.writes.put(key, value)
    }
    fn delete(&self, key: &datastore::Key) -> Result<()> {
        self.refused(self.reads.delete(key));
        self.writes.delete(key)
    }
    fn query(&self, prefix: &datastore::Key) -> Result<datastore::Entries<'_>> {
        self.reads.query(prefix)
    }
    fn has(&self, key: &datastore::Key) -> Result<bool> {
        self.reads.has(key)
    }
    fn size(&self, key: &datastore::Key) -> Result<Option<u64>> {
        self.reads.size(key)
    }
    fn get_range(
        &self,
        key: &datastore::Key,
        range: std::ops::Range<u64>,
    ) -> Result<Option<bytes::Bytes>> {
        self.reads.get_range(key, range)
    }
    fn get_many(&self, keys: &[datastore::Key]) -> Result<Vec<Option<bytes::Bytes>>> {
        self.reads.get_many(keys)
    }
    fn keys(&self, prefix: &datastore::Key) -> Result<datastore::Keys<'_>> {
        self.reads.keys(prefix)
    }
    fn apply(&self, batch: Batch) -> Result<()> {
        self.refused(self.reads.apply(batch.clone()));
        self.writes.apply(batch)
    }
    fn sync(&self) -> Result<()> {
        self.reads.sync()
    }
    fn disk_usage(&self) -> Result<u64> {
        self.reads.disk_usage()
    }
    fn close(&self) -> Result<()> {
        self.reads.close()
    }
}
