//! Each key has one store, and what others hold of it is not seen.

use datastore::{Batch, Datastore, Key, MemStore};
use persistent::wrappers::Mount;

use crate::{all, block, key};

#[test]
fn the_longest_prefix_wins() {
    let [root, foo, deep, blocks] = [(); 4].map(|()| MemStore::new());
    let store = Mount::new(&root)
        .with(key("/foo"), &foo)
        .unwrap()
        .with(key("/foo/deep"), &deep)
        .unwrap()
        .with(Key::blocks(), &blocks)
        .unwrap();
    let texts = [
        "/a",
        "/foo",
        "/foo/a",
        "/foo/deep",
        "/foo/deep/er",
        "/foobar",
        "/z",
    ];
    for text in texts {
        store.put(&key(text), text.as_bytes()).unwrap();
    }
    store.put(&block(1), b"1").unwrap();
    assert_eq!(all(&root), ["/a", "/foobar", "/z"].map(key));
    assert_eq!(all(&foo), ["/foo", "/foo/a"].map(key));
    assert_eq!(all(&deep), ["/foo/deep", "/foo/deep/er"].map(key));
    assert_eq!(all(&blocks), [block(1)]);

    let wanted: Vec<Key> = texts.iter().map(|t| key(t)).chain([block(1)]).collect();
    assert_eq!(all(&store), wanted);
    let below: Vec<Key> = store
        .keys(&key("/foo"))
        .unwrap()
        .map(|k| k.unwrap())
        .collect();
    assert_eq!(below, ["/foo/a", "/foo/deep", "/foo/deep/er"].map(key));
}

#[test]
fn what_lies_in_the_wrong_store_is_not_seen() {
    let [root, foo] = [(); 2].map(|()| MemStore::new());
    root.put(&key("/foo/old"), b"").unwrap();
    foo.put(&key("/bar"), b"").unwrap();
    foo.put(&block(1), b"").unwrap();
    let store = Mount::new(&root).with(key("/foo"), &foo).unwrap();
    store.put(&key("/foo/new"), b"").unwrap();
    assert_eq!(all(&store), [key("/foo/new")]);
    for hidden in [key("/foo/old"), key("/bar"), block(1)] {
        assert!(!store.has(&hidden).unwrap(), "{hidden}");
    }
}

#[test]
fn a_batch_reaches_every_store_and_answers_keep_their_order() {
    let [root, foo, blocks] = [(); 3].map(|()| MemStore::new());
    let store = Mount::new(&root)
        .with(key("/foo"), &foo)
        .unwrap()
        .with(Key::blocks(), &blocks)
        .unwrap();
    let keys = [block(1), key("/foo/a"), key("/a"), block(2), key("/foo/b")];
    let mut batch = Batch::new();
    for (n, key) in keys.iter().enumerate() {
        batch.put(key.clone(), vec![n as u8]);
    }
    batch.delete(keys[2].clone());
    store.apply(batch).unwrap();
    assert_eq!(
        (all(&foo).len(), all(&blocks).len(), all(&root).len()),
        (2, 2, 0)
    );
    let got = store.get_many(&keys).unwrap();
    let wanted = [Some(0), Some(1), None, Some(3), Some(4)];
    assert_eq!(got, wanted.map(|n: Option<u8>| n.map(|n| vec![n].into())));
}

#[test]
fn a_prefix_is_taken_once_and_blocks_are_not_parted() {
    let mount = || Mount::new(MemStore::new());
    let twice = mount().with(key("/a"), MemStore::new()).unwrap();
    assert!(twice.with(key("/a"), MemStore::new()).is_err());
    assert!(mount().with(Key::root(), MemStore::new()).is_err());
    assert!(mount().with(block(1), MemStore::new()).is_err());
}
