//! Data to store.

use std::iter;

/// A maker of blocks: the same seed gives the same blocks on every machine, two numbers give
/// different blocks, and no compressor makes them smaller, so that what is measured is the store
/// and not the luck of its input.
///
/// The bytes are those of xoshiro256++ (Blackman and Vigna, 2019), seeded by SplitMix64 as its
/// authors advise. They are not secret: anybody can tell them from the seed.
#[derive(Clone, Copy, Debug)]
pub struct Data {
    seed: u64,
}

impl Data {
    /// The blocks of `seed`.
    pub fn new(seed: u64) -> Data {
        Data { seed }
    }

    /// Block number `n`, of `len` bytes. From 8 bytes on, two numbers always give two blocks.
    pub fn block(&self, n: u64, len: usize) -> Vec<u8> {
        let mut block = vec![0; len];
        self.fill(n, &mut block);
        block
    }

    /// Fills `block` with what [`block`](Self::block) gives for its length.
    pub fn fill(&self, n: u64, block: &mut [u8]) {
        // `mix` is a bijection, so different numbers begin with different words.
        let first = mix(mix(self.seed) ^ n);
        let words = iter::once(first).chain(xoshiro(first));
        for (chunk, word) in block.chunks_mut(8).zip(words) {
            for (byte, random) in chunk.iter_mut().zip(word.to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// One step of SplitMix64.
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(GOLDEN);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The words of xoshiro256++ for `seed`.
fn xoshiro(seed: u64) -> impl Iterator<Item = u64> {
    let [mut a, mut b, mut c, mut d] =
        [0, 1, 2, 3].map(|i: u64| mix(seed.wrapping_add(i.wrapping_mul(GOLDEN))));
    iter::repeat_with(move || {
        let word = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let t = b << 17;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= t;
        d = d.rotate_left(45);
        word
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;

    /// The first words of SplitMix64 from 1234567, as published with the algorithm's tests.
    #[test]
    fn splitmix_gives_the_published_words() {
        let words = [0u64, 1, 2].map(|i| mix(1_234_567u64.wrapping_add(i.wrapping_mul(GOLDEN))));
        assert_eq!(
            words,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn a_seed_gives_the_same_blocks_always() {
        let data = Data::new(7);
        assert_eq!(data.block(3, 100), Data::new(7).block(3, 100));
        assert_ne!(data.block(3, 100), Data::new(8).block(3, 100));
        assert!(data.block(3, 100).starts_with(&data.block(3, 37)));
        assert_eq!(data.block(3, 0), []);
    }

    #[test]
    fn blocks_differ() {
        let data = Data::new(0);
        let words: HashSet<Vec<u8>> = (0..100_000).map(|n| data.block(n, 8)).collect();
        assert_eq!(words.len(), 100_000);
    }

    /// No word of one block stands in another, at any place: blocks are no shifted copies of
    /// each other, which a chunker or an engine's compression would find.
    #[test]
    fn blocks_share_no_words() {
        let data = Data::new(0);
        let mut seen = HashSet::new();
        for n in 0..64 {
            for word in data.block(n, 4096).chunks(8) {
                assert!(seen.insert(word.to_vec()), "block {n} repeats a word");
            }
        }
    }

    /// Eight bits a byte, within what chance allows for 1 MiB: nothing is left to compress.
    #[test]
    fn bytes_are_evenly_spread() {
        let block = Data::new(1).block(0, 1 << 20);
        let mut counts = [0f64; 256];
        for byte in &block {
            *counts.get_mut(usize::from(*byte)).unwrap() += 1.0;
        }
        let entropy: f64 = counts
            .iter()
            .map(|n| n / block.len() as f64)
            .map(|p| -p * p.log2())
            .sum();
        assert!(entropy > 7.999, "{entropy} bits a byte");
    }
}
