//! The n-th call fails, of its kind, once or for good, with the error that was asked for.

use datastore::{Batch, Datastore, Error, Key, MemStore};
use persistent::wrappers::{Call, Fault, Faulty};

use crate::{block, key};

fn eio() -> Error {
    Error::io("write", "/x", std::io::Error::other("EIO"))
}

#[test]
fn the_nth_call_fails_once() {
    let store = Faulty::new(MemStore::new());
    store.fail(Fault::new(2, eio()));
    store.put(&block(1), b"x").unwrap();
    store.get(&block(1)).unwrap();
    let error = store.sync().unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error:?}");
    store.sync().unwrap();
    assert_eq!(store.heal(), 1);
}

#[test]
fn a_kind_fails_for_good_until_it_is_healed() {
    let store = Faulty::new(MemStore::new());
    store.fail(Fault::new(1, Error::Closed).on(Call::Write).for_good());
    store.put(&block(1), b"x").unwrap();
    store.get(&block(1)).unwrap();
    assert!(matches!(store.delete(&block(1)), Err(Error::Closed)));
    assert!(matches!(store.put(&block(1), b"y"), Err(Error::Closed)));
    assert!(matches!(store.apply(Batch::new()), Err(Error::Closed)));
    assert_eq!(store.get(&block(1)).unwrap().unwrap(), "x");
    assert_eq!(store.heal(), 3);
    store.delete(&block(1)).unwrap();
}

#[test]
fn every_call_is_of_a_kind() {
    let store = Faulty::new(MemStore::new());
    let a = key("/a");
    let fails = |call| {
        store.fail(Fault::new(0, eio()).on(call).for_good());
        let results = [
            store.get(&a).is_err(),
            store.has(&a).is_err(),
            store.size(&a).is_err(),
            store.get_range(&a, 0..1).is_err(),
            store.get_many(std::slice::from_ref(&a)).is_err(),
            store.put(&a, b"").is_err(),
            store.delete(&a).is_err(),
            store.apply(Batch::new()).is_err(),
            store.query(&Key::root()).is_err(),
            store.keys(&Key::root()).is_err(),
            store.sync().is_err(),
            store.disk_usage().is_err(),
        ];
        let count = results.iter().filter(|failed| **failed).count() as u64;
        assert_eq!(store.heal(), count);
        count
    };
    assert_eq!(
        [
            Call::Read,
            Call::Write,
            Call::Enumerate,
            Call::Sync,
            Call::Measure,
            Call::Close
        ]
        .map(fails),
        [5, 3, 2, 1, 1, 0]
    );
    store.fail(Fault::new(0, eio()).on(Call::Close));
    assert!(store.close().is_err());
    store.close().unwrap();
}

#[test]
fn a_batch_may_be_done_by_half() {
    let store = Faulty::new(MemStore::new());
    let mut batch = Batch::new();
    (0..5).for_each(|n| batch.put(block(n), vec![]));
    store.fail(Fault::new(0, eio()).midway(2));
    assert!(store.apply(batch.clone()).is_err());
    let there = || (0..5).filter(|n| store.has(&block(*n)).unwrap()).count();
    assert_eq!(there(), 2);
    store.apply(batch).unwrap();
    assert_eq!(there(), 5);
}
