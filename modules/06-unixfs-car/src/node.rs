//! What a block is to UnixFS: bytes of a file, or a node with links and data.

use block_cid::{Block, Blockstore, codec};
use bytes::Bytes;
use dag_ipld::pb;

use crate::unixfs::{Data, Type};
use crate::{Cid, Error, Result};

/// A block, read as files and folders are made of them.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// Codec raw: the bytes are those of the file.
    Raw(Bytes),
    /// Codec dag-pb, with UnixFS as its data.
    Pb(pb::Node, Data),
}

impl Node {
    /// Reads a block.
    ///
    /// # Errors
    /// [`Error::Node`], which names the block, if it has another codec or is damaged.
    pub(crate) fn of(block: &Block) -> Result<Node> {
        Node::read(block).map_err(|error| Error::node(block.cid(), error))
    }

    fn read(block: &Block) -> Result<Node> {
        match block.cid().codec() {
            codec::RAW => Ok(Node::Raw(block.data().clone())),
            codec::DAG_PB => {
                let node = pb::Node::decode(block.data())?;
                // Absent data is an empty message, which lacks its type.
                let data = Data::decode(node.data.as_ref().unwrap_or(&Bytes::new()))?;
                Ok(Node::Pb(node, data))
            }
            other => Err(Error::Codec {
                name: codec::display(other),
            }),
        }
    }

    /// The node that `cid` names.
    ///
    /// # Errors
    /// [`Error::Missing`] if it is not there; those of the store and of [`Node::of`].
    pub(crate) fn load(store: &impl Blockstore, cid: &Cid) -> Result<Node> {
        Node::of(&block(store, cid)?)
    }
}

/// The block that `cid` names.
///
/// # Errors
/// [`Error::Missing`] if it is not there; those of the store.
pub(crate) fn block(store: &impl Blockstore, cid: &Cid) -> Result<Block> {
    store.get(cid)?.ok_or_else(|| Error::missing(cid))
}

/// What a node of this kind is called.
pub(crate) fn called(kind: Type) -> &'static str {
    match kind {
        Type::File | Type::Raw => "a file",
        Type::Directory | Type::HAMTShard => "a folder",
        Type::Symlink => "a symlink",
        Type::Metadata => "a description of a file",
    }
}
