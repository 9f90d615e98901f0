//! CIDs of blocks, by sha2-256.

use cid::Cid;
use multihash::Multihash;
use sha2::{Digest, Sha256};

/// The code of raw bytes.
pub const RAW: u64 = 0x55;

/// The code of dag-pb.
pub const DAG_PB: u64 = 0x70;

/// The CIDv1 of a block.
pub fn v1(codec: u64, block: &[u8]) -> Cid {
    let hash = Multihash::wrap(0x12, &Sha256::digest(block)).expect("32 bytes fit in 64");
    Cid::new_v1(codec, hash)
}

/// The CIDv0 of a dag-pb block.
pub fn v0(block: &[u8]) -> Cid {
    Cid::new_v0(*v1(DAG_PB, block).hash()).expect("sha2-256, with 32 bytes")
}
