//! CIDs that were met before.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use block_cid::Cid;

/// A set of CIDs in some 20 bytes each: of each CID 128 bits of a hash whose keys nobody knows outside of
/// this process, so that nobody can make two CIDs that are one here.
#[derive(Debug, Default)]
pub(super) struct Seen {
    set: HashSet<u128>,
    keys: [RandomState; 2],
}

impl Seen {
    /// Adds a CID; false if it was there.
    pub fn insert(&mut self, cid: &Cid) -> bool {
        self.set.insert(self.mark(cid))
    }

    /// Whether it is there.
    pub fn contains(&self, cid: &Cid) -> bool {
        self.set.contains(&self.mark(cid))
    }

    fn mark(&self, cid: &Cid) -> u128 {
        let [high, low] = self
            .keys
            .each_ref()
            .map(|key| u128::from(key.hash_one(cid)));
        high << 64 | low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use block_cid::{Block, to_v1};

    #[test]
    fn versions_and_codecs_are_told_apart() {
        let mut seen = Seen::default();
        for n in 0..1000u32 {
            let raw = *Block::raw(n.to_le_bytes().to_vec()).cid();
            let pb = Cid::new_v1(0x70, *raw.hash());
            for cid in [raw, pb] {
                assert!(!seen.contains(&cid) && seen.insert(&cid));
                assert!(seen.contains(&to_v1(&cid)) && !seen.insert(&cid));
            }
        }
    }
}
