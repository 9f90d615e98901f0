//! Which blocks were met.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash, RandomState};

use crate::{Cid, Codec};

/// 128 bits for a multihash: two of SipHash, each with a key of its own, drawn when the walk begins.
///
/// A billion blocks have two of one fingerprint with a chance of 10⁻²¹, and since nobody outside
/// knows the keys, nobody can make two on purpose. A digest itself would not do as well: it may have
/// 128 bytes, and that of an identity CID is whatever its maker likes, another block's digest, too.
pub(crate) type Fingerprint = [u8; 16];

/// Makes fingerprints; those of two makers cannot be compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prints(RandomState, RandomState);

impl Prints {
    /// That of the multihash: one block, whatever the version and codec of the CID.
    pub(crate) fn of(&self, cid: &Cid) -> Fingerprint {
        self.print(&(cid.hash().code(), cid.hash().digest()))
    }

    /// That of the whole CID.
    fn of_cid(&self, cid: &Cid) -> Fingerprint {
        self.print(cid)
    }

    fn print(&self, key: &impl Hash) -> Fingerprint {
        let halves = [self.0.hash_one(key), self.1.hash_one(key)].map(u64::to_le_bytes);
        let mut print = [0; 16];
        for (to, from) in print.iter_mut().zip(halves.as_flattened()) {
            *to = *from;
        }
        print
    }
}

/// A set of blocks, and of the codecs that each was read by. Takes 21 to 41 bytes a block: 17 for
/// the entry and one of the table, which is between half and seven eighths full.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    prints: Prints,
    blocks: HashMap<Fingerprint, Codecs>,
    /// Two CIDs of one block are two.
    whole: bool,
}

/// A bit for each codec of [`Codec::ALL`], and one for all others.
type Codecs = u8;

/// What is new about a CID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// The block.
    First,
    /// The codec alone: the block was met under another, and has other links under this one.
    Again,
    /// Nothing.
    Before,
}

impl Seen {
    /// A set of CIDs instead.
    pub(crate) fn of_cids() -> Seen {
        Seen {
            whole: true,
            ..Seen::default()
        }
    }

    fn print(&self, cid: &Cid) -> Fingerprint {
        match self.whole {
            true => self.prints.of_cid(cid),
            false => self.prints.of(cid),
        }
    }

    /// Adds it.
    pub(crate) fn meet(&mut self, cid: &Cid) -> Met {
        let bit = bit(cid);
        match self.blocks.entry(self.print(cid)) {
            Entry::Vacant(entry) => {
                entry.insert(bit);
                Met::First
            }
            Entry::Occupied(entry) if entry.get() & bit != 0 => Met::Before,
            Entry::Occupied(mut entry) => {
                *entry.get_mut() |= bit;
                Met::Again
            }
        }
    }

    /// Whether it was met, under this codec.
    pub(crate) fn has(&self, cid: &Cid) -> bool {
        let codecs = self.blocks.get(&self.print(cid));
        codecs.is_some_and(|codecs| codecs & bit(cid) != 0)
    }

    /// Whether the block was met, under any codec.
    pub(crate) fn has_block(&self, cid: &Cid) -> bool {
        self.blocks.contains_key(&self.prints.of(cid))
    }
}

/// A set of CIDs in 21 to 41 bytes each, of which nobody can make two that are one here.
#[derive(Clone, Debug)]
pub struct CidSet(Seen);

impl Default for CidSet {
    fn default() -> CidSet {
        CidSet(Seen::of_cids())
    }
}

impl CidSet {
    /// Adds a CID; false if it was there.
    pub fn insert(&mut self, cid: &Cid) -> bool {
        self.0.meet(cid) == Met::First
    }

    /// Whether it is there.
    pub fn contains(&self, cid: &Cid) -> bool {
        self.0.has(cid)
    }
}

fn bit(cid: &Cid) -> Codecs {
    let known = Codec::ALL.iter().position(|c| c.code() == cid.codec());
    1 << known.unwrap_or(Codec::ALL.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use block_cid::{Block, Hash, to_v0};

    use super::*;

    #[test]
    fn a_block_is_met_once_under_each_codec() {
        let block = Block::new(0x70, Hash::SHA2_256, "x").unwrap();
        let v1 = *block.cid();
        let raw = Cid::new_v1(0x55, *v1.hash());
        let mut seen = Seen::default();
        assert!(!seen.has(&v1) && !seen.has_block(&v1));
        assert_eq!(seen.meet(&v1), Met::First);
        assert_eq!(seen.meet(&to_v0(&v1).unwrap()), Met::Before);
        assert!(!seen.has(&raw) && seen.has_block(&raw));
        assert_eq!(seen.meet(&raw), Met::Again);
        assert_eq!(seen.meet(&raw), Met::Before);
        assert!(seen.has(&raw) && seen.has(&v1));
        // Codecs that are not known here share a bit: none of them has links to follow.
        assert_eq!(seen.meet(&Cid::new_v1(0x78, *v1.hash())), Met::Again);
        assert_eq!(seen.meet(&Cid::new_v1(0x90, *v1.hash())), Met::Before);
    }

    /// Just before the table grows, and just after.
    #[test]
    fn a_block_takes_21_to_41_bytes() {
        for (blocks, least, most) in [(57_344_u32, 20.5, 21.0), (57_345, 41.0, 41.5)] {
            let mut seen = Seen::default();
            let allocated = allocation_counter::measure(|| {
                for n in 0..blocks {
                    let digest = [n.to_be_bytes(); 8].concat();
                    let hash = block_cid::Multihash::wrap(0x12, &digest).unwrap();
                    seen.meet(&Cid::new_v1(0x55, hash));
                }
            });
            let each = allocated.bytes_current as f64 / f64::from(blocks);
            assert!((least..most).contains(&each), "{each} bytes");
        }
    }

    #[test]
    fn of_cids_two_of_one_block_are_two() {
        let block = Block::new(0x70, Hash::SHA2_256, "x").unwrap();
        let v1 = *block.cid();
        let mut seen = Seen::of_cids();
        for cid in [v1, to_v0(&v1).unwrap(), Cid::new_v1(0x55, *v1.hash())] {
            assert!(!seen.has(&cid));
            assert_eq!(seen.meet(&cid), Met::First);
            assert_eq!(seen.meet(&cid), Met::Before);
        }
        let mut set = CidSet::default();
        assert!(!set.contains(&v1) && set.insert(&v1) && !set.insert(&v1) && set.contains(&v1));
    }

    #[test]
    fn an_identity_cid_cannot_pass_for_another_block() {
        let victim = Block::raw("victim");
        let digest = victim.cid().hash().digest().to_vec();
        let mimic = Block::new(0x55, Hash::IDENTITY, digest).unwrap();
        let mut seen = Seen::default();
        assert_eq!(seen.meet(mimic.cid()), Met::First);
        assert_eq!(seen.meet(victim.cid()), Met::First);
    }
}
