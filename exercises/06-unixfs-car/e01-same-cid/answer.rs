//! 06-1: the CID that `ipfs add` prints.

use cid::Cid;

use crate::naming::{self, DAG_PB, RAW};
use crate::proto::{bytes, number};

/// How a file is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// CIDv1, and not CIDv0.
    pub cid_v1: bool,
    /// Whether a leaf is the bytes of the file, and nothing else.
    pub raw_leaves: bool,
    /// How many bytes of the file a leaf has.
    pub chunk: usize,
    /// How many children a block has at most.
    pub max_links: usize,
}

/// The profile unixfs-v0-2015.
pub fn v0_2015() -> Profile {
    //~ todo: its row in the table
    Profile {
        cid_v1: false,
        raw_leaves: false,
        chunk: 262_144,
        max_links: 174,
    }
    //~ end
}

/// The profile unixfs-v1-2025.
pub fn v1_2025() -> Profile {
    //~ todo: its row in the table
    Profile {
        cid_v1: true,
        raw_leaves: true,
        chunk: 1_048_576,
        max_links: 1024,
    }
    //~ end
}

/// A block, as its parent sees it.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Its name.
    pub cid: Cid,
    /// How many bytes of the file are in it and below it.
    pub file_size: u64,
    /// How many bytes all blocks have, it and those below it.
    pub dag_size: u64,
}

/// The CID of a file.
pub fn add(file: &[u8], profile: &Profile) -> Cid {
    //~ todo: leaves; then parents of so many, and their parents, until one is left
    let mut level: Vec<Node> = file
        .chunks(profile.chunk)
        .map(|c| leaf(c, profile))
        .collect();
    if file.is_empty() {
        level.push(leaf(file, profile));
    }
    while level.len() > 1 {
        let parents = level.chunks(profile.max_links);
        level = parents.map(|children| parent(children, profile)).collect();
    }
    level[0].cid
    //~ end
}

/// The block of one chunk.
pub fn leaf(chunk: &[u8], profile: &Profile) -> Node {
    //~ todo: the bytes as they are, or in UnixFS in dag-pb
    let file_size = chunk.len() as u64;
    let (codec, block) = if profile.raw_leaves {
        (RAW, chunk.to_vec())
    } else {
        (DAG_PB, dag_pb(&[], &unixfs(chunk, file_size, &[])))
    };
    Node {
        cid: name(codec, &block, profile),
        file_size,
        dag_size: block.len() as u64,
    }
    //~ end
}

/// The block that lists these children.
pub fn parent(children: &[Node], profile: &Profile) -> Node {
    //~ todo: no bytes of the file, but how many each child has
    let sizes: Vec<u64> = children.iter().map(|child| child.file_size).collect();
    let file_size = sizes.iter().sum();
    let block = dag_pb(children, &unixfs(b"", file_size, &sizes));
    let below: u64 = children.iter().map(|child| child.dag_size).sum();
    Node {
        cid: name(DAG_PB, &block, profile),
        file_size,
        dag_size: block.len() as u64 + below,
    }
    //~ end
}

/// UnixFS: what a block says of the file.
pub fn unixfs(content: &[u8], file_size: u64, block_sizes: &[u64]) -> Vec<u8> {
    //~ todo: Type 2, Data if there is any, filesize, then each of the blocksizes
    let mut data = number(1, 2);
    if !content.is_empty() {
        data.extend(bytes(2, content));
    }
    data.extend(number(3, file_size));
    for &size in block_sizes {
        data.extend(number(4, size));
    }
    data
    //~ end
}

/// dag-pb: links and data.
pub fn dag_pb(links: &[Node], data: &[u8]) -> Vec<u8> {
    //~ todo: each link has Hash, Name and Tsize; mind which of Links and Data comes first
    let mut block = Vec::new();
    for child in links {
        let mut link = bytes(1, &child.cid.to_bytes());
        link.extend(bytes(2, b""));
        link.extend(number(3, child.dag_size));
        block.extend(bytes(2, &link));
    }
    block.extend(bytes(1, data));
    block
    //~ end
}

/// The CID of a block, of the version that the profile has.
fn name(codec: u64, block: &[u8], profile: &Profile) -> Cid {
    if profile.cid_v1 {
        naming::v1(codec, block)
    } else {
        naming::v0(block)
    }
}
