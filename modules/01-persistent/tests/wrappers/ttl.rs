//! What has expired is absent to every call, also to a later process, and is swept.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use datastore::{Batch, Datastore, Error, Key, MemStore};
use persistent::wrappers::Ttl;

use crate::{Clock, all, block, key};

const HOUR: u64 = 3600;

fn hour() -> Option<Duration> {
    Some(Duration::from_secs(HOUR))
}

fn ttl(store: &Arc<MemStore>, clock: &Clock) -> Ttl<Arc<MemStore>> {
    Ttl::new(Arc::clone(store), hour()).with_clock(clock.read())
}

#[test]
fn what_has_expired_is_absent_to_every_call() {
    let (below, clock) = (Arc::new(MemStore::new()), Clock::default());
    let store = ttl(&below, &clock);
    let keys = [key("/a"), block(1)];
    let mut batch = Batch::new();
    for key in &keys {
        batch.put(key.clone(), "x");
    }
    store.apply(batch).unwrap();
    store.put_for(&key("/stays"), b"y", None).unwrap();
    clock.pass(HOUR - 1);
    assert_eq!(all(&store), [key("/a"), key("/stays"), block(1)]);
    assert_eq!(
        store.get_many(&keys).unwrap(),
        [Some("x".into()), Some("x".into())]
    );
    let until = UNIX_EPOCH + Duration::from_secs(1_000_000 + HOUR);
    assert_eq!(store.expiry(&block(1)).unwrap(), Some(until));
    assert_eq!(store.expiry(&key("/stays")).unwrap(), None);

    clock.pass(1);
    for key in &keys {
        assert_eq!(store.get(key).unwrap(), None);
        assert!(!store.has(key).unwrap());
        assert_eq!(store.size(key).unwrap(), None);
        assert_eq!(store.get_range(key, 0..1).unwrap(), None);
        assert_eq!(store.expiry(key).unwrap(), None);
    }
    assert_eq!(store.get_many(&keys).unwrap(), [None, None]);
    assert_eq!(all(&store), [key("/stays")]);
    assert_eq!(store.query(&Key::root()).unwrap().count(), 1);
    assert_eq!(store.query(&Key::blocks()).unwrap().count(), 0);
}

#[test]
fn expiry_outlives_the_process_and_a_sweep_makes_room() {
    let (below, clock) = (Arc::new(MemStore::new()), Clock::default());
    for n in 0..600 {
        ttl(&below, &clock).put(&block(n), b"x").unwrap();
    }
    let store = ttl(&below, &clock);
    store.put_for(&block(1000), b"x", None).unwrap();
    clock.pass(HOUR);
    store.put(&block(0), b"anew").unwrap();
    let later = ttl(&below, &clock);
    assert_eq!(all(&later).len(), 2);
    assert_eq!(later.sweep().unwrap(), 599);
    assert_eq!(later.sweep().unwrap(), 0);
    assert_eq!(later.get(&block(0)).unwrap().unwrap(), "anew");
    // Two values and one expiry.
    assert_eq!(all(&*below).len(), 3);
}

#[test]
fn a_put_sets_the_expiry_anew_and_a_delete_forgets_it() {
    let (below, clock) = (Arc::new(MemStore::new()), Clock::default());
    let store = ttl(&below, &clock);
    for key in [key("/a"), block(1)] {
        store.put(&key, b"1").unwrap();
        clock.pass(HOUR / 2);
        store.put(&key, b"2").unwrap();
        clock.pass(HOUR / 2);
        assert_eq!(store.get(&key).unwrap().unwrap(), "2");
        store.put_for(&key, b"3", None).unwrap();
        clock.pass(HOUR);
        assert_eq!(store.get(&key).unwrap().unwrap(), "3");
        store.put(&key, b"4").unwrap();
        store.delete(&key).unwrap();
        assert_eq!(all(&*below), []);
    }
}

#[test]
fn its_own_keys_are_neither_written_nor_seen() {
    let (below, clock) = (Arc::new(MemStore::new()), Clock::default());
    let store = ttl(&below, &clock);
    store.put(&key("/a"), b"x").unwrap();
    let own = key("/expires/a");
    assert!(below.has(&own).unwrap());
    assert!(!store.has(&own).unwrap());
    assert_eq!(store.get_many(std::slice::from_ref(&own)).unwrap(), [None]);
    for key in [own, key("/expires")] {
        assert!(matches!(
            store.put(&key, b""),
            Err(Error::InvalidKey { .. })
        ));
        assert!(matches!(store.delete(&key), Err(Error::InvalidKey { .. })));
    }
    assert_eq!(store.keys(&key("/expires")).unwrap().count(), 0);
}

#[test]
fn an_expiry_that_is_no_time_is_named() {
    let (below, clock) = (Arc::new(MemStore::new()), Clock::default());
    let store = ttl(&below, &clock);
    below.put(&key("/expires/a"), b"soon").unwrap();
    match store.get(&key("/a")).unwrap_err() {
        Error::Corrupt { path, .. } => assert_eq!(path.to_string_lossy(), "/expires/a"),
        other => panic!("{other:?}"),
    }
}

/// A key that is too long to stand below `/expires` has no expiry.
#[test]
fn a_key_without_room_for_an_expiry_is_put_for_good_or_not_at_all() {
    let (below, clock) = (Arc::new(MemStore::new()), Clock::default());
    let store = ttl(&below, &clock);
    let fits = key(&format!("/{}", "x".repeat(1015)));
    let long = key(&format!("/{}", "x".repeat(1016)));
    store.put(&fits, b"x").unwrap();
    for end in [store.put(&long, b"x"), store.put_for(&long, b"x", hour())] {
        match end.unwrap_err() {
            Error::InvalidKey { key, .. } => assert_eq!(key, long.to_string()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.get(&long).unwrap(), None);
    assert!(!store.has(&long).unwrap());
    assert_eq!(store.size(&long).unwrap(), None);
    assert_eq!(store.get_many(std::slice::from_ref(&long)).unwrap(), [None]);
    store.delete(&long).unwrap();

    store.put_for(&long, b"y", None).unwrap();
    clock.pass(2 * HOUR);
    assert_eq!(store.expiry(&long).unwrap(), None);
    assert_eq!(store.get(&long).unwrap().unwrap(), "y");
    let listed = all(&store);
    assert_eq!(listed, std::slice::from_ref(&long), "and stops no listing");
    assert_eq!(store.sweep().unwrap(), 1);
    store.delete(&long).unwrap();
    assert_eq!(all(&*below), []);
}
