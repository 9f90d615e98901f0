//! What a store says of all keys below a prefix.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use super::{block, key, value};
use crate::{Batch, Datastore, Key};

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
