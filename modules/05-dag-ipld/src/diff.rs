//! What two DAGs have in common, and where they differ.
//!
//! ```text
//!    before: a          after: a'          a ≠ a', so they are read: "name" is another text,
//!           ╱ ╲               ╱ ╲          and "left" another link.
//!          b   c             b   c'        b = b: all below is the same, and need not be read.
//! ```

mod compare;

use std::collections::{HashSet, VecDeque};

use block_cid::Blockstore;
use compare::{Compare, Side};

use crate::seen::{Fingerprint, Prints, Seen};
use crate::stat::Sum;
use crate::visit::{Found, Next};
use crate::walk::Walk;
use crate::{Cid, Codec, Dag, Error, Ipld, Result, Trail, pb};

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where it is, from the roots: keys, indices, names of links (see [`Link`](crate::Link)).
    pub path: Trail,
    /// What was there; `None` if it was added.
    pub before: Option<Item>,
    /// What is there now; `None` if it was removed.
    pub after: Option<Item>,
}

/// One side of a difference.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A value within a block.
    Value(Ipld),
    /// A link, and with it all that is below.
    Link(Cid),
}

/// How many blocks two DAGs have together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// In the one before.
    pub before: Sum,
    /// In the one after.
    pub after: Sum,
    /// In both.
    pub shared: Sum,
    /// Blocks of either that are missing or cannot be read, each once: the figures are without what is
    /// below.
    pub bad: u64,
}

impl Overlap {
    /// The part of all bytes, stored once, that both have: from 0 to 1. `None` if there are none.
    pub fn share(&self) -> Option<f64> {
        let all = self.before.bytes as f64 + self.after.bytes as f64 - self.shared.bytes as f64;
        (all > 0.0).then(|| self.shared.bytes as f64 / all)
    }
}

impl<B: Blockstore> Dag<B> {
    /// Counts the blocks below two roots, and those that both have. As `walk` says.
    ///
    /// # Errors
    /// As [`walk`](Dag::walk).
    pub fn overlap(&self, before: &Cid, after: &Cid, walk: &Walk<'_>) -> Result<Overlap> {
        let mut overlap = Overlap::default();
        let mut there = Seen::default();
        self.walk(&[*before], walk, |visit| {
            there.meet(&visit.cid);
            match visit.found {
                Found::Node { .. } | Found::Opaque { .. } if visit.again => {}
                Found::Node { block, .. } => overlap.before.add(block.len() as u64),
                _ => overlap.bad += 1,
            }
            Ok::<_, Error>(Next::Enter)
        })?;
        self.walk(&[*after], walk, |visit| {
            match visit.found {
                Found::Node { .. } | Found::Opaque { .. } if visit.again => {}
                Found::Node { block, .. } => {
                    overlap.after.add(block.len() as u64);
                    if there.has_block(&visit.cid) {
                        overlap.shared.add(block.len() as u64);
                    }
                }
                _ if there.has(&visit.cid) => {}
                _ => overlap.bad += 1,
            }
            Ok::<_, Error>(Next::Enter)
        })?;
        Ok(overlap)
    }

    /// Tells `tell` each difference between what is below two roots: outer blocks first, and within a
    /// block in its order. Of `walk` the limit on blocks counts, here for pairs that are compared, and
    /// the token.
    ///
    /// A pair of blocks that stands at several paths is compared once, at the first of them. Each pair has
    /// its two blocks read, so that where each of many stands against each of many others, the work grows
    /// with their product. Where a block is missing or cannot be read, the links to it are the difference.
    /// Lists are compared index by index, dag-pb by the names of its links, floats by their bits.
    ///
    /// # Errors
    /// Those of `tell`; [`Error::Limit`], [`Error::Cancelled`]; [`Error::Blocks`] if the store fails.
    pub fn diff<E: From<Error>>(
        &self,
        before: &Cid,
        after: &Cid,
        walk: &Walk<'_>,
        mut tell: impl FnMut(Change) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut pairs = Pairs::default();
        let mut left = walk.max_blocks();
        pairs.push(Trail::default(), *before, *after);
        while let Some(pair) = pairs.queue.pop_front() {
            walk.cancel().check()?;
            left = left.checked_sub(1).ok_or_else(|| walk.over("blocks"))?;
            let sides = (self.side(&pair.before)?, self.side(&pair.after)?);
            walk.cancel().check()?;
            let mut compare = Compare {
                pairs: &mut pairs,
                tell: &mut tell,
                is_told: false,
            };
            if let (Some(before), Some(after)) = sides {
                compare.sides(&pair.path, before, after)?;
            }
            // Another spelling of the same, or nothing to be looked into.
            if !compare.is_told {
                tell(Change {
                    path: pair.path,
                    before: Some(Item::Link(pair.before)),
                    after: Some(Item::Link(pair.after)),
                })?;
            }
        }
        Ok(())
    }

    /// What a block says, if it can be looked into.
    fn side(&self, cid: &Cid) -> Result<Option<Side>> {
        let Found::Node { block, .. } = self.find(cid)? else {
            return Ok(None);
        };
        Ok(match Codec::of(cid)? {
            Codec::Raw => None,
            // A name that comes twice is no fault to who reads links alone.
            Codec::DagPb => pb::Node::decode(block.data()).ok().map(Side::Pb),
            codec => codec.decode_relaxed(block.data()).ok().map(Side::Value),
        })
    }
}

/// Two blocks that stand at one path.
struct Pair {
    path: Trail,
    before: Cid,
    after: Cid,
}

/// The pairs that are to be compared, each once.
#[derive(Default)]
struct Pairs {
    prints: Prints,
    known: HashSet<[(Fingerprint, u64); 2]>,
    queue: VecDeque<Pair>,
}

impl Pairs {
    /// Adds a pair that was not there; false if the two are one block.
    fn push(&mut self, path: Trail, before: Cid, after: Cid) -> bool {
        let [old, new] = [before, after].map(|cid| (self.prints.of(&cid), cid.codec()));
        if old != new && self.known.insert([old, new]) {
            self.queue.push_back(Pair {
                path,
                before,
                after,
            });
        }
        old != new
    }
}
