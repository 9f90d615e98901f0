//! What can go wrong, sorted by what the caller can do about it.

use crate::Codec;

/// The result of an operation on nodes.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
}
