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
    use super::super::segment::Position;
    use super::*;

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
}
