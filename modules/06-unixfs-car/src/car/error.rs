//! What can go wrong with CARs, sorted by what the caller can do about it.

use std::io;

use block_cid::Cid;

use super::export::Way;

/// The result of an operation on CARs.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of an operation on CARs.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The watch said so.
    #[error("stopped")]
    Stopped,

    // Get the blocks.
    /// A block is not in the store, and a walk came to it.
    #[error(
        "block {cid} is not in the store; the way to it: {way}; import or put it, and try again"
    )]
    Missing {
        /// The block.
        cid: Box<Cid>,
        /// How the walk came there.
        way: Way,
    },
    /// A block is damaged, or it cannot be said what it links to.
    #[error("block {cid} cannot be read; the way to it: {way}")]
    Node {
        /// The block.
        cid: Box<Cid>,
        /// How the walk came there.
        way: Way,
        /// Why.
        source: dag_ipld::Error,
    },

    // Get another copy of the file.
    /// The header of a CARv2 is not one.
    #[error("the header of the CARv2 is damaged: {reason}")]
    Header {
        /// The rule it breaks.
        reason: String,
    },
    /// What is in a CAR is not the block that its CID names, or nobody can tell.
    #[error("the block at byte {offset} is not proven")]
    Block {
        /// Where its section begins, in bytes from the start of the file.
        offset: u64,
        /// Why.
        source: block_cid::Error,
    },
    /// Something went wrong after this block.
    #[error("it went wrong after block {last}, and what comes before is in the store")]
    After {
        /// The last block that was.
        last: Box<Cid>,
        /// What went wrong.
        source: Box<Error>,
    },

    // Make another index.
    /// What should be an index is none.
    #[error("the index is damaged: byte {offset}: {reason}; `car index` makes it anew")]
    Index {
        /// Where the damaged part begins, in bytes from the start of the file.
        offset: u64,
        /// The rule it breaks.
        reason: String,
    },

    /// The index does not lead to a block that is in the file.
    #[error("the index is wrong: {reason}; `car index` makes it anew")]
    Misleading {
        /// Where it led instead.
        reason: String,
    },

    /// The index is in a format that is not read here.
    #[error(
        "the index has the format 0x{code:04x}, and car-index-sorted (0x0400) and \
         car-multihash-index-sorted (0x0401) are read here; `car index` makes one of them"
    )]
    IndexFormat {
        /// The code of the format.
        code: u64,
    },

    /// An error of a walk.
    #[error(transparent)]
    Dag(#[from] dag_ipld::Error),
    /// An error of blocks, of the framing of CARv1, or of a stream.
    #[error(transparent)]
    Blocks(#[from] block_cid::Error),
}

impl Error {
    /// An error of the operating system while trying to `action` (a verb and its object).
    pub fn io(action: &'static str, source: io::Error) -> Error {
        Error::Blocks(block_cid::Error::io(action, source))
    }

    /// What is wrong with the framing, in a CARv1 that begins at byte `start` of its file.
    pub(super) fn framing(error: block_cid::Error, start: u64) -> Error {
        Error::Blocks(match error {
            block_cid::Error::Car { offset, reason } => block_cid::Error::Car {
                offset: offset.saturating_add(start),
                reason,
            },
            other => other,
        })
    }

    /// The file is damaged at byte `offset`.
    pub(super) fn car(offset: u64, reason: impl Into<String>) -> Error {
        let reason = reason.into();
        Error::Blocks(block_cid::Error::Car { offset, reason })
    }
}
