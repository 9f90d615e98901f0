//! How much there is of a DAG.

use std::collections::{BTreeMap, HashMap};

use block_cid::{Blockstore, Hash};

use crate::seen::{Fingerprint, Prints};
use crate::visit::{Found, Next};
use crate::walk::{Order, Walk};
use crate::{Cid, Dag, Error, Result};

/// Blocks, and the bytes in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Sum {
    /// One block more.
    pub(crate) fn add(&mut self, bytes: u64) {
        self.blocks += 1;
        self.bytes += bytes;
    }

    fn plus(self, other: Sum) -> Sum {
        Sum {
            blocks: self.blocks.saturating_add(other.blocks),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

/// What is below some roots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// Every block once: what a store needs for it.
    pub unique: Sum,
    /// Every block as often as there are paths to it: what there would be if nothing were shared.
    /// Both figures stop at 2⁶⁴ - 1.
    pub paths: Sum,
    /// The unique blocks by codec, which is a code of the multicodec table. A block that is linked to
    /// under two codecs stands under the one that the walk came to first.
    pub codecs: BTreeMap<u64, Sum>,
    /// Nodes that lie in their CID (identity), and take no block.
    pub inline: u64,
    /// All links of the unique blocks.
    pub links: u64,
    /// The most links from a root to a block.
    pub depth: u32,
    /// Blocks that are not there.
    pub missing: u64,
    /// Blocks that do not hash to their CID, cannot be read as their codec has it, or have a hash that
    /// the store refuses; what they link to is not known.
    pub faulty: u64,
    /// The first of those that are missing or faulty.
    pub first_bad: Option<Cid>,
}

impl Stat {
    /// How many times as large the DAG would be if nothing were shared; 1 if nothing is. `None` if it
    /// has no bytes.
    pub fn dedup_ratio(&self) -> Option<f64> {
        let unique = self.unique.bytes as f64;
        (unique > 0.0).then(|| self.paths.bytes as f64 / unique)
    }

    /// Whether every block is there and can be read.
    pub fn is_whole(&self) -> bool {
        self.first_bad.is_none()
    }
}

/// What lies below a block, itself included.
#[derive(Clone, Copy, Default)]
struct Below {
    paths: Sum,
    depth: u32,
}

impl<B: Blockstore> Dag<B> {
    /// Counts what is below `roots`, and these. As `walk` says, but for order and depth: all is counted,
    /// each block once, from the leaves up, so that paths are counted without walking each. Takes 40 bytes for each
    /// block more than a walk, in a table that is between half and seven eighths full.
    ///
    /// # Errors
    /// As [`walk`](Dag::walk).
    pub fn stat(&self, roots: &[Cid], walk: &Walk<'_>) -> Result<Stat> {
        let walk = walk.clone().whole().with_order(Order::Post);
        let mut stat = Stat::default();
        let prints = Prints::default();
        let mut known: HashMap<(Fingerprint, u64), Below> = HashMap::new();
        let key = |cid: &Cid| (prints.of(cid), cid.codec());
        self.walk(roots, &walk, |visit| {
            let mut below = Below::default();
            let is_inline = visit.cid.hash().code() == Hash::IDENTITY.code();
            if let Found::Node { block, .. } | Found::Opaque { block, .. } = &visit.found {
                let bytes = block.len() as u64;
                if is_inline {
                    stat.inline += 1;
                } else {
                    below.paths.add(bytes);
                    if !visit.again {
                        stat.unique.add(bytes);
                        stat.codecs.entry(visit.cid.codec()).or_default().add(bytes);
                    }
                }
            }
            match &visit.found {
                Found::Node { links, .. } => {
                    stat.links += links.len() as u64;
                    for link in links {
                        let child = known.get(&key(&link)).copied().unwrap_or_default();
                        below.paths = below.paths.plus(child.paths);
                        below.depth = below.depth.max(child.depth.saturating_add(1));
                    }
                }
                Found::Missing => stat.missing += 1,
                Found::Opaque { .. } | Found::Damaged(_) | Found::Refused(_) => stat.faulty += 1,
            }
            if !matches!(visit.found, Found::Node { .. }) {
                stat.first_bad.get_or_insert(visit.cid);
            }
            known.insert(key(&visit.cid), below);
            Ok::<_, Error>(Next::Enter)
        })?;
        for root in roots {
            let below = known.get(&key(root)).copied().unwrap_or_default();
            stat.paths = stat.paths.plus(below.paths);
            stat.depth = stat.depth.max(below.depth);
        }
        Ok(stat)
    }
}
