//! Files as DAGs, in a store that counts what is read of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use cid::Cid;

use crate::naming::{self, DAG_PB, RAW};
use crate::proto;

/// A block, decoded and proven.
#[derive(Clone, Debug)]
pub enum Node {
    /// Bytes of the file.
    Leaf(Vec<u8>),
    /// The blocks below, in order, and of how many bytes of the file each is said to be.
    Parent(Vec<(Cid, u64)>),
}

/// Blocks by CID.
#[derive(Default)]
pub struct Store {
    nodes: RefCell<BTreeMap<Cid, Node>>,
    reads: Cell<usize>,
}

impl Store {
    /// A file of leaves of `chunk` bytes, and parents of so many links; the CID of its root.
    pub fn add(&self, file: &[u8], chunk: usize, links: usize) -> Cid {
        let leaf = |bytes: &[u8]| (self.put(Node::Leaf(bytes.to_vec())), bytes.len() as u64);
        let mut level: Vec<(Cid, u64)> = file.chunks(chunk).map(leaf).collect();
        while level.len() > 1 {
            let parent = |children: &[(Cid, u64)]| {
                let size = children.iter().map(|(_, size)| size).sum();
                (self.put(Node::Parent(children.to_vec())), size)
            };
            level = level.chunks(links).map(parent).collect();
        }
        level[0].0
    }

    /// Stores a node, whatever it says of its children.
    pub fn put(&self, node: Node) -> Cid {
        let cid = match &node {
            Node::Leaf(bytes) => naming::v1(RAW, bytes),
            Node::Parent(children) => naming::v1(DAG_PB, &block(children)),
        };
        self.nodes.borrow_mut().insert(cid, node);
        cid
    }

    /// The node of this CID, if it is here.
    pub fn get(&self, cid: &Cid) -> Option<Node> {
        self.reads.set(self.reads.get() + 1);
        self.nodes.borrow().get(cid).cloned()
    }

    /// Loses the leaf with these bytes.
    pub fn lose(&self, leaf: &[u8]) -> Cid {
        let cid = naming::v1(RAW, leaf);
        self.nodes.borrow_mut().remove(&cid);
        cid
    }

    /// How many blocks were read since this was last asked.
    pub fn reads(&self) -> usize {
        self.reads.take()
    }
}

fn block(children: &[(Cid, u64)]) -> Vec<u8> {
    let mut block = Vec::new();
    let mut data = proto::number(1, 2);
    for (cid, size) in children {
        block.extend(proto::bytes(2, &proto::bytes(1, &cid.to_bytes())));
        data.extend(proto::number(4, *size));
    }
    block.extend(proto::bytes(1, &data));
    block
}
