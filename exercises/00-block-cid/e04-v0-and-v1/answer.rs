//! 00-4: from CIDv0 to CIDv1, and back where that can be.

use cid::{Cid, Version};

/// The code of dag-pb, the only codec of CIDv0.
pub const DAG_PB: u64 = 0x70;

/// The code of sha2-256, the only hash of CIDv0.
pub const SHA2_256: u64 = 0x12;

/// What CIDv0 has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoV0 {
    /// This codec.
    Codec(u64),
    /// This hash.
    Hash(u64),
    /// A digest of so many bytes.
    Length(u8),
}

/// The CIDv1 that names the same bytes and says what they are.
pub fn to_v1(cid: &Cid) -> Cid {
    //~ todo: a CIDv0 says dag-pb without writing it
    Cid::new_v1(cid.codec(), *cid.hash())
    //~ end
}

/// The CIDv0 of the same block, if there is one; else the first thing that it could not say.
pub fn to_v0(cid: &Cid) -> Result<Cid, NoV0> {
    //~ todo: three things have to hold
    let hash = cid.hash();
    if cid.version() == Version::V1 && cid.codec() != DAG_PB {
        return Err(NoV0::Codec(cid.codec()));
    }
    if hash.code() != SHA2_256 {
        return Err(NoV0::Hash(hash.code()));
    }
    Cid::new_v0(*hash).map_err(|_| NoV0::Length(hash.size()))
    //~ end
}
