//! 00-1: the name of eleven bytes.

use cid::Cid;
use multihash::Multihash;
use sha2::{Digest, Sha256};

/// The code of raw bytes in the multicodec table.
pub const RAW: u64 = 0x55;

/// The code of sha2-256 in the multicodec table.
pub const SHA2_256: u64 = 0x12;

/// The CIDv1 of a block of raw bytes, by sha2-256.
pub fn cid_of(block: &[u8]) -> Cid {
    //~ todo: hash the block, wrap the digest as a multihash, and that as a CID
    let digest = Sha256::digest(block);
    let hash = Multihash::wrap(SHA2_256, &digest).expect("32 bytes fit in 64");
    Cid::new_v1(RAW, hash)
    //~ end
}
