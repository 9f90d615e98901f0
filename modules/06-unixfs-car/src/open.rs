//! A CID that may lead to anything: a file, a folder or a symlink.

use block_cid::Blockstore;
use bytes::Bytes;

use crate::node::Node;
use crate::unixfs::{Meta, Type};
use crate::{Cid, Dir, Reader, Result};

/// What a CID leads to, open for use.
#[derive(Debug)]
pub enum Opened<B> {
    /// A file.
    File(Reader<B>),
    /// A folder.
    Dir(Dir<B>),
    /// A symlink, which is not followed.
    Symlink(Symlink),
}

/// A symlink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symlink {
    /// The path that it leads to, as it is written; it may lead anywhere.
    pub target: Bytes,
    /// The time that was kept with it; permissions say nothing of a symlink.
    pub meta: Meta,
}

impl<B: Blockstore> Opened<B> {
    /// What `cid` leads to. Reads one block.
    ///
    /// # Errors
    /// [`Error::Missing`](crate::Error::Missing) if the block is not there;
    /// [`Error::Node`](crate::Error::Node) if it is nothing of UnixFS; those of the store.
    pub fn open(store: B, cid: &Cid) -> Result<Opened<B>> {
        let node = Node::load(&store, cid)?;
        let kind = match &node {
            Node::Raw(_) => Type::File,
            Node::Pb(_, data) => data.kind,
        };
        match (kind, node) {
            (Type::Directory | Type::HAMTShard, node) => Dir::of(store, cid, node).map(Opened::Dir),
            (Type::Symlink, Node::Pb(_, data)) => Ok(Opened::Symlink(Symlink {
                target: data.data.unwrap_or_default(),
                meta: data.meta,
            })),
            (_, node) => Reader::of(store, cid, node).map(Opened::File),
        }
    }
}
