//! What a walk shows of a block, and is told in return.

use block_cid::Block;

use crate::list::CidList;
use crate::{Cid, Error, Result};

/// A block that a walk came to.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The CID of the link that led here first.
    pub cid: Cid,
    /// How many links it is away from a root, by the way that led here. By level, the least.
    pub depth: u32,
    /// Whether the block was visited before, under another codec: its links are others now.
    pub again: bool,
    /// What is there.
    pub found: Found,
}

/// What a walk found under a CID.
#[derive(Clone, Debug)]
pub enum Found {
    /// A block, and what it links to, in order.
    Node {
        /// The block.
        block: Block,
        /// Its links, repeated as often as they are in it.
        links: CidList,
    },
    /// A block that hashes to its CID, and yet cannot be read: its codec is unknown here
    /// ([`Error::Codec`]), or has no such bytes ([`Error::Decode`]).
    Opaque {
        /// The block.
        block: Block,
        /// Why it cannot be read.
        error: Error,
    },
    /// Bytes that do not hash to the CID, or that the store cannot read.
    Damaged(Error),
    /// Nothing, and nothing could be: the store has no blocks of such a hash, for this reason.
    Refused(String),
    /// Nothing.
    Missing,
}

impl Found {
    /// The block and its links, of this CID, for who needs both.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Refused`], or why the block cannot be read.
    pub fn whole(self, cid: &Cid) -> Result<(Block, CidList)> {
        match self {
            Found::Node { block, links } => Ok((block, links)),
            Found::Opaque { error, .. } | Found::Damaged(error) => Err(error),
            Found::Refused(reason) => Err(Error::Refused {
                cid: Box::new(*cid),
                reason,
            }),
            Found::Missing => Err(Error::Missing {
                cid: Box::new(*cid),
            }),
        }
    }
}

impl Visit {
    /// The block and its links, for who needs the whole DAG.
    ///
    /// # Errors
    /// As [`Found::whole`].
    pub fn whole(self) -> Result<(Block, CidList)> {
        self.found.whole(&self.cid)
    }
}

/// Where a walk goes on after a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// To what the block links to. In post-order it was there before.
    Enter,
    /// Past it.
    Skip,
    /// Nowhere.
    Stop,
}
