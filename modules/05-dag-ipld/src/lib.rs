//! Nodes that link to nodes, and the codecs that spell them.
//!
//! Read in this order:
//!
//! - [`pb`]: dag-pb, the codec of files and folders, written here

pub mod pb;

/// A CID, as in 00.
pub use block_cid::Cid;
