//! The filter never says "absent" of what is there, and spares the store the rest.

use datastore::{Batch, Datastore, Entries, Error, Key, Keys, MemStore, Result};
use persistent::wrappers::{Bloom, Call, Fault, Faulty};

use crate::recorder::Recorder;
use crate::{block, key};

fn filled(count: u32) -> MemStore {
    let store = MemStore::new();
    let mut batch = Batch::new();
    (0..count).for_each(|n| batch.put(block(n), vec![]));
    store.apply(batch).unwrap();
    store
}

#[test]
fn an_absent_key_is_answered_without_the_store() {
    let below = Recorder::default();
    let store = Bloom::new(below.clone());
    store.put(&block(1), b"x").unwrap();
    store.build(100).unwrap().finish().unwrap();
    below.take();
    let absent = [block(2), block(3), key("/a")];
    for key in &absent {
        assert!(!store.has(key).unwrap());
        assert_eq!(store.size(key).unwrap(), None);
        assert_eq!(store.get(key).unwrap(), None);
        assert_eq!(store.get_range(key, 0..1).unwrap(), None);
    }
    assert_eq!(store.get_many(&absent).unwrap(), [None, None, None]);
    assert_eq!(below.take(), [] as [&str; 0]);
    let mixed = [block(2), block(1), block(3)];
    assert_eq!(
        store.get_many(&mixed).unwrap(),
        [None, Some("x".into()), None]
    );
}

#[test]
fn half_a_filter_answers_nothing() {
    let store = Bloom::new(filled(1000));
    let mut build = store.build(1000).unwrap();
    for _ in 0..9 {
        assert!(!build.step(100).unwrap());
        assert!(!store.is_active());
        assert!((0..1000).all(|n| store.has(&block(n)).unwrap()));
    }
    // The last step has to see the end as well.
    assert!(build.step(101).unwrap());
    assert!(build.step(1).unwrap(), "done is done");
    assert!(store.is_active());
    assert!((0..1000).all(|n| store.has(&block(n)).unwrap()));
}

#[test]
fn a_build_that_is_dropped_leaves_the_old_filter() {
    let store = Bloom::new(filled(100));
    store.build(100).unwrap().finish().unwrap();
    let mut build = store.build(100).unwrap();
    build.step(50).unwrap();
    store.put(&block(200), b"").unwrap();
    drop(build);
    assert!(store.is_active());
    assert!((0..100).all(|n| store.has(&block(n)).unwrap()));
    assert!(store.has(&block(200)).unwrap());
}

#[test]
fn of_two_builds_the_later_one_counts() {
    let store = Bloom::new(filled(10));
    let first = store.build(10).unwrap();
    let second = store.build(1000).unwrap();
    store.put(&block(50), b"").unwrap();
    first.finish().unwrap();
    assert!(!store.is_active(), "puts go to the second one");
    second.finish().unwrap();
    assert!(store.is_active() && !store.is_full());
    assert!(store.has(&block(50)).unwrap());
}

/// A store whose enumerations fail after a few keys.
struct Breaks(MemStore);

#[rustfmt::skip]
impl Datastore for Breaks {
    fn get(&self, key: &Key) -> Result<Option<bytes::Bytes>> { self.0.get(key) }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> { self.0.put(key, value) }
    fn delete(&self, key: &Key) -> Result<()> { self.0.delete(key) }
    fn query(&self, prefix: &Key) -> Result<Entries<'_>> { self.0.query(prefix) }
    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        let error = Error::io("read", "/x", std::io::Error::other("EIO"));
        Ok(Box::new(self.0.keys(prefix)?.take(3).chain([Err(error)])))
    }
    fn sync(&self) -> Result<()> { self.0.sync() }
    fn disk_usage(&self) -> Result<u64> { self.0.disk_usage() }
    fn close(&self) -> Result<()> { self.0.close() }
}

#[test]
fn a_build_that_fails_answers_nothing() {
    let store = Bloom::new(Breaks(filled(10)));
    let mut build = store.build(10).unwrap();
    assert!(build.step(100).is_err());
    assert!(build.step(100).is_err(), "it cannot be gone on with");
    assert!(!store.is_active());
    assert!((0..10).all(|n| store.has(&block(n)).unwrap()));

    let store = Bloom::new(Faulty::new(filled(10)));
    let error = Error::io("read", "/x", std::io::Error::other("EIO"));
    store.inner().fail(Fault::new(0, error).on(Call::Enumerate));
    assert!(store.build(10).is_err());
    assert!((0..10).all(|n| store.has(&block(n)).unwrap()));
}

#[test]
fn a_full_filter_says_so_and_a_new_one_is_lean() {
    let store = Bloom::new(filled(0));
    store.build(100).unwrap().finish().unwrap();
    for n in 0..300 {
        store.put(&block(n), b"").unwrap();
        store.delete(&block(n)).unwrap();
    }
    assert!(store.is_full());
    // Some were taken for known ones, as the filter was too full to tell.
    assert!((200..=300).contains(&store.added()), "{}", store.added());
    store.build(100).unwrap().finish().unwrap();
    assert!(!store.is_full());
    assert_eq!(store.added(), 0);
}

#[test]
fn at_its_size_few_of_a_thousand_absent_keys_pass() {
    const COUNT: u32 = 20_000;
    let below = Recorder::default();
    let mut batch = Batch::new();
    (0..COUNT).for_each(|n| batch.put(block(n), vec![]));
    below.apply(batch).unwrap();
    let store = Bloom::new(below.clone());
    store.build(COUNT.into()).unwrap().finish().unwrap();
    below.take();
    assert!((0..COUNT).all(|n| store.has(&block(n)).unwrap()));
    assert_eq!(below.take().len(), COUNT as usize);
    assert!((COUNT..2 * COUNT).all(|n| !store.has(&block(n)).unwrap()));
    let passed = below.take().len() as f64 / f64::from(COUNT);
    assert!(
        (0.001..0.01).contains(&passed),
        "{passed} of the absent keys pass"
    );
}
