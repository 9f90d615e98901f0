//! Calls that go through as they are.

/// The methods of `Datastore` that a wrapper does not change: `forward!(inner: has size)` makes
/// those that call the same one of `self.inner`.
macro_rules! forward {
    ($inner:ident: $($method:ident)+) => { $(forward!(@$method $inner);)+ };
    (@get $inner:ident) => {
        fn get(&self, key: &datastore::Key) -> datastore::Result<Option<bytes::Bytes>> {
            self.$inner.get(key)
        }
    };
    (@put $inner:ident) => {
        fn put(&self, key: &datastore::Key, value: &[u8]) -> datastore::Result<()> {
            self.$inner.put(key, value)
        }
    };
    (@delete $inner:ident) => {
        fn delete(&self, key: &datastore::Key) -> datastore::Result<()> {
            self.$inner.delete(key)
        }
    };
    (@query $inner:ident) => {
        fn query(&self, prefix: &datastore::Key) -> datastore::Result<datastore::Entries<'_>> {
            self.$inner.query(prefix)
        }
    };
    (@has $inner:ident) => {
        fn has(&self, key: &datastore::Key) -> datastore::Result<bool> {
            self.$inner.has(key)
        }
    };
    (@size $inner:ident) => {
        fn size(&self, key: &datastore::Key) -> datastore::Result<Option<u64>> {
            self.$inner.size(key)
        }
    };
    (@get_range $inner:ident) => {
        fn get_range(
            &self,
            key: &datastore::Key,
            range: std::ops::Range<u64>,
        ) -> datastore::Result<Option<bytes::Bytes>> {
            self.$inner.get_range(key, range)
        }
    };
    (@get_many $inner:ident) => {
        fn get_many(
            &self,
            keys: &[datastore::Key],
        ) -> datastore::Result<Vec<Option<bytes::Bytes>>> {
            self.$inner.get_many(keys)
        }
    };
    (@keys $inner:ident) => {
        fn keys(&self, prefix: &datastore::Key) -> datastore::Result<datastore::Keys<'_>> {
            self.$inner.keys(prefix)
        }
    };
    (@apply $inner:ident) => {
        fn apply(&self, batch: datastore::Batch) -> datastore::Result<()> {
            self.$inner.apply(batch)
        }
    };
    (@sync $inner:ident) => {
        fn sync(&self) -> datastore::Result<()> {
            self.$inner.sync()
        }
    };
    (@disk_usage $inner:ident) => {
        fn disk_usage(&self) -> datastore::Result<u64> {
            self.$inner.disk_usage()
        }
    };
    (@close $inner:ident) => {
        fn close(&self) -> datastore::Result<()> {
            self.$inner.close()
        }
    };
}
