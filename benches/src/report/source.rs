//! Blocks to put.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use block_cid::{Block, Cid};
use demo::Data;

/// Blocks that are distinct and do not compress, the same for every subject of a round. Block number
/// n is made of the seed and n alone, so what was stored can be named without keeping it.
pub struct Source {
    data: Data,
    size: usize,
    next: u64,
    seen: HashSet<Vec<u8>>,
}

impl Source {
    /// Blocks of `size` bytes.
    pub fn new(seed: u64, size: usize) -> Source {
        Source {
            data: Data::new(seed),
            size,
            next: 0,
            seen: HashSet::new(),
        }
    }

    /// The same from block number `next` on.
    pub fn starting(seed: u64, size: usize, next: u64) -> Source {
        Source {
            next,
            ..Source::new(seed, size)
        }
    }

    /// The next `count` blocks, hashed.
    ///
    /// # Errors
    /// If one of them was there before: whoever puts a block twice measures something else.
    pub fn take(&mut self, count: u64) -> Result<Vec<Block>> {
        let blocks = crate::blocks(&self.data, self.next, count, self.size);
        for block in &blocks {
            let new = self.seen.insert(crate::key(block));
            ensure!(new, "the block {} comes twice", block.cid());
        }
        self.next += count;
        Ok(blocks)
    }

    /// How many were taken.
    pub fn taken(&self) -> u64 {
        self.next
    }

    /// The last `count` were not put; the next ones begin with them.
    pub fn give_back(&mut self, count: u64) {
        let from = self.next.saturating_sub(count);
        for block in crate::blocks(&self.data, from, self.next - from, self.size) {
            self.seen.remove(&crate::key(&block));
        }
        self.next = from;
    }

    /// The names of `count` of the `of` blocks from number `from` on, in an order that is none.
    pub fn picked(seed: u64, size: usize, from: u64, of: u64, count: u64) -> Vec<Cid> {
        let data = Data::new(seed);
        let name = |n| *Block::raw(data.block(from + n, size)).cid();
        stride(of).take(count as usize).map(name).collect()
    }

    /// The names of the blocks from number `from` to before `to`.
    pub fn names(seed: u64, size: usize, from: u64, to: u64) -> Vec<Cid> {
        let data = Data::new(seed);
        let name = |n| *Block::raw(data.block(n, size)).cid();
        (from..to).map(name).collect()
    }
}

/// Block number `n` of data that compresses to about a third: words of a small vocabulary.
pub fn compressible(seed: u64, n: u64, size: usize) -> Block {
    const WORDS: [&str; 16] = [
        "block ", "store ", "hash ", "the ", "of ", "and ", "link ", "node ", "tree ", "leaf ",
        "root ", "path ", "a ", "to ", "in ", "key ",
    ];
    let mut text = format!("{n:016x} ").into_bytes();
    for byte in Data::new(seed).block(n, size) {
        if text.len() >= size {
            break;
        }
        let word = WORDS.get(usize::from(byte) % WORDS.len()).unwrap_or(&"");
        text.extend_from_slice(word.as_bytes());
    }
    text.truncate(size);
    Block::raw(text)
}

/// Each number below `count` once, in an order that is none; and again from the first.
pub fn stride(count: u64) -> impl Iterator<Item = u64> {
    // A prime that divides no count here.
    const STEP: u64 = 7_368_787;
    let count = count.max(1);
    (0..).map(move |n: u64| n.wrapping_mul(STEP) % count)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_given_back_comes_again() {
        let mut source = Source::new(1, 64);
        let first = source.take(10).unwrap();
        source.give_back(4);
        assert_eq!(source.taken(), 6);
        let again = source.take(4).unwrap();
        let cids = |blocks: &[Block]| blocks.iter().map(|b| *b.cid()).collect::<Vec<_>>();
        assert_eq!(cids(&again), cids(&first[6..]));
        assert_eq!(Source::names(1, 64, 6, 10), cids(&again));
    }

    #[test]
    fn a_block_that_comes_twice_is_refused() {
        let mut source = Source::new(1, 64);
        source.take(3).unwrap();
        source.next = 2;
        assert!(source.take(1).unwrap_err().to_string().contains("twice"));
    }

    #[test]
    fn a_stride_comes_to_each_once() {
        for count in [1, 2, 7, 1000] {
            let mut seen: Vec<u64> = stride(count).take(count as usize).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn text_is_distinct_and_has_its_size() {
        let blocks: Vec<Block> = (0..100).map(|n| compressible(1, n, 4096)).collect();
        assert!(blocks.iter().all(|block| block.len() == 4096));
        let cids: HashSet<_> = blocks.iter().map(|block| *block.cid()).collect();
        assert_eq!(cids.len(), 100);
    }
}
