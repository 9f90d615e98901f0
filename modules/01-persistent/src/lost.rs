//! What an open finds missing.

use block_cid::{Cid, binary, codec};
use datastore::Key;

use crate::acks::Claim;

/// Names that are kept of what is missing; `verify` names all.
const NAMES: usize = 8;

/// What the record of acknowledgements and the engine disagree about, found by an open after an
/// unclean end. A large store is not looked through whole: what `verify` finds is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lost {
    /// Blocks that were acknowledged, were not deleted, and are not there.
    pub missing: u64,
    /// How many of those were acknowledged under a promise weaker than
    /// [`Each`](crate::Durability::Each), and no `sync` came after.
    pub weak: u64,
    /// Blocks that are not there and may have been deleted: the record of it may be lost.
    pub perhaps: u64,
    /// The first of the missing ones, at most 8.
    pub first: Vec<Cid>,
    /// Blocks that were there without a record, and have one now.
    pub adopted: u64,
    /// What was wrong with the record itself. Told by every open until
    /// [`forget`](crate::ops::verify::Mend::forget) accepts it.
    pub ledger: Option<String>,
}

impl Lost {
    /// Whether nothing is missing, and the record is whole.
    pub fn is_nothing(&self) -> bool {
        self.missing == 0 && self.perhaps == 0 && self.ledger.is_none()
    }

    pub(crate) fn add(&mut self, key: &Key, claim: Claim) {
        if claim.perhaps {
            self.perhaps += 1;
            return;
        }
        self.missing += 1;
        self.weak += u64::from(claim.weak);
        if let (true, Some(cid)) = (self.first.len() < NAMES, cid(key)) {
            self.first.push(cid);
        }
    }
}

/// The CID of the block under this key, as CIDv1 `raw`.
pub(crate) fn cid(key: &Key) -> Option<Cid> {
    let multihash = binary::multihash(key.as_block()?).ok()?;
    Some(Cid::new_v1(codec::RAW, multihash))
}
