//! Blocks, and the CIDs that name them.
//!
//! A block is bytes; its CID contains a hash of them, so that whoever has the CID can check
//! whatever bytes come. The README is the lesson; this is the contents page. Read in this order:
//!
//! | | |
//! | --- | --- |
//! | [`varint`] | numbers in as few bytes as they need |
//! | [`binary`], [`base`], [`text`] | a CID: its bytes, its letters, and what is wrong with bad ones |
//! | [`version`], [`codec`] | what a CID says beside the hash |
//! | [`hash`](mod@hash) | from bytes to multihash; `sha256`, `lanes` and `threads` make it fast |
//! | [`murmur3`] | the one hash that names no blocks: it spreads the names of large folders |
//! | [`block`] | bytes and their CID, proven or claimed |
//! | [`store`], [`blocks`] | where blocks are kept: the trait, and blocks over any datastore |
//! | [`ahead`] | many batches, hashed while those before them are written |
//! | [`car`] | blocks in a row: CARv1 |
//! | [`fetcher`] | where blocks come from that are not there |
//! | [`error`] | what can go wrong, sorted by what to do about it |
//!
//! The types [`Cid`] and [`Multihash`] are those of the `cid` and `multihash` crates, so that
//! other libraries take them. Reading is ours: it is stricter than theirs, for the reasons in
//! [`text::parse`].
//!
//! What a real system would add: hashing a block while it streams in (Kubo does; a block here is
//! small enough to be held), and a cache of what was verified (module 01 has wrappers for that).

pub mod ahead;
pub mod base;
pub mod binary;
pub mod block;
pub mod blocks;
pub mod car;
pub mod codec;
pub mod error;
pub mod fetcher;
pub mod hash;
mod lanes;
pub mod murmur3;
mod sha256;
pub mod store;
pub mod text;
mod threads;
pub mod varint;
pub mod version;

pub use ahead::put_batches;
pub use base::Base;
pub use block::{Block, prove_all};
pub use blocks::{Blocks, MAX_BLOCK, Verify};
pub use error::{Error, Result};
pub use fetcher::{Fetcher, Offline};
pub use hash::{Hash, hash_many};
#[doc(hidden)]
pub use sha256::paths;
pub use store::{Blockstore, Cids};
pub use version::{to_v0, to_v1};

/// A CID whose digest has up to 128 bytes, as Kubo allows for identity.
pub type Cid = cid::CidGeneric<128>;

/// A multihash with a digest of up to 128 bytes.
pub type Multihash = multihash::Multihash<128>;

/// The Rust of the lesson is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../docs/refusals.md")]
pub struct Lesson;
