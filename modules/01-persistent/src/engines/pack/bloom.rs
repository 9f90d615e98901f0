//! A filter that says of most keys that are not there that they are not.
//!
//! Six bits of one block of 512, which is a line of the processor's cache, so that a look is one
//! miss of it. With ten bits a key 1.2 % of absent keys pass.
//!
//! A key is taken through a hash with a seed of the run: which blocks collide cannot be chosen once
//! for all runs.

use xxhash_rust::xxh3::xxh3_128_with_seed;

/// Words of 64 bits in a block.
const WORDS: usize = 8;

const BITS_A_KEY: u64 = 10;

const BITS: usize = 6;

/// The filter of one run.
#[derive(Debug)]
pub(super) struct Bloom {
    seed: u64,
    blocks: Vec<[u64; WORDS]>,
}

impl Bloom {
    /// For so many keys.
    pub fn new(keys: u64, seed: u64) -> Bloom {
        let blocks = keys.saturating_mul(BITS_A_KEY).div_ceil(512).max(1);
        Bloom {
            seed,
            blocks: vec![[0; WORDS]; blocks as usize],
        }
    }

    pub fn add(&mut self, key: &[u8]) {
        let (block, bits) = self.place(key);
        if let Some(block) = self.blocks.get_mut(block) {
            for (word, bit) in bits {
                if let Some(word) = block.get_mut(word) {
                    *word |= bit;
                }
            }
        }
    }

    /// False: it is not there.
    pub fn may_have(&self, key: &[u8]) -> bool {
        let (block, mut bits) = self.place(key);
        let Some(block) = self.blocks.get(block) else {
            return true;
        };
        bits.all(|(word, bit)| block.get(word).is_none_or(|word| word & bit != 0))
    }

    fn place(&self, key: &[u8]) -> (usize, impl Iterator<Item = (usize, u64)> + use<>) {
        let hash = xxh3_128_with_seed(key, self.seed);
        let (high, low) = ((hash >> 64) as u64, hash as u64);
        let block = (u128::from(high) * self.blocks.len() as u128) >> 64;
        let bits = (0..BITS).map(move |n| {
            let bit = (low >> (n * 9)) as usize & 511;
            (bit / 64, 1 << (bit % 64))
        });
        (block as usize, bits)
    }

    /// Its bytes: the words of each block, the lowest byte first.
    pub fn bytes(&self) -> impl Iterator<Item = [u8; 8]> {
        self.blocks.iter().flatten().map(|word| word.to_le_bytes())
    }

    /// From its bytes.
    pub fn from_bytes(bytes: &[u8], seed: u64) -> Bloom {
        let (blocks, _) = bytes.as_chunks::<64>();
        let block = |bytes: &[u8; 64]| {
            let (words, _) = bytes.as_chunks::<8>();
            let mut block = [0; WORDS];
            for (to, from) in block.iter_mut().zip(words) {
                *to = u64::from_le_bytes(*from);
            }
            block
        };
        Bloom {
            seed,
            blocks: blocks.iter().map(block).collect(),
        }
    }

    /// How many bytes of memory it takes.
    pub fn len(&self) -> usize {
        self.blocks.len() * 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_passes_and_little_else() {
        let mut bloom = Bloom::new(20_000, 7);
        let key = |n: u32| block_cid::hash::sha2_256(&n.to_le_bytes()).to_bytes();
        (0..20_000).for_each(|n| bloom.add(&key(n)));
        let bytes: Vec<u8> = bloom.bytes().flatten().collect();
        assert_eq!(bytes.len(), bloom.len());
        let read = Bloom::from_bytes(&bytes, 7);
        assert!((0..20_000).all(|n| read.may_have(&key(n))));
        let passed = (20_000..60_000).filter(|n| read.may_have(&key(*n))).count();
        assert!(passed < 40_000 * 2 / 100, "{passed} of 40,000");
        let other = Bloom::from_bytes(&bytes, 8);
        assert!(
            !(0..20_000).all(|n| other.may_have(&key(n))),
            "a seed counts"
        );
    }
}
