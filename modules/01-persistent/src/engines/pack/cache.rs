//! Blocks that were read, in memory.
//!
//! They are kept by their places. Nothing in the log is overwritten and no place is used twice, so what
//! was read at one is right for as long as the store is open: nothing here is ever forgotten because
//! of a write, and no reader races with a writer. What was deleted or moved is found no more, and goes
//! in its time.
//!
//! Small blocks are not kept. To read one from the page cache takes as long as to find it in the index,
//! and the memory for it is spent twice then.

use bytes::Bytes;
use quick_cache::sync::{Cache as Known, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use std::hash::RandomState;

use super::segment::Place;

/// Blocks of fewer bytes are not kept.
const LEAST: usize = 4 << 10;

/// What an entry takes beyond its block, about, in bytes.
const ENTRY: u64 = 160;

/// A part of the cache is no smaller than this, in bytes, so that a block of 2 MiB fits into it.
const PART: u64 = 8 << 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Cache(Known<Place, Bytes, Weight, RandomState>);

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<Place, Bytes> for Weight {
    fn weight(&self, _: &Place, value: &Bytes) -> u64 {
        ENTRY + value.len() as u64
    }
}

impl Cache {
    /// Of so many bytes; 0 for none.
    pub fn new(bytes: u64) -> Cache {
        let options = OptionsBuilder::new()
            .weight_capacity(bytes)
            .estimated_items_capacity((bytes / (64 << 10)) as usize)
            .shards((bytes / PART).clamp(1, 64) as usize)
            .build()
            .expect("a capacity and an estimate are given");
        Cache(Known::with_options(
            options,
            Weight,
            RandomState::default(),
            DefaultLifecycle::default(),
        ))
    }

    /// The block that was read there.
    pub fn get(&self, place: &Place) -> Option<Bytes> {
        match (place.len as usize) < LEAST {
            true => None,
            false => self.0.get(place),
        }
    }

    /// Keeps the block that was read there, and proven by whoever read it or by nobody yet.
    pub fn keep(&self, place: Place, value: &Bytes) {
        if value.len() >= LEAST {
            self.0.insert(place, value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use std::path::Path;

    use block_cid::hash::sha2_256;
    use datastore::disk::Mode;
    use datastore::{Batch, Disk, Key};

    use super::super::segment::Position;
    use super::super::tests::engine::{disk, open};
    use super::*;
    use crate::engine::{Engine, Flush};

    fn place(n: u64) -> Place {
        Place {
            at: Position {
                segment: 1,
                offset: n,
            },
            len: 70 << 10,
        }
    }

    #[test]
    fn it_holds_no_more_than_it_may() {
        let cache = Cache::new(1 << 20);
        let value = Bytes::from(vec![7; 64 << 10]);
        for n in 0..100 {
            cache.keep(place(n), &value);
            assert!(cache.0.weight() <= 1 << 20, "{n}");
        }
        let kept = (0..100).filter(|n| cache.get(&place(*n)).is_some()).count();
        assert!((1..=15).contains(&kept), "{kept}");
    }

    #[test]
    fn without_room_and_of_small_blocks_nothing_is_kept() {
        let none = Cache::new(0);
        none.keep(place(1), &Bytes::from(vec![7; 64 << 10]));
        assert!(none.get(&place(1)).is_none());
        let some = Cache::new(1 << 20);
        some.keep(place(1), &Bytes::from_static(b"small"));
        assert!(some.get(&place(1)).is_none());
    }

    #[test]
    fn a_get_may_be_answered_from_memory_and_a_put_never_is() {
        let disk = disk();
        let store = open(&disk);
        let value = Bytes::from(vec![7; 6000]);
        let key = Key::block(&sha2_256(&value).to_bytes()).unwrap();
        let mut batch = Batch::new();
        batch.put(key.clone(), value.clone());
        store.write(&batch, Flush::Yes).unwrap();
        assert_eq!(store.get(&key).unwrap(), Some(value.clone()));

        let path = Path::new("store/blocks/000001.car");
        let file = disk.open(path, Mode::Write).unwrap();
        let len = file.len().unwrap();
        file.write_all_at(&[0; 100], len - 100).unwrap();
        assert_eq!(store.get(&key).unwrap(), Some(value.clone()));
        // Who reads everything sees what is on the disk.
        let scanned: Vec<_> = store.query(&Key::root()).unwrap().collect();
        assert_ne!(scanned[0].as_ref().unwrap().1, value);
        // What is not there any more is written again.
        store.write(&batch, Flush::Yes).unwrap();
        assert!(file.len().unwrap() > len);
        drop(store);
        assert_eq!(open(&disk).get(&key).unwrap(), Some(value));
    }
}
