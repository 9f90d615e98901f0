//! The promises of [`Datastore`] as tests.
//!
//! [`contract!`](crate::contract!) holds a store to every one of them:
//!
//! ```
//! # mod tests {
//! # use datastore::MemStore;
//! datastore::contract!(memory, || ((), MemStore::new()));
//! # }
//! ```
//!
//! The expression is a closure that makes a fresh store, together with whatever must outlive it
//! (a temporary folder, or `()`). Each promise becomes one test of the module that the first
//! word names, so that a failure says which promise is broken.
//!
//! A check is proven by stores that break its promise on purpose: `tests/mutants.rs` has one for
//! each, and fails if it goes unnoticed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;

use crate::{Batch, Datastore, Error, Key, Op};

/// One promise: its name and the check, which panics if a store does not keep it.
pub type Check = (&'static str, fn(Arc<dyn Datastore>));

/// Makes one test of each promise for a store; see [the module](self).
#[macro_export]
macro_rules! contract {
    ($name:ident, $make:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $crate::contract!(@tests $make;
                what_was_put_is_what_is_got
                an_absent_key_is_none
                a_later_put_replaces
                a_delete_forgets
                delete_is_idempotent
                has_and_size_agree_with_get
                a_range_is_cut_where_the_value_ends
                get_many_answers_in_order
                a_query_gives_strict_children_once
                other_keys_come_first_and_in_order
                blocks_are_enumerated
                keys_agree_with_query
                a_query_under_writes_gives_what_stays
                a_batch_is_its_writes_in_order
                the_callers_buffer_is_not_kept
                many_threads_may_call_at_once
                a_get_sees_a_whole_value_or_none
                sync_and_disk_usage_answer
                use_after_close_is_a_typed_error
            );
        }
    };
    (@tests $make:expr; $($check:ident)*) => {$(
        #[test]
        fn $check() {
            let (_guard, store) = ($make)();
            $crate::contract::$check(std::sync::Arc::new(store));
        }
    )*};
}

macro_rules! checks {
    ($($check:ident)*) => {
        /// Every promise, in the order of the trait's documentation.
        pub const CHECKS: &[Check] = &[$((stringify!($check), $check)),*];
    };
}

checks! {
    what_was_put_is_what_is_got
    an_absent_key_is_none
    a_later_put_replaces
    a_delete_forgets
    delete_is_idempotent
    has_and_size_agree_with_get
    a_range_is_cut_where_the_value_ends
    get_many_answers_in_order
    a_query_gives_strict_children_once
    other_keys_come_first_and_in_order
    blocks_are_enumerated
    keys_agree_with_query
    a_query_under_writes_gives_what_stays
    a_batch_is_its_writes_in_order
    the_callers_buffer_is_not_kept
    many_threads_may_call_at_once
    a_get_sees_a_whole_value_or_none
    sync_and_disk_usage_answer
    use_after_close_is_a_typed_error
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A block key shaped as those of sha2-256, different for each `n`.
fn block(n: u32) -> Key {
    let mut hash = vec![0x12, 0x20];
    // Spread over the key space by an odd multiplier, as digests are.
    for i in 0..8u32 {
        hash.extend_from_slice(
            &(n + 1)
                .wrapping_mul(0x9e37_79b1)
                .rotate_left(i * 3)
                .to_be_bytes(),
        );
    }
    Key::block(&hash).unwrap()
}

/// `len` bytes that do not repeat soon.
fn value(n: u32, len: usize) -> Vec<u8> {
    (0..len as u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) ^ n.wrapping_mul(97)) as u8)
        .collect()
}

/// Promise 1: what was put is what is got, byte for byte, whatever its length.
pub fn what_was_put_is_what_is_got(store: Arc<dyn Datastore>) {
    let lens = [0, 1, 33, 255, 4096, 65_537, 1 << 20, (2 << 20) + 1];
    for (n, len) in (0u32..).zip(lens) {
        for key in [block(n), key(&format!("/values/{n}"))] {
            store.put(&key, &value(n, len)).unwrap();
            let got = store.get(&key).unwrap();
            assert!(
                got.is_some(),
                "{len} bytes were put under {key}, and nothing is there"
            );
            assert!(
                got.unwrap() == value(n, len),
                "{len} bytes under {key} came back changed"
            );
        }
    }
}

/// Promise 2: an absent key is `Ok(None)`.
pub fn an_absent_key_is_none(store: Arc<dyn Datastore>) {
    store.put(&key("/there/below"), b"x").unwrap();
    store.put(&block(1), b"x").unwrap();
    for key in [
        key("/absent"),
        key("/there"),
        key("/there/below/it"),
        block(2),
    ] {
        assert_eq!(store.get(&key).unwrap(), None, "{key}");
        assert!(!store.has(&key).unwrap(), "{key}");
        assert_eq!(store.size(&key).unwrap(), None, "{key}");
        assert_eq!(store.get_range(&key, 0..1).unwrap(), None, "{key}");
        assert_eq!(
            store.get_many(std::slice::from_ref(&key)).unwrap(),
            [None],
            "{key}"
        );
    }
}

/// Promise 3: a later put replaces an earlier one.
pub fn a_later_put_replaces(store: Arc<dyn Datastore>) {
    for key in [block(1), key("/a")] {
        store.put(&key, b"the first, which is longer").unwrap();
        store.put(&key, b"the second").unwrap();
        assert_eq!(store.get(&key).unwrap().unwrap(), "the second", "{key}");
    }
}

/// Promise 3: a delete forgets, and forgets nothing else.
pub fn a_delete_forgets(store: Arc<dyn Datastore>) {
    for (gone, stays) in [
        (block(1), block(2)),
        (key("/a"), key("/a/b")),
        (key("/c"), key("/cc")),
    ] {
        store.put(&gone, b"x").unwrap();
        store.put(&stays, b"y").unwrap();
        store.delete(&gone).unwrap();
        assert_eq!(store.get(&gone).unwrap(), None, "{gone} was deleted");
        assert!(!store.has(&gone).unwrap(), "{gone} was deleted");
        assert_eq!(
            store.get(&stays).unwrap().unwrap(),
            "y",
            "{stays} was not deleted"
        );
    }
}

/// Promise 2: deleting an absent key succeeds.
pub fn delete_is_idempotent(store: Arc<dyn Datastore>) {
    for key in [block(1), key("/a")] {
        store.delete(&key).unwrap();
        store.put(&key, b"x").unwrap();
        store.delete(&key).unwrap();
        store.delete(&key).unwrap();
        assert_eq!(store.get(&key).unwrap(), None);
    }
}

/// Promise 4: `has` and `size` agree with `get`, for the empty value too.
pub fn has_and_size_agree_with_get(store: Arc<dyn Datastore>) {
    for (n, len) in (0u32..).zip([0usize, 1, 100_000]) {
        for key in [block(n), key(&format!("/values/{n}"))] {
            store.put(&key, &value(n, len)).unwrap();
            assert!(store.has(&key).unwrap(), "{key} is there, with {len} bytes");
            assert_eq!(store.size(&key).unwrap(), Some(len as u64), "{key}");
        }
    }
}

/// A range is cut where the value ends.
pub fn a_range_is_cut_where_the_value_ends(store: Arc<dyn Datastore>) {
    for key in [block(1), key("/a")] {
        store.put(&key, b"0123456789").unwrap();
        for (range, wanted) in [
            (0..10, "0123456789"),
            (2..5, "234"),
            (0..0, ""),
            (8..20, "89"),
            (10..20, ""),
            (50..60, ""),
            (9..u64::MAX, "9"),
        ] {
            let got = store.get_range(&key, range.clone()).unwrap().unwrap();
            assert_eq!(got, wanted, "{range:?} of {key}");
        }
    }
}

/// `get_many` answers in the order of the question, absent and repeated keys included.
pub fn get_many_answers_in_order(store: Arc<dyn Datastore>) {
    store.put(&block(1), b"one").unwrap();
    store.put(&block(2), b"two").unwrap();
    store.put(&key("/three"), b"three").unwrap();
    let keys = [block(2), block(9), block(1), key("/three"), block(2)];
    let got = store.get_many(&keys).unwrap();
    let wanted = [Some("two"), None, Some("one"), Some("three"), Some("two")];
    assert_eq!(got, wanted.map(|v| v.map(Bytes::from)));
    assert!(store.get_many(&[]).unwrap().is_empty());
}

/// Promise 5: a query gives each strict child of the prefix once, and nothing else.
pub fn a_query_gives_strict_children_once(store: Arc<dyn Datastore>) {
    for text in [
        "/foo", "/foo/a", "/foo/a/b", "/foobar", "/foo.", "/foo0", "/fo", "/z/foo/x",
    ] {
        store.put(&key(text), text.as_bytes()).unwrap();
    }
    store.put(&block(1), b"a block").unwrap();
    let below = |prefix: &Key| -> Vec<(Key, Bytes)> {
        store
            .query(prefix)
            .unwrap()
            .map(|entry| entry.unwrap())
            .collect()
    };
    let wanted = ["/foo/a", "/foo/a/b"].map(|t| (key(t), Bytes::from(t)));
    assert_eq!(below(&key("/foo")), wanted, "below /foo");
    assert_eq!(below(&key("/nowhere")), [], "below a prefix with no keys");
    assert_eq!(
        below(&Key::root()).len(),
        9,
        "below the root lies everything"
    );
    assert_eq!(
        below(&Key::blocks()),
        [(block(1), Bytes::from("a block"))],
        "below /blocks"
    );
}

/// Promise 5: keys that are no blocks come first, in key order.
pub fn other_keys_come_first_and_in_order(store: Arc<dyn Datastore>) {
    let texts = [
        "/z",
        "/a",
        "/m/2",
        "/m/10",
        "/block",
        "/blocksize",
        "/m",
        "/c/é",
        "/c/e",
    ];
    for text in texts {
        store.put(&key(text), b"").unwrap();
    }
    for n in 0..20 {
        store.put(&block(n), b"").unwrap();
    }
    let keys: Vec<Key> = store
        .keys(&Key::root())
        .unwrap()
        .map(|key| key.unwrap())
        .collect();
    let mut wanted: Vec<Key> = texts.iter().map(|text| key(text)).collect();
    wanted.sort();
    assert_eq!(keys[..wanted.len()], wanted, "the keys that are no blocks");
    assert!(
        keys[wanted.len()..]
            .iter()
            .all(|key| key.as_block().is_some())
    );
    assert_eq!(keys.len(), wanted.len() + 20);
}

/// Promise 5: every block is enumerated once, with its bytes; more of them than fit any page.
pub fn blocks_are_enumerated(store: Arc<dyn Datastore>) {
    let mut batch = Batch::new();
    for n in 0..1000 {
        batch.put(block(n), value(n, n as usize % 64));
    }
    store.apply(batch).unwrap();
    store.delete(&block(500)).unwrap();
    let mut seen = BTreeSet::new();
    for entry in store.query(&Key::blocks()).unwrap() {
        let (key, bytes) = entry.unwrap();
        assert_eq!(store.get(&key).unwrap(), Some(bytes), "{key}");
        assert!(seen.insert(key.clone()), "{key} came twice");
    }
    let wanted: BTreeSet<Key> = (0..1000).filter(|n| *n != 500).map(block).collect();
    assert_eq!(seen, wanted);
}

/// Promise 5: `keys` is `query` without the values.
pub fn keys_agree_with_query(store: Arc<dyn Datastore>) {
    for n in 0..50 {
        store.put(&block(n), &value(n, 40)).unwrap();
        store.put(&key(&format!("/a/{n}")), b"x").unwrap();
    }
    for prefix in [Key::root(), Key::blocks(), key("/a"), key("/a/1")] {
        let keys: Vec<Key> = store
            .keys(&prefix)
            .unwrap()
            .map(|key| key.unwrap())
            .collect();
        let queried: Vec<Key> = store
            .query(&prefix)
            .unwrap()
            .map(|entry| entry.unwrap().0)
            .collect();
        assert_eq!(keys, queried, "below {prefix}");
    }
}

/// An enumeration under writes gives every entry that is there throughout.
pub fn a_query_under_writes_gives_what_stays(store: Arc<dyn Datastore>) {
    for n in 0..600 {
        store.put(&block(n), &value(n, 8)).unwrap();
    }
    let mut seen = BTreeSet::new();
    for (i, entry) in store.query(&Key::blocks()).unwrap().enumerate() {
        let (key, _) = entry.unwrap();
        assert!(seen.insert(key.clone()), "{key} came twice");
        let i = i as u32;
        if i < 300 {
            // Deletes one half of the keys, some before and some after the cursor.
            store.delete(&block(i * 2 + 1)).unwrap();
            store.put(&block(10_000 + i), b"new").unwrap();
        }
    }
    for n in (0..600).step_by(2) {
        assert!(
            seen.contains(&block(n)),
            "{} was there throughout",
            block(n)
        );
    }
}

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

/// Promise 7: the store keeps no reference to the caller's buffer.
pub fn the_callers_buffer_is_not_kept(store: Arc<dyn Datastore>) {
    let mut buffer = *b"before";
    store.put(&block(1), &buffer).unwrap();
    store.put(&key("/a"), &buffer).unwrap();
    buffer.copy_from_slice(b"after!");
    assert_eq!(store.get(&block(1)).unwrap().unwrap(), "before");
    assert_eq!(store.get(&key("/a")).unwrap().unwrap(), "before");
    assert_eq!(&buffer, b"after!");
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
