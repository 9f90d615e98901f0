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
//! | [`link`], [`trail`] | the links of a block, and where in it they are |
//! | [`dag`], [`path`], [`resolve`] | values in a store of blocks, and how one is found |
//! | [`walk`] | every block below a root, each once: of [`visit`], [`list`], `seen`, `frontier`, `ahead`, [`cancel`] |
//! | [`stat`](mod@stat), [`diff`], [`copy`] | walks that count, compare, and carry over |
//! | [`fields`](mod@fields), [`explore`] | which bytes mean what, and the page that shows a DAG |
//! | [`error`] | what can go wrong, sorted by what to do about it |

mod ahead;
mod builder;
pub mod cancel;
pub mod cbor;
pub mod codec;
pub mod copy;
pub mod dag;
pub mod dag_cbor;
pub mod dag_json;
pub mod diff;
pub mod error;
pub mod explore;
pub mod fields;
mod frontier;
pub mod ipld;
pub mod json;
pub mod link;
pub mod list;
pub mod path;
pub mod pb;
pub mod protobuf;
pub mod resolve;
mod seen;
pub mod stat;
pub mod trail;
pub mod visit;
pub mod walk;

pub use cancel::{Cancel, Cancellable};
pub use codec::Codec;
pub use copy::Copied;
pub use dag::Dag;
pub use diff::{Change, Item, Overlap};
pub use error::{Error, Result};
pub use ipld::{Ipld, Map};
pub use link::{Link, links};
pub use list::CidList;
pub use path::{Path, Scope};
pub use resolve::{Answer, Missing, Nothing, Place};
pub use seen::CidSet;
pub use stat::{Stat, Sum};
pub use trail::{Segment, Trail};
pub use visit::{Found, Next, Visit};
pub use walk::{Order, Walk};

/// A CID, as in 00.
pub use block_cid::Cid;
