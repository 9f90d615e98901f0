//! The cache answers from memory, within its bytes, and never what is no longer so.

use datastore::{Batch, Datastore, Error, MemStore};
use persistent::wrappers::{Cache, Call, Fault, Faulty};

use crate::recorder::Recorder;
use crate::{block, key};

#[test]
fn what_was_read_is_answered_from_memory() {
    let below = Recorder::default();
    let store = Cache::new(below.clone(), 1 << 20);
    store.put(&block(1), b"0123").unwrap();
    store.get(&block(1)).unwrap();
    store.has(&block(2)).unwrap();
    store.get_many(&[key("/a"), key("/b")]).unwrap();
    below.take();
    assert_eq!(store.get(&block(1)).unwrap().unwrap(), "0123");
    assert_eq!(store.get_range(&block(1), 1..3).unwrap().unwrap(), "12");
    assert_eq!(store.size(&block(1)).unwrap(), Some(4));
    assert!(store.has(&block(1)).unwrap());
    for absent in [block(2), key("/a"), key("/b")] {
        assert!(!store.has(&absent).unwrap());
        assert_eq!(store.get(&absent).unwrap(), None);
    }
    let all = [block(1), key("/b")];
    assert_eq!(store.get_many(&all).unwrap(), [Some("0123".into()), None]);
    assert_eq!(below.take(), [] as [&str; 0]);

    let mixed = [block(1), block(9), key("/b")];
    assert_eq!(store.get_many(&mixed).unwrap().len(), 3);
    assert_eq!(below.take(), ["get_many"]);
}

#[test]
fn a_write_is_seen_at_once() {
    let store = Cache::new(MemStore::new(), 1 << 20);
    for key in [block(1), key("/a")] {
        for round in 0..3u8 {
            assert_eq!(store.get(&key).unwrap(), None);
            store.put(&key, &[round]).unwrap();
            assert_eq!(store.get(&key).unwrap().unwrap(), [round][..]);
            let mut batch = Batch::new();
            batch.put(key.clone(), vec![round, round]);
            store.apply(batch).unwrap();
            assert_eq!(store.size(&key).unwrap(), Some(2));
            store.delete(&key).unwrap();
            assert!(!store.has(&key).unwrap());
        }
    }
}

/// A write that failed may have been done all the same: only the store knows.
#[test]
fn after_a_write_that_failed_the_store_is_asked() {
    let store = Cache::new(Faulty::new(MemStore::new()), 1 << 20);
    let error = || Error::io("flush", "/x", std::io::Error::other("EIO"));
    store.put(&block(1), b"old").unwrap();
    store.get(&block(1)).unwrap();
    let mut batch = Batch::new();
    batch.put(block(1), "new");
    batch.put(block(2), "new");
    store
        .inner()
        .fail(Fault::new(0, error()).on(Call::Write).midway(1));
    assert!(store.apply(batch).is_err());
    assert_eq!(store.get(&block(1)).unwrap().unwrap(), "new");
    assert_eq!(store.get(&block(2)).unwrap(), None);

    store.inner().fail(Fault::new(0, error()).on(Call::Read));
    store.put(&block(3), b"x").unwrap();
    assert!(store.get(&block(3)).is_err());
    assert_eq!(
        store.get(&block(3)).unwrap().unwrap(),
        "x",
        "an error is not kept"
    );
}

#[test]
fn it_keeps_within_its_bytes() {
    const BYTES: u64 = 256 << 10;
    let below = Recorder::default();
    let store = Cache::new(below.clone(), BYTES);
    for n in 0..1000 {
        store.put(&block(n), &[n as u8; 2000]).unwrap();
        store.get(&block(n)).unwrap();
        store.has(&block(n + 10_000)).unwrap();
        assert!(store.bytes() <= BYTES, "{}", store.bytes());
    }
    assert!(store.bytes() > BYTES / 2, "{}", store.bytes());
    below.take();
    for n in 0..1000 {
        assert_eq!(store.get(&block(n)).unwrap().unwrap(), [n as u8; 2000][..]);
    }
    let asked = below.take().len();
    assert!(
        (700..1000).contains(&asked),
        "asked the store {asked} of 1,000 times"
    );
    store.close().unwrap();
    assert_eq!(store.bytes(), 0);
}
