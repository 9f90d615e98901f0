//! Blocks, and the CIDs that name them.
//!
//! Read in this order:
//!
//! - [`varint`], [`binary`], [`base`], [`text`]: a CID, from its bytes to its letters
//! - [`version`], [`codec`]: what a CID says beside the hash
//! - [`hash`](mod@hash): from bytes to multihash
//! - [`block`]: bytes and their CID
//! - [`store`], [`blocks`]: where blocks are kept
//! - [`fetcher`]: where blocks come from that are not there
//! - [`error`]: what can go wrong

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
mod murmur3;
mod sha256;
pub mod store;
pub mod text;
mod threads;
pub mod varint;
pub mod version;

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
