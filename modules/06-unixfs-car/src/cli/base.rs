//! CIDs in the base that is asked for.

use anyhow::Result;
use block_cid::base::Base;
use block_cid::{Cid, text, to_v1};
use cid::Version;

/// The CID as `ipfs --cid-base` prints it: one of version 0 as one of version 1 in any base but base58btc,
/// and wherever `upgrade` says so.
pub fn shown(cid: &Cid, base: Option<Base>, upgrade: bool) -> Result<String> {
    let is_other = base.is_some_and(|base| base != Base::Base58Btc);
    match cid.version() {
        Version::V0 if upgrade || is_other => Ok(text::display(&to_v1(cid), base)?),
        Version::V0 => Ok(cid.to_string()),
        Version::V1 => Ok(text::display(cid, base)?),
    }
}
