//! Folders, plain and sharded.

use block_cid::Blockstore;
use unixfs_car::dir::List;
use unixfs_car::hamt::HashBits;
use unixfs_car::{Dir, Entry};

use crate::bag::Bag;
use crate::limit::within;

/// A node takes up to 80 times its bytes, and there is one a level: 21 of the smallest fanout.
const LEVELS: u64 = 22 * 100;

/// So many entries are listed.
const MOST: usize = 300;

pub(super) fn check(bytes: &[u8]) {
    let bag = Bag::new(bytes);
    let Ok(dir) = Dir::open(&bag, &bag.root()) else {
        return;
    };
    let (entries, whole) = within(bytes, LEVELS, || list(&dir));
    if bag.is_empty() {
        return;
    }
    if dir.is_sharded() && whole {
        let hashes: Vec<u64> = entries
            .iter()
            .map(|entry| HashBits::of(&entry.name).hash())
            .collect();
        assert!(hashes.is_sorted(), "not in the order of hashes");
    }
    for (at, entry) in entries.iter().enumerate() {
        bag.refill();
        let found = dir.get(&entry.name);
        assert!(!bag.is_empty(), "a name is some blocks away at most");
        let first = entries.iter().position(|other| other.name == entry.name);
        if dir.is_sharded() {
            assert_eq!(first, Some(at), "{:?} is listed twice", entry.name);
        } else if first != Some(at) {
            continue;
        }
        assert_eq!(found.ok().flatten().as_ref(), Some(entry), "not found");
    }
    // A name that is hardly ever there.
    bag.refill();
    let name = [bag.first];
    if let Ok(Some(found)) = dir.get(&name)
        && whole
    {
        assert!(
            entries.contains(&found),
            "{found:?} is found and not listed"
        );
    }
    bag.refill();
    let Ok(looked) = List::open(&bag, &bag.root(), true) else {
        return;
    };
    for (entry, listed) in entries.iter().zip(looked.map_while(Result::ok)) {
        assert_eq!(&listed.entry, entry);
    }
}

/// The entries, and whether they are all there are.
fn list(dir: &Dir<impl Blockstore>) -> (Vec<Entry>, bool) {
    let mut entries = Vec::new();
    for entry in dir.entries().take(MOST) {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(_) => return (entries, false),
        }
    }
    let whole = entries.len() < MOST;
    (entries, whole)
}
