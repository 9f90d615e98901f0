//! What can go wrong, sorted by what the caller can do about it.

use crate::ipld::MAX_DEPTH;
use crate::trail::first;
use crate::{Cid, Codec, Missing, Nothing, Trail};

/// The result of an operation on nodes.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Fix the bytes.
    /// The bytes are not in this codec.
    #[error("the bytes are no {codec}: byte {offset}: {reason}")]
    Decode {
        /// The codec that was to read them.
        codec: Codec,
        /// Where the fault begins, in bytes from the start of the block.
        offset: usize,
        /// The rule they break.
        reason: String,
    },
    /// The bytes nest lists and maps too deep.
    #[error(
        "the {codec} nests more than {MAX_DEPTH} levels deep at byte {offset}; link to another block instead"
    )]
    TooDeep {
        /// The codec that was to read them.
        codec: Codec,
        /// Where the level begins that is one too many, in bytes from the start of the block.
        offset: usize,
    },

    // Fix the value, or take another codec.
    /// The codec has no form for this value.
    #[error("{codec} cannot say this value: {path}: {reason}")]
    Encode {
        /// The codec that was to write it.
        codec: Codec,
        /// Where in the value the fault is, as `/Links/0/Hash`; `/` is the value itself.
        path: String,
        /// The rule it breaks.
        reason: String,
    },
    /// The types of the `ipld` crates have no room for this link.
    #[error(
        "the link {cid} has a digest of {len} bytes, and the types of ipld-core hold 64; keep it \
         in dag_ipld::Ipld"
    )]
    LongDigest {
        /// The link.
        cid: Box<Cid>,
        /// The length of its digest in bytes.
        len: usize,
    },
    /// No codec of this crate has this code.
    #[error(
        "blocks of codec {name} are not decoded here: raw, dag-pb, dag-cbor, dag-json, cbor and \
         json are; take the block as raw to have its bytes"
    )]
    Codec {
        /// The code in the CID.
        code: u64,
        /// The name of the code, or its number.
        name: String,
    },

    // Fix the path.
    /// The text is no path.
    #[error("{text:?} is no path: {reason}; a path is CID/a/b, /ipfs/CID/a/b or /ipld/CID/a/b")]
    Path {
        /// What was given.
        text: String,
        /// The rule it breaks.
        reason: String,
    },
    /// The path leads nowhere.
    #[error(transparent)]
    Nothing(#[from] Box<Nothing>),

    // Get the block.
    /// A block on a path is not there.
    #[error("{0}; get it from a node that has it, or from a CAR")]
    OnPath(#[from] Box<Missing>),
    /// A block of a DAG is not there.
    #[error("block {cid} is not there; get it from a node that has it, or from a CAR")]
    Missing {
        /// The block.
        cid: Box<Cid>,
    },
    /// A CID under which the store has no blocks.
    #[error("block {cid} cannot be had: {reason}")]
    Refused {
        /// The CID.
        cid: Box<Cid>,
        /// What is wrong with its hash.
        reason: String,
    },

    // Ask for less, or allow more.
    /// There is more than was allowed.
    #[error(
        "there are more than the {limit} {what} that were allowed; raise the limit, or ask for a part"
    )]
    Limit {
        /// Of what: `blocks` or `bytes`.
        what: &'static str,
        /// How many were allowed.
        limit: u64,
    },
    /// A limit on depth, in an order that cannot have one.
    #[error(
        "a walk in post-order has no limit on depth: what is near is known only after what is far; \
         take another order"
    )]
    DepthInPost,

    // Begin anew, or not.
    /// The token was cancelled.
    #[error("it was cancelled")]
    Cancelled,

    // Fix the CID or the name, or look at the store.
    /// What rung 00 says of a CID, a name, or a store and its blocks.
    #[error(transparent)]
    Blocks(#[from] block_cid::Error),
}

impl Error {
    /// The bytes break a rule of the codec at `offset`.
    pub(crate) fn decode(codec: Codec, offset: usize, reason: impl Into<String>) -> Error {
        Error::Decode {
            codec,
            offset,
            reason: reason.into(),
        }
    }
}

/// How much an error tells of a path and of a name, in characters: a name may be as long as a block.
const MAX_PATH: usize = 200;
const MAX_NAME: usize = 60;

/// A name from a block, or its start.
pub(crate) fn quoted(name: &str) -> String {
    let start = first(name, MAX_NAME);
    let more = if start.len() < name.len() { "…" } else { "" };
    format!("{start:?}{more}")
}

/// Why a value cannot be encoded, while the way back to its root is still being gathered.
#[derive(Debug)]
pub(crate) struct Refused {
    /// From the fault to the root.
    path: Vec<String>,
    reason: String,
}

impl Refused {
    pub(crate) fn new(reason: impl Into<String>) -> Refused {
        Refused {
            path: Vec::new(),
            reason: reason.into(),
        }
    }

    /// The fault is below this entry.
    pub(crate) fn below(mut self, entry: impl ToString) -> Refused {
        self.path.push(entry.to_string());
        self
    }

    pub(crate) fn by(self, codec: Codec) -> Error {
        let entries = self.path.into_iter().rev();
        let path = entries.fold(Trail::default(), |path, entry| path.step(entry));
        Error::Encode {
            codec,
            path: format!("/{}", path.short(MAX_PATH)),
            reason: self.reason,
        }
    }

    /// A value that is nested too deep.
    pub(crate) fn deep() -> Refused {
        Refused::new(format!(
            "more than {MAX_DEPTH} levels; link to another block instead"
        ))
    }
}
