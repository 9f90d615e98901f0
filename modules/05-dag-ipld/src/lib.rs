//! Nodes that link to nodes, and the codecs that spell them.
//!
//! Read in this order:
//!
//! | | |
//! | --- | --- |
//! | [`ipld`](mod@ipld) | what a block says, whatever its codec |
//! | [`cbor`] | items that say what they are and how long |
//! | [`dag_cbor`] | CBOR with links, and one form only for each value |
//! | [`json`], [`dag_json`] | the same in text |
//! | [`protobuf`], [`pb`] | numbered fields in a row, and dag-pb made of them: files and folders |
//! | [`codec`] | the codecs by their codes and names |
//! | [`error`] | what can go wrong, sorted by what to do about it |

mod builder;
pub mod cbor;
pub mod codec;
pub mod dag_cbor;
pub mod dag_json;
pub mod error;
pub mod ipld;
pub mod json;
pub mod pb;
pub mod protobuf;

pub use codec::Codec;
pub use error::{Error, Result};
pub use ipld::{Ipld, Map};

/// A CID, as in 00.
pub use block_cid::Cid;
