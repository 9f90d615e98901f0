//! A split-block Bloom filter: eight bits a key, all in one cache line.
//!
//! ```text
//! key ─SipHash─► 32 bits choose a block of 256 bits
//!                32 bits times eight odd constants choose one bit in each of its eight words
//! ```
//!
//! It is that of Parquet (Apache Parquet, BloomFilter.md), with atomic words. Multihashes are
//! uniform already, and still they are hashed, with a secret of this process: whoever may choose
//! what is stored could otherwise choose what falls together, and fill a part of the filter.

use std::hash::BuildHasher;

use datastore::Key;

use crate::sync::RandomState;
use crate::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

const SALT: [u32; 8] = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];

/// Bits for each key that is expected: at that many keys, about 4 of 1,000 absent ones pass.
const BITS: u64 = 12;

pub(crate) struct Filter {
    blocks: Box<[[AtomicU32; 8]]>,
    hash: RandomState,
    added: AtomicU64,
    room: u64,
}

impl Filter {
    /// A filter for this many keys, in 1.5 bytes each.
    pub fn new(keys: u64) -> Filter {
        let blocks = (keys.saturating_mul(BITS) / 256 + 1).min(u32::MAX.into());
        Filter {
            blocks: (0..blocks).map(|_| Default::default()).collect(),
            hash: RandomState::default(),
            added: AtomicU64::new(0),
            room: keys,
        }
    }

    /// The words and the bits in them that stand for `key`.
    fn bits(&self, key: &Key) -> impl Iterator<Item = (&AtomicU32, u32)> {
        let hash = self.hash.hash_one(key);
        let at = ((hash >> 32) * self.blocks.len() as u64) >> 32;
        let words = self.blocks.get(at as usize).into_iter().flatten();
        let bits = SALT.map(|salt| 1 << (salt.wrapping_mul(hash as u32) >> 27));
        words.zip(bits)
    }

    /// Adds `key`, for good.
    ///
    /// No order is needed among the bits: who asks for a key because it was put has heard of that
    /// in some way, and through that way sees all of them.
    pub fn add(&self, key: &Key) {
        let mut new = false;
        for (word, bit) in self.bits(key) {
            new |= word.fetch_or(bit, Relaxed) & bit == 0;
        }
        if new {
            self.added.fetch_add(1, Relaxed);
        }
    }

    /// False if `key` was never added.
    pub fn may_have(&self, key: &Key) -> bool {
        self.bits(key)
            .all(|(word, bit)| word.load(Relaxed) & bit != 0)
    }

    /// How many keys were added, but for those that it took for known ones.
    pub fn added(&self) -> u64 {
        self.added.load(Relaxed)
    }

    pub fn is_full(&self) -> bool {
        self.added() > self.room
    }
}
