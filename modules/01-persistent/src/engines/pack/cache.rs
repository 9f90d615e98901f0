//! Blocks that were read, in memory.
//!
//! They are kept by their places. Nothing in the log is overwritten and no place is used twice, so what
//! was read at one is right for as long as the store is open: nothing here is ever forgotten because
//! of a write, and no reader races with a writer. What was deleted or moved is found no more, and goes
//! in its time.
//!
//! A block is kept when it is read for the second time. Most are read once, as a whole file is, and to
//! keep one costs memory that the process did not have: the system clears each page of it, which for
//! 256 KiB takes as long as the hash (240 instead of 140 µs a `get`, measured).
//!
//! Small blocks are not kept. To read one from the page cache takes as long as to find it in the index,
//! and the memory for it is spent twice then.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Known;

use super::segment::Place;
use crate::bounded;
use crate::sync::RandomState;

/// Blocks of fewer bytes are not kept.
const LEAST: usize = 4 << 10;

/// No more places that were read once are remembered, 8 MiB of hashes.
const MOST_SLOTS: u64 = 1 << 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Cache {
    known: Known<Place, Bytes, Weight, RandomState>,
    /// Hashes of places that were read once, each in the slot that it falls into. One that another
    /// drives out costs a reading more, so that nobody is kept waiting for these.
    once: Vec<AtomicU64>,
    hasher: RandomState,
}

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<Place, Bytes> for Weight {
    fn weight(&self, _: &Place, value: &Bytes) -> u64 {
        bounded::ENTRY + value.len() as u64
    }
}

impl Cache {
    /// Of so many bytes; 0 for none.
    pub fn new(bytes: u64) -> Cache {
        let slots = (bytes / LEAST as u64).clamp(1, MOST_SLOTS);
        Cache {
            known: bounded::cache(bytes, 64 << 10, Weight),
            once: (0..slots).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::default(),
        }
    }

    /// The block that was read there.
    pub fn get(&self, place: &Place) -> Option<Bytes> {
        match (place.len as usize) < LEAST {
            true => None,
            false => self.known.get(place),
        }
    }

    /// Notes that this block was read there, and keeps it if it is not the first time.
    pub fn read(&self, place: Place, value: &Bytes) {
        if value.len() < LEAST {
            return;
        }
        let hash = self.hasher.hash_one(place);
        let slot = self.once.get(hash as usize % self.once.len());
        if slot.is_some_and(|slot| slot.swap(hash, Relaxed) == hash) {
            self.known.insert(place, value.clone());
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
            cache.read(place(n), &value);
            assert!(cache.get(&place(n)).is_none(), "{n} was read once");
            cache.read(place(n), &value);
            assert!(cache.known.weight() <= 1 << 20, "{n}");
        }
        let kept = (0..100).filter(|n| cache.get(&place(*n)).is_some()).count();
        assert!((1..=15).contains(&kept), "{kept}");
    }

    #[test]
    fn without_room_and_of_small_blocks_nothing_is_kept() {
        let none = Cache::new(0);
        let some = Cache::new(1 << 20);
        for _ in 0..2 {
            none.read(place(1), &Bytes::from(vec![7; 64 << 10]));
            some.read(place(1), &Bytes::from_static(b"small"));
        }
        assert!(none.get(&place(1)).is_none());
        assert!(some.get(&place(1)).is_none());
    }
}
