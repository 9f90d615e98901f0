//! A filter that says of most keys that are not there that they are not.
//!
//! ```text
//! page of a filter, for the keys of 40 pages of entries
//!   0    8   xxh3 of the rest, as of a page of entries
//!   8   56   zeros
//!   64  …    63 blocks of 512 bits
//! ```
//!
//! Six bits of one block, which is a line of the processor's cache, so that a look is one miss of it.
//! With ten bits a key 1.2 % of absent keys pass. As each page stands for itself, a filter is written
//! in passing, is read in memory or on disk as there is room, and 40 pages of a run need one of them.
//!
//! A key is hashed once for all runs. Each mixes its own seed into that, so that which blocks collide
//! cannot be chosen once for all of them.

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128};

use super::page::PAGE;

/// Pages of entries that share a page of the filter: at 81 entries of sha2-256 ten bits for each.
pub(super) const SHARED: usize = 40;

/// Bytes of a block.
const BLOCK: usize = 64;

const BLOCKS: u64 = (PAGE / BLOCK) as u64 - 1;

const BITS: usize = 6;

/// A page of the filter in the making.
#[derive(Debug)]
pub(super) struct Filter {
    seed: u64,
    page: Vec<u8>,
}

impl Filter {
    /// Of a run with this seed.
    pub fn new(seed: u64) -> Filter {
        let page = vec![0; PAGE];
        Filter { seed, page }
    }

    pub fn add(&mut self, key: &[u8]) {
        for (byte, bit) in Hash::of(key).bits(self.seed) {
            if let Some(byte) = self.page.get_mut(byte) {
                *byte |= bit;
            }
        }
    }

    /// The page, with its sum; what follows begins anew.
    pub fn finish(&mut self, seed: u64) -> Vec<u8> {
        let mut page = std::mem::replace(&mut self.page, vec![0; PAGE]);
        let sum = xxh3_64_with_seed(page.get(8..).unwrap_or_default(), seed);
        page.splice(..8, sum.to_le_bytes());
        page
    }
}

/// The hash of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash(u64, u64);

impl Hash {
    pub fn of(key: &[u8]) -> Hash {
        let hash = xxh3_128(key);
        Hash((hash >> 64) as u64, hash as u64)
    }

    /// The bytes in which it has its bits, in filters of this seed.
    fn bits(self, seed: u64) -> impl Iterator<Item = (usize, u8)> + use<> {
        let block = (u128::from(mixed(self.0 ^ seed)) * u128::from(BLOCKS)) >> 64;
        let begin = (block as usize + 1) * BLOCK;
        let bits = mixed(self.1 ^ seed);
        (0..BITS).map(move |n| {
            let bit = (bits >> (n * 9)) as usize & 511;
            (begin + bit / 8, 1 << (bit % 8))
        })
    }
}

/// Any bit changes about half of the others: both halves of a product, as in wyhash. The factor is
/// 2^64 by the golden ratio.
fn mixed(word: u64) -> u64 {
    let product = u128::from(word) * 0x9e37_79b9_7f4a_7c15;
    (product >> 64) as u64 ^ product as u64
}

/// False: it is in none of the pages that share this page of the filter. Takes no branch for what it
/// reads, so that nobody waits for one line before the next is asked for.
pub(super) fn may_have(page: &[u8], hash: Hash, seed: u64) -> bool {
    let has = |(byte, bit)| page.get(byte).is_none_or(|byte: &u8| byte & bit != 0);
    hash.bits(seed).fold(true, |all, one| all & has(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_passes_and_little_else() {
        let mut filter = Filter::new(7);
        let key = |n: u32| block_cid::hash::sha2_256(&n.to_le_bytes()).to_bytes();
        let count = 81 * SHARED as u32;
        (0..count).for_each(|n| filter.add(&key(n)));
        let page = filter.finish(9);
        assert_eq!(page.len(), PAGE);
        assert!((0..count).all(|n| may_have(&page, Hash::of(&key(n)), 7)));
        let others = count..count + 40_000;
        let passed = others
            .filter(|n| may_have(&page, Hash::of(&key(*n)), 7))
            .count();
        assert!(passed < 40_000 * 2 / 100, "{passed} of 40,000");
        assert!(
            !(0..count).all(|n| may_have(&page, Hash::of(&key(n)), 8)),
            "a seed counts"
        );
        assert!(
            !may_have(&filter.finish(9), Hash::of(&key(0)), 7),
            "it begins anew"
        );
    }
}
