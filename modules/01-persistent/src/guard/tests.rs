use super::*;
use datastore::MemStore;

fn guard(dir: &tempfile::TempDir, min_free: u64, quota: Option<u64>) -> Guard<MemStore> {
    Guard::new(
        MemStore::new(),
        dir.path().into(),
        min_free,
        quota,
        Cost::PLAIN,
    )
}

datastore::contract!(guarded, || {
    let dir = tempfile::tempdir().unwrap();
    let store = guard(&dir, 0, None);
    (dir, store)
});

#[test]
fn the_file_system_is_asked_once_per_8_mib() {
    let dir = tempfile::tempdir().unwrap();
    let guard = guard(&dir, 0, None);
    let value = vec![0; 64 << 10];
    for n in 0..512u64 {
        guard
            .put(&Key::block(&n.to_be_bytes()).unwrap(), &value)
            .unwrap();
    }
    // 32 MiB and keys.
    assert!(
        (1..=5).contains(&guard.looks()),
        "{} looks for 32 MiB",
        guard.looks()
    );
}

#[test]
fn a_write_that_would_leave_too_little_is_refused_and_reads_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let key = Key::new("/a").unwrap();
    let inner = MemStore::new();
    inner.put(&key, b"old").unwrap();
    let guard = Guard::new(inner, dir.path().into(), u64::MAX, None, Cost::PLAIN);
    match guard.put(&key, b"new").unwrap_err() {
        Error::StorageFull {
            path,
            available: 0,
            needed: 5,
            limit: Limit::Disk,
        } => {
            assert_eq!(path, dir.path());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(guard.get(&key).unwrap().unwrap(), "old");
    guard.delete(&key).unwrap();
}

#[test]
fn a_quota_is_kept_and_writing_resumes_after_a_delete() {
    /// Says that it takes what was put, less what was deleted.
    struct Sized(MemStore);
    impl Datastore for Sized {
        fn get(&self, key: &Key) -> Result<Option<Bytes>> {
            self.0.get(key)
        }
        fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
            self.0.put(key, value)
        }
        fn delete(&self, key: &Key) -> Result<()> {
            self.0.delete(key)
        }
        fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
            self.0.query(prefix)
        }
        fn sync(&self) -> Result<()> {
            self.0.sync()
        }
        fn disk_usage(&self) -> Result<u64> {
            Ok(self
                .query(&Key::root())?
                .map(|e| e.map_or(0, |(_, v)| v.len() as u64))
                .sum())
        }
        fn close(&self) -> Result<()> {
            self.0.close()
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let guard = Guard::new(
        Sized(MemStore::new()),
        dir.path().into(),
        0,
        Some(10_000),
        Cost::PLAIN,
    );
    let key = |n: u8| Key::block(&[n]).unwrap();
    let mut stored = 0;
    let error = loop {
        match guard.put(&key(stored), &[0; 1000]) {
            Ok(()) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored <= 10, "the quota does not hold");
    };
    assert!(stored >= 8, "only {stored} of 10,000 bytes");
    assert!(
        matches!(
            error,
            Error::StorageFull {
                limit: Limit::Quota,
                ..
            }
        ),
        "{error:?}"
    );
    guard.delete(&key(0)).unwrap();
    guard.put(&key(stored), &[0; 500]).unwrap();
}
