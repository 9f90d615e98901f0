//! Nodes that link to nodes, and the codecs that spell them.
//!
//! Read in this order:
//!
//! - [`protobuf`]: numbered fields in a row
//! - [`pb`]: dag-pb, the codec of files and folders, written here
//! - [`codec`]: the codecs by their codes and names
//! - [`error`]: what can go wrong, sorted by what to do about it

pub mod codec;
pub mod error;
pub mod pb;
pub mod protobuf;

pub use codec::Codec;
pub use error::{Error, Result};

/// A CID, as in 00.
pub use block_cid::Cid;
