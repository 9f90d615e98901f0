//! From one version of a CID to the other.
//!
//! Both name the same multihash, so both find the same block; only what is said about it
//! differs. CIDv1 can say all that CIDv0 can, and not the other way round.

use cid::Version;

use crate::{Cid, Error, Hash, Result, codec};

/// The CIDv1 for the same bytes; itself, if it is one.
pub fn to_v1(cid: &Cid) -> Cid {
    Cid::new_v1(cid.codec(), *cid.hash())
}

/// The CIDv0 for the same bytes; itself, if it is one.
///
/// # Errors
/// [`Error::NoV0`] if the codec is not dag-pb, or the hash is not sha2-256 with all 32 bytes:
/// CIDv0 has no place to say so.
pub fn to_v0(cid: &Cid) -> Result<Cid> {
    let no = |reason| {
        Err(Error::NoV0 {
            cid: Box::new(*cid),
            reason,
        })
    };
    if cid.codec() != codec::DAG_PB {
        return no(format!(
            "its codec is {}, and that of CIDv0 is dag-pb",
            codec::display(cid.codec())
        ));
    }
    match Cid::new(Version::V0, codec::DAG_PB, *cid.hash()) {
        Ok(v0) => Ok(v0),
        Err(_) => {
            let (code, len) = (cid.hash().code(), cid.hash().size());
            let hash =
                Hash::from_code(code).map_or_else(|_| format!("0x{code:x}"), |h| h.to_string());
            no(format!(
                "its hash is {hash} with {len} bytes, and that of CIDv0 is sha2-256 with 32"
            ))
        }
    }
}
