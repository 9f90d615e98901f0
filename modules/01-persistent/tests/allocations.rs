//! What stands before every put and get allocates nothing: goal S9.
//!
//! Counted by an allocator of the test's own, around a store that allocates nothing either.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::ops::Range;

use block_cid::Verify;
use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, Result};
use persistent::engine::{Engine, Options};
use persistent::engines::file::File;
use persistent::guard::Cost;
use persistent::wrappers::{Bloom, Faulty, Guard, Measure, Mount, Namespace, Verified};

/// A store that holds one value under every key.
struct Constant;

#[rustfmt::skip]
impl Datastore for Constant {
    fn get(&self, _: &Key) -> Result<Option<Bytes>> { Ok(Some(Bytes::from_static(b"value"))) }
    fn put(&self, _: &Key, _: &[u8]) -> Result<()> { Ok(()) }
    fn delete(&self, _: &Key) -> Result<()> { Ok(()) }
    fn query(&self, _: &Key) -> Result<Entries<'_>> { Ok(Box::new(std::iter::empty())) }
    fn has(&self, _: &Key) -> Result<bool> { Ok(true) }
    fn size(&self, _: &Key) -> Result<Option<u64>> { Ok(Some(5)) }
    fn get_range(&self, _: &Key, _: Range<u64>) -> Result<Option<Bytes>> { Ok(Some(Bytes::new())) }
    fn get_many(&self, _: &[Key]) -> Result<Vec<Option<Bytes>>> { Ok(Vec::new()) }
    fn keys(&self, _: &Key) -> Result<Keys<'_>> { Ok(Box::new(std::iter::empty())) }
    fn apply(&self, _: Batch) -> Result<()> { Ok(()) }
    fn sync(&self) -> Result<()> { Ok(()) }
    fn disk_usage(&self) -> Result<u64> { Ok(0) }
    fn close(&self) -> Result<()> { Ok(()) }
}

/// Allocations of a thousand calls of each kind.
fn allocations(store: &dyn Datastore) -> u64 {
    let value = vec![7; 4096];
    // That of a sha2-256 block, and a short name.
    let keys = [Key::block(&[18; 34]).unwrap(), Key::new("/name").unwrap()];
    let calls = || {
        for key in &keys {
            store.put(key, &value).unwrap();
            store.get(key).unwrap();
            store.has(key).unwrap();
            store.size(key).unwrap();
            store.get_range(key, 0..1).unwrap();
            store.delete(key).unwrap();
            store.sync().unwrap();
        }
    };
    calls();
    let info = allocation_counter::measure(|| (0..1000).for_each(|_| calls()));
    info.count_total
}

#[test]
fn what_stands_before_every_put_and_get_allocates_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = Key::new("/apps/mail").unwrap();
    let built = Bloom::new(Constant);
    built.build(1000).unwrap().finish().unwrap();
    let guard = Guard::new(Constant, dir.path().into(), 0, None, Cost::PLAIN);
    let stores: [(&str, Box<dyn Datastore>); 7] = [
        ("guard", Box::new(guard)),
        ("measure", Box::new(Measure::new(Constant))),
        (
            "namespace",
            Box::new(Namespace::new(Constant, prefix).unwrap()),
        ),
        (
            "verify, off",
            Box::new(Verified::new(Constant, Verify::Never)),
        ),
        ("bloom", Box::new(built)),
        ("mount", Box::new(Mount::new(Constant))),
        ("faulty", Box::new(Faulty::new(Constant))),
    ];
    assert_eq!(allocations(&Constant), 0);
    for (name, store) in stores {
        assert_eq!(
            allocations(&*store),
            0,
            "{name}: allocations in 1,000 rounds"
        );
    }
}

#[test]
fn an_allocation_is_counted() {
    let prefix = Key::new(&format!("/{}", "x".repeat(60))).unwrap();
    let namespace = Namespace::new(Constant, prefix).unwrap();
    // Six calls with a name that is too long for a key without one.
    assert_eq!(allocations(&namespace), 6000);
}

/// Most questions of others are for blocks that are absent.
#[test]
fn a_look_for_a_file_allocates_its_path_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = File::open(&Options::new(dir.path().join("blocks"))).unwrap();
    let key = Key::block(&[18; 34]).unwrap();
    let info = allocation_counter::measure(|| {
        (0..1000).for_each(|_| assert!(!store.has(&key).unwrap()));
    });
    assert_eq!(info.count_total, 1000);
}
