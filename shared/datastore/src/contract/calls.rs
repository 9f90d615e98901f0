//! What a store makes of batches, of threads, and of its end.

use std::sync::Arc;
use std::thread;

use bytes::Bytes;

use super::{block, key, value};
use crate::{Batch, Datastore, Error, Key, Op};

/// Promise 6: a batch has the effect of its writes one by one, in order.
pub fn a_batch_is_its_writes_in_order(store: Arc<dyn Datastore>) {
    store.put(&key("/old"), b"old").unwrap();
    store.put(&block(1), b"old").unwrap();
    let ops = [
        Op::Put(block(2), "first".into()),
        Op::Put(block(2), "second".into()),
        Op::Delete(block(1)),
        Op::Put(block(3), "put, then deleted".into()),
        Op::Delete(block(3)),
        Op::Delete(key("/old")),
        Op::Put(key("/old"), "deleted, then put".into()),
        Op::Delete(key("/absent")),
        Op::Put(key("/empty"), Bytes::new()),
        Op::Put(block(4), Bytes::new()),
        Op::Delete(block(5)),
        Op::Put(block(5), "deleted, then put".into()),
    ];
    store.apply(ops.into_iter().collect()).unwrap();
    let get = |key: &Key| store.get(key).unwrap();
    assert_eq!(get(&block(1)), None);
    assert_eq!(get(&block(2)).unwrap(), "second");
    assert_eq!(get(&block(3)), None);
    assert_eq!(get(&block(4)).unwrap(), "");
    assert_eq!(get(&block(5)).unwrap(), "deleted, then put");
    assert_eq!(get(&key("/old")).unwrap(), "deleted, then put");
    assert_eq!(get(&key("/empty")).unwrap(), "");
    store.apply(Batch::new()).unwrap();
}

/// Promise 8: many threads may call at once, and no write is lost.
pub fn many_threads_may_call_at_once(store: Arc<dyn Datastore>) {
    const THREADS: u32 = 8;
    const EACH: u32 = 25;
    thread::scope(|scope| {
        for t in 0..THREADS {
            let store = &store;
            scope.spawn(move || {
                for i in 0..EACH {
                    let n = t * EACH + i;
                    if i % 5 == 4 {
                        let mut batch = Batch::new();
                        batch.put(block(n), value(n, 300));
                        batch.put(key(&format!("/t/{n}")), value(n, 9));
                        store.apply(batch).unwrap();
                    } else {
                        store.put(&block(n), &value(n, 300)).unwrap();
                    }
                    assert!(store.get(&block(n)).unwrap().unwrap() == value(n, 300));
                }
            });
        }
    });
    for n in 0..THREADS * EACH {
        assert!(
            store
                .get(&block(n))
                .unwrap()
                .is_some_and(|v| v == value(n, 300)),
            "put {n}"
        );
    }
    assert_eq!(
        store.keys(&key("/t")).unwrap().count() as u32,
        THREADS * EACH / 5
    );
}

/// Promise 8: while a value is replaced, a reader sees the old one or the new one, whole.
pub fn a_get_sees_a_whole_value_or_none(store: Arc<dyn Datastore>) {
    let writes = 40u32;
    for key in [block(1), key("/a")] {
        store.put(&key, &[0u8; 20_000]).unwrap();
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for n in 1..=writes {
                    store.put(&key, &[n as u8; 20_000]).unwrap();
                }
            });
            while !writer.is_finished() {
                let got = store.get(&key).unwrap().expect("it was there all the time");
                assert_eq!(got.len(), 20_000, "a part of a value");
                assert!(got.iter().all(|b| *b == got[0]), "a mixture of two values");
            }
        });
        assert!(store.get(&key).unwrap().unwrap() == [writes as u8; 20_000][..]);
    }
}

/// `sync` and `disk_usage` answer, on an empty store and after writes.
pub fn sync_and_disk_usage_answer(store: Arc<dyn Datastore>) {
    store.sync().unwrap();
    store.put(&block(1), &value(1, 10_000)).unwrap();
    store.put(&key("/a"), b"x").unwrap();
    store.sync().unwrap();
    // What it says differs by engine: 0 in memory, whole preallocated journals on disk.
    store.disk_usage().unwrap();
    assert!(store.get(&block(1)).unwrap().is_some());
}

/// Promise 9: after a close every call is a typed error, and closing again succeeds.
pub fn use_after_close_is_a_typed_error(store: Arc<dyn Datastore>) {
    let a = key("/a");
    store.put(&a, b"x").unwrap();
    store.put(&block(1), b"x").unwrap();
    store.close().unwrap();
    store.close().unwrap();
    let mut batch = Batch::new();
    batch.put(a.clone(), "y");
    for key in [a, block(1)] {
        let answers = [
            ("get", store.get(&key).err()),
            ("put", store.put(&key, b"y").err()),
            ("delete", store.delete(&key).err()),
            ("has", store.has(&key).err()),
            ("size", store.size(&key).err()),
            ("get_range", store.get_range(&key, 0..1).err()),
            ("get_many", store.get_many(std::slice::from_ref(&key)).err()),
            ("query", store.query(&Key::root()).err()),
            ("keys", store.keys(&Key::root()).err()),
            ("apply", store.apply(batch.clone()).err()),
            ("sync", store.sync().err()),
            ("disk_usage", store.disk_usage().err()),
        ];
        for (call, error) in answers {
            assert!(
                matches!(error, Some(Error::Closed)),
                "{call} after close: {error:?}"
            );
        }
    }
}
