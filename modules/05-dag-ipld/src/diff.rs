//! What two DAGs have in common, and where they differ.
//!
//! ```text
//!    before: a          after: a'          a ≠ a', so they are read: "name" is another text,
//!           ╱ ╲               ╱ ╲          and "left" another link.
//!          b   c             b   c'        b = b: all below is the same, and need not be read.
//! ```

use std::collections::{BTreeMap, HashSet, VecDeque};

use block_cid::Blockstore;

use crate::seen::{Fingerprint, Prints, Seen};
use crate::stat::Sum;
use crate::visit::{Found, Next};
use crate::walk::Walk;
use crate::{Cid, Codec, Dag, Error, Ipld, Result, pb};

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where it is, from the roots: keys, indices, names of links (see [`Link`](crate::Link)).
    pub path: Vec<String>,
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
    /// Blocks of either that are missing or cannot be read: the figures are without what is below.
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
    /// A pair of blocks that stands at several paths is compared once, at the first of them. Where a
    /// block is missing or cannot be read, the links to it are the difference. Lists are compared
    /// index by index, dag-pb by the names of its links.
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
        pairs.push(Vec::new(), *before, *after);
        while let Some(pair) = pairs.queue.pop_front() {
            walk.cancel().check()?;
            left = left.checked_sub(1).ok_or_else(|| walk.over("blocks"))?;
            let sides = (self.side(&pair.before)?, self.side(&pair.after)?);
            walk.cancel().check()?;
            let mut changes = Vec::new();
            let known = pairs.known.len();
            if let (Some(before), Some(after)) = sides {
                let mut compare = Compare {
                    path: pair.path.clone(),
                    pairs: &mut pairs,
                    changes: &mut changes,
                };
                compare.sides(before, after);
            }
            // Another spelling of the same, or nothing to be looked into.
            if changes.is_empty() && pairs.known.len() == known {
                changes.push(Change {
                    path: pair.path,
                    before: Some(Item::Link(pair.before)),
                    after: Some(Item::Link(pair.after)),
                });
            }
            changes.into_iter().try_for_each(&mut tell)?;
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
            Codec::DagPb => Some(Side::Pb(pb::Node::decode(block.data())?)),
            // What the links of a block could be read from can be read.
            codec => codec.decode_relaxed(block.data()).ok().map(Side::Value),
        })
    }
}

enum Side {
    Pb(pb::Node),
    Value(Ipld),
}

/// Two blocks that stand at one path.
struct Pair {
    path: Vec<String>,
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
    fn push(&mut self, path: Vec<String>, before: Cid, after: Cid) {
        let [old, new] = [before, after].map(|cid| (self.prints.of(&cid), cid.codec()));
        if old != new && self.known.insert([old, new]) {
            self.queue.push_back(Pair {
                path,
                before,
                after,
            });
        }
    }
}

/// Compares two blocks.
struct Compare<'a> {
    path: Vec<String>,
    pairs: &'a mut Pairs,
    changes: &'a mut Vec<Change>,
}

impl Compare<'_> {
    fn sides(&mut self, before: Side, after: Side) {
        match (before, after) {
            (Side::Pb(before), Side::Pb(after)) => self.nodes(before, after),
            (Side::Value(before), Side::Value(after)) => self.values(before, after),
            // A folder became something else: all of it did.
            _ => {}
        }
    }

    fn nodes(&mut self, before: pb::Node, after: pb::Node) {
        let data = |node: &pb::Node| node.data.clone().map(Ipld::from);
        if before.data != after.data {
            let [before, after] = [data(&before), data(&after)].map(|side| side.map(Item::Value));
            self.change("Data", before, after);
        }
        let (mut before, mut after) = (by_name(&before), by_name(&after));
        let keys: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
        for key in keys {
            match (before.remove(&key), after.remove(&key)) {
                (Some(before), Some(after)) => {
                    let mut path = self.path.clone();
                    path.push(key.0);
                    self.pairs.push(path, before, after);
                }
                // A key that both had comes twice.
                (None, None) => {}
                (before, after) => {
                    self.change(&key.0, before.map(Item::Link), after.map(Item::Link));
                }
            }
        }
    }

    fn values(&mut self, before: Ipld, after: Ipld) {
        match (before, after) {
            (Ipld::Link(before), Ipld::Link(after)) => {
                self.pairs.push(self.path.clone(), *before, *after);
            }
            (Ipld::Map(mut before), Ipld::Map(mut after)) => {
                let keys: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
                for key in keys {
                    let sides = (before.swap_remove(&key), after.swap_remove(&key));
                    self.both(key, sides);
                }
            }
            (Ipld::List(before), Ipld::List(after)) => {
                let len = before.len().max(after.len());
                let (mut before, mut after) = (before.into_iter(), after.into_iter());
                for at in 0..len {
                    self.both(at.to_string(), (before.next(), after.next()));
                }
            }
            (before, after) if before == after => {}
            (before, after) => {
                self.changes.push(Change {
                    path: self.path.clone(),
                    before: Some(item(before)),
                    after: Some(item(after)),
                });
            }
        }
    }

    /// What stands under one key or index.
    fn both(&mut self, key: String, sides: (Option<Ipld>, Option<Ipld>)) {
        match sides {
            (Some(before), Some(after)) => {
                self.path.push(key);
                self.values(before, after);
                self.path.pop();
            }
            (None, None) => {}
            (before, after) => self.change(&key, before.map(item), after.map(item)),
        }
    }

    fn change(&mut self, key: &str, before: Option<Item>, after: Option<Item>) {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        self.changes.push(Change {
            path,
            before,
            after,
        });
    }
}

fn item(value: Ipld) -> Item {
    match value {
        Ipld::Link(cid) => Item::Link(*cid),
        value => Item::Value(value),
    }
}

/// The links of a node by their path and, since a name may come twice, which of that name it is.
fn by_name(node: &pb::Node) -> BTreeMap<(String, usize), Cid> {
    let mut links = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (at, link) in node.links.iter().enumerate() {
        let name = crate::link::segment(at, link);
        let count = counts.entry(name.clone()).or_default();
        links.insert((name, *count), link.cid);
        *count += 1;
    }
    links
}
