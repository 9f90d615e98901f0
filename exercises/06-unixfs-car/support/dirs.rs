//! Blocks of directories, in a store.

use std::cell::RefCell;
use std::collections::BTreeMap;

use cid::Cid;

use crate::naming::{self, DAG_PB};
use crate::proto;

/// An entry of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is called there.
    pub name: String,
    /// What it leads to.
    pub cid: Cid,
    /// How many bytes all blocks have, that one and those below it.
    pub size: u64,
}

/// Links and data of a dag-pb block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The links, as they stand in the block.
    pub links: Vec<Link>,
    /// UnixFS.
    pub data: Vec<u8>,
}

impl Node {
    /// The block.
    pub fn block(&self) -> Vec<u8> {
        let mut block = Vec::new();
        for link in &self.links {
            let mut fields = proto::bytes(1, &link.cid.to_bytes());
            fields.extend(proto::bytes(2, link.name.as_bytes()));
            fields.extend(proto::number(3, link.size));
            block.extend(proto::bytes(2, &fields));
        }
        block.extend(proto::bytes(1, &self.data));
        block
    }

    /// Whether it is a part of a HAMT: its data begins with Type 5.
    pub fn is_shard(&self) -> bool {
        self.data.starts_with(&[8, 5])
    }
}

/// Blocks by CID, all of one version.
pub struct Store {
    v1: bool,
    nodes: RefCell<BTreeMap<Cid, Node>>,
}

impl Store {
    /// A store for CIDv1, or for CIDv0.
    pub fn new(v1: bool) -> Store {
        Store {
            v1,
            nodes: RefCell::default(),
        }
    }

    /// Stores a block; a link to it, without a name.
    pub fn put(&self, node: Node) -> Link {
        let block = node.block();
        let cid = match self.v1 {
            true => naming::v1(DAG_PB, &block),
            false => naming::v0(&block),
        };
        let below: u64 = node.links.iter().map(|link| link.size).sum();
        self.nodes.borrow_mut().insert(cid, node);
        Link {
            name: String::new(),
            cid,
            size: block.len() as u64 + below,
        }
    }

    /// The block of this CID, if it is here and a directory.
    pub fn get(&self, cid: &Cid) -> Option<Node> {
        self.nodes.borrow().get(cid).cloned()
    }
}
