//! CARs and DAGs for the program.

use std::io::Cursor;

use block_cid::{Block, Cid, Hash, codec};
use dag_ipld::pb::{Link, Node};
use unixfs_car::car::index::Scratch;
use unixfs_car::car::{Version, Writer};

pub use crate::samples::place;

/// A CAR of these blocks.
pub fn car(version: Version, roots: &[Cid], blocks: &[Block]) -> Vec<u8> {
    let scratch = Scratch::new(std::env::temp_dir());
    let mut writer = Writer::new(Cursor::new(Vec::new()), roots, version, &scratch).unwrap();
    for block in blocks {
        writer.put(block).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A node of dag-pb that links to these, and has none of their bytes.
pub fn node(links: &[&Block]) -> Block {
    let link = |block: &&Block| Link {
        cid: *block.cid(),
        name: None,
        size: None,
    };
    let links = links.iter().map(link).collect();
    let node = Node { links, data: None };
    Block::new(codec::DAG_PB, Hash::SHA2_256, node.encode()).unwrap()
}

/// A root, a node below it, and three leaves, in the order of an export.
pub fn dag() -> Vec<Block> {
    let leaves = ["one", "two", "three"].map(Block::raw);
    let inner = node(&[&leaves[0], &leaves[1]]);
    let root = node(&[&inner, &leaves[2], &leaves[0]]);
    let [one, two, three] = leaves;
    vec![root, inner, one, two, three]
}

pub fn name(block: &Block) -> String {
    block.cid().to_string()
}
