//! Damaged blocks are not given out, whichever way they are read.

use block_cid::{Block, Verify};
use datastore::{Datastore, Error, Key, MemStore, Result};
use persistent::wrappers::Verified;

use crate::key;

fn key_of(block: &Block) -> Key {
    Key::block(&block.cid().hash().to_bytes()).unwrap()
}

#[test]
fn a_damaged_block_is_an_error_and_others_are_read() {
    let [good, bad] = ["good", "bad"].map(Block::raw);
    let [there, damaged] = [key_of(&good), key_of(&bad)];
    let store = MemStore::new();
    store.put(&there, good.data()).unwrap();
    store.put(&damaged, b"bat").unwrap();
    store.put(&key("/a"), b"anything").unwrap();
    let store = Verified::new(store, Verify::Always);
    assert_eq!(store.get(&there).unwrap().unwrap(), "good");
    assert_eq!(store.get_range(&there, 1..9).unwrap().unwrap(), "ood");
    assert_eq!(store.get(&key("/a")).unwrap().unwrap(), "anything");
    assert_eq!(store.get_range(&key("/a"), 0..3).unwrap().unwrap(), "any");
    let both = [there.clone(), key("/a")];
    assert_eq!(store.get_many(&both).unwrap().len(), 2);

    let corrupt = |error: Option<Error>| match error {
        Some(Error::Corrupt { path, what }) => {
            assert_eq!(path.to_string_lossy(), damaged.to_string());
            assert!(what.contains("another hash"), "{what}");
        }
        other => panic!("{other:?}"),
    };
    corrupt(store.get(&damaged).err());
    corrupt(store.get_range(&damaged, 0..1).err());
    corrupt(store.get_many(&[there.clone(), damaged.clone()]).err());
    let walk: Result<Vec<_>> = store.query(&Key::root()).unwrap().collect();
    corrupt(walk.err());

    store.put(&damaged, bad.data()).unwrap();
    assert_eq!(store.query(&Key::root()).unwrap().count(), 3);
}

#[test]
fn a_key_that_is_no_multihash_names_no_block() {
    let store = Verified::new(MemStore::new(), Verify::Always);
    let odd = Key::block(b"\x12\x20 too short").unwrap();
    store.put(&odd, b"x").unwrap();
    assert!(matches!(store.get(&odd), Err(Error::Corrupt { .. })));
}
