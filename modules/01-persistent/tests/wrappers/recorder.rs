//! A store that notes which of its methods were called.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, MemStore, Result};

#[derive(Clone, Default)]
pub struct Recorder {
    inner: Arc<MemStore>,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Recorder {
    /// The calls since the last time.
    pub fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn note(&self, call: &'static str) -> &MemStore {
        self.calls.lock().unwrap().push(call);
        &self.inner
    }
}

#[rustfmt::skip]
impl Datastore for Recorder {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> { self.note("get").get(key) }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> { self.note("put").put(key, value) }
    fn delete(&self, key: &Key) -> Result<()> { self.note("delete").delete(key) }
    fn query(&self, prefix: &Key) -> Result<Entries<'_>> { self.note("query").query(prefix) }
    fn has(&self, key: &Key) -> Result<bool> { self.note("has").has(key) }
    fn size(&self, key: &Key) -> Result<Option<u64>> { self.note("size").size(key) }
    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> { self.note("get_range").get_range(key, range) }
    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> { self.note("get_many").get_many(keys) }
    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> { self.note("keys").keys(prefix) }
    fn apply(&self, batch: Batch) -> Result<()> { self.note("apply").apply(batch) }
    fn sync(&self) -> Result<()> { self.note("sync").sync() }
    fn disk_usage(&self) -> Result<u64> { self.note("disk_usage").disk_usage() }
    fn close(&self) -> Result<()> { self.note("close").close() }
}

/// Calls each method of `store`, with `key`, and says which of them did not arrive at `below` as
/// itself. The value of `key` is there, and `close` comes last.
pub fn lost(store: &dyn Datastore, below: &Recorder, key: &Key) -> Vec<&'static str> {
    let keys = std::slice::from_ref(key);
    let batch = || {
        let mut batch = Batch::new();
        batch.put(key.clone(), "batched");
        batch
    };
    below.take();
    let mut lost = Vec::new();
    let mut after = |call, result: Result<()>| {
        result.unwrap();
        if !below.take().contains(&call) {
            lost.push(call);
        }
    };
    after("put", store.put(key, b"value"));
    after("get_range", store.get_range(key, 0..1).map(drop));
    after("size", store.size(key).map(drop));
    after("has", store.has(key).map(drop));
    after("get_many", store.get_many(keys).map(drop));
    after("delete", store.delete(key));
    after("apply", store.apply(batch()));
    after("get", store.get(key).map(drop));
    after(
        "query",
        store.query(&Key::root()).map(|all| all.for_each(drop)),
    );
    after(
        "keys",
        store.keys(&Key::root()).map(|all| all.for_each(drop)),
    );
    after("sync", store.sync());
    after("disk_usage", store.disk_usage().map(drop));
    after("close", store.close());
    lost
}
