//! What the benches and the [`report`] measure with: blocks that are distinct and do not compress, and the bare
//! engines doing by hand what our wrapper has them do.
//!
//! A figure of ours means little alone: machines differ, and are noisy. So each is measured beside
//! its limit in one run, the bare engine with the same options and the same promise, and the
//! hash of the same bytes. The ratio is the result.

mod files;
mod handoff;
pub mod raw;
pub mod report;
mod select;
mod turns;

use std::path::Path;

use block_cid::Block;
use bytes::Bytes;
use demo::Data;
pub use files::{Nowhere, Unflushed, blocks_of};
pub use handoff::hand_off;
use persistent::{Config, Durability, Kind, Persistent};
pub use select::Selection;
pub use turns::in_turns;

/// Memory for caching of ours and of a bare engine alike, in bytes: all that is read again fits.
pub const CACHE: u64 = 256 << 20;

/// A store of ours at `path`, with as much cache as a bare engine gets.
///
/// # Errors
/// Those of [`Persistent::open`].
pub fn open(
    kind: Kind,
    path: &Path,
    durability: Durability,
) -> Result<Persistent, persistent::Error> {
    let config = Config::new(kind)
        .with_path(path)
        .with_cache(CACHE)
        .with_durability(durability);
    Persistent::open(&config)
}

/// Blocks number `from..from + count` of `len` bytes each, built by hashing.
pub fn blocks(data: &Data, from: u64, count: u64, len: usize) -> Vec<Block> {
    (from..from + count)
        .map(|n| Block::raw(data.block(n, len)))
        .collect()
}

/// Blocks as the bare engines are given them.
pub fn entries(blocks: &[Block]) -> Vec<(Vec<u8>, Bytes)> {
    let entry = |block: &Block| (key(block), block.data().clone());
    blocks.iter().map(entry).collect()
}

/// The key of a block as the bare engines keep it: its multihash.
pub fn key(block: &Block) -> Vec<u8> {
    block.cid().hash().to_bytes()
}

/// The engines of this build that keep blocks on disk; of those the ones that `CAIRN_KINDS` names,
/// if it does (`redb,file`).
pub fn disk_engines() -> impl Iterator<Item = Kind> {
    let only = std::env::var("CAIRN_KINDS").ok();
    Kind::built().filter(move |kind| {
        let chosen = |only: &String| only.split(',').any(|name| name == kind.name());
        kind.is_on_disk() && only.as_ref().is_none_or(chosen)
    })
}
