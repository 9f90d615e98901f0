//! 00-5: why a CID is not the sha256sum, and when it is.

use cid::Cid;
use multihash::Multihash;
use sha2::{Digest, Sha256};

/// The code of raw bytes.
pub const RAW: u64 = 0x55;

/// The code of sha2-256.
pub const SHA2_256: u64 = 0x12;

/// The code of BLAKE3.
pub const BLAKE3: u64 = 0x1e;

/// Files are cut into chunks of so many bytes: `ipfs add --chunker=size-262144`.
pub const CHUNK: usize = 262_144;

/// What can be said of a file and a CID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The file is what the CID names.
    Same,
    /// The file has this CID, made in the same way.
    Other(Cid),
    /// The CID does not name the bytes of a file as they are.
    CannotTell,
}

/// Whether the digest in the CID of a file of so many bytes is its sha256sum, if it is added with raw
/// leaves. Predict, before you write it: 1 byte? 262,144? 262,145?
pub fn is_sha256sum(len: usize) -> bool {
    //~ todo: when is a file one block?
    len <= CHUNK
    //~ end
}

/// The CIDs of the leaves of a file, in order: raw, by sha2-256. A file without bytes has one.
pub fn leaves(file: &[u8]) -> Vec<Cid> {
    //~ todo: cut and name
    let leaf = |chunk: &[u8]| named(SHA2_256, chunk);
    if file.is_empty() {
        return leaf(file).into_iter().collect();
    }
    file.chunks(CHUNK).filter_map(leaf).collect()
    //~ end
}

/// Whether `file` is what `cid` names, if that is a single raw block by sha2-256 or BLAKE3.
pub fn check(file: &[u8], cid: &Cid) -> Answer {
    //~ todo: hash as the CID says, and compare
    if cid.codec() != RAW {
        return Answer::CannotTell;
    }
    match named(cid.hash().code(), file) {
        None => Answer::CannotTell,
        Some(now) if now == *cid => Answer::Same,
        Some(now) => Answer::Other(now),
    }
    //~ end
}
//~ blank: the raw CID of a block by one hash or the other helps both

/// The raw CID of a block by this hash, if it is one that we know.
fn named(hash: u64, block: &[u8]) -> Option<Cid> {
    let digest: [u8; 32] = match hash {
        SHA2_256 => Sha256::digest(block).into(),
        BLAKE3 => *blake3::hash(block).as_bytes(),
        _ => return None,
    };
    let hash = Multihash::wrap(hash, &digest).expect("32 bytes fit in 64");
    Some(Cid::new_v1(RAW, hash))
}
//~ end
