//! What the benches measure with: blocks that are distinct and do not compress, and the bare
//! engines doing by hand what our wrapper has them do.
//!
//! A figure of ours means little alone: machines differ, and are noisy. So each is measured beside
//! its limit in one run, the bare engine with the same options and the same promise, and the
//! hash of the same bytes. The ratio is the result.

pub mod raw;

use block_cid::Block;
use demo::Data;

/// Blocks number `from..from + count` of `len` bytes each, built by hashing.
pub fn blocks(data: &Data, from: u64, count: u64, len: usize) -> Vec<Block> {
    (from..from + count)
        .map(|n| Block::raw(data.block(n, len)))
        .collect()
}

/// The key of a block as the bare engines keep it: its multihash.
pub fn key(block: &Block) -> Vec<u8> {
    block.cid().hash().to_bytes()
}
