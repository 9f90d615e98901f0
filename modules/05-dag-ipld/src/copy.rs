//! A DAG from one store to another.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use block_cid::{Block, Blockstore, Multihash};

use crate::stat::Sum;
use crate::visit::{Found, Next};
use crate::walk::{self, Order, Walk};
use crate::{Cid, Codec, Dag, Error, Result};

/// Leaves are put together up to this many bytes or blocks, so that they share a flush.
const BATCH_BYTES: usize = 8 << 20;
const BATCH_BLOCKS: usize = 256;

/// What a copy did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// What was put.
    pub put: Sum,
    /// What was there, whole.
    pub there: Sum,
}

impl<B: Blockstore> Dag<B> {
    /// Puts all that is below `roots`, and these, into `to`. Every block of the DAG is read and hashed,
    /// from `to` where it is there, else from this store; a damaged one in `to` is replaced. A second
    /// copy after one that was stopped so puts only what is left. As `walk` says, but for order and
    /// depth.
    ///
    /// A block is put after all that it links to, and a root after a flush of them: a block that was
    /// copied has its whole DAG with it, however the copy ends, and a root also where the power is cut.
    /// What is linked to under two codecs counts as what links to all that it does under either; to know
    /// of it before, all blocks that may have links are read once more.
    ///
    /// # Errors
    /// As [`walk`](Dag::walk); [`Error::Missing`] if a block is in neither store; [`Error::Codec`],
    /// [`Error::Decode`] or [`Error::Blocks`] if one cannot be read.
    pub fn copy(&self, roots: &[Cid], to: &impl Blockstore, walk: &Walk<'_>) -> Result<Copied> {
        let walk = walk.clone().whole().with_order(Order::Post);
        let there = Dag::new(to);
        let damaged = Mutex::new(HashSet::new());
        let damaged = || damaged.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |cid: &Cid| match there.find(cid)? {
            Found::Missing => self.find(cid),
            Found::Damaged(_) => {
                damaged().insert(*cid.hash());
                self.find(cid)
            }
            found => Ok(found),
        };
        let several = several(&find, roots, &walk)?;
        let find = |cid: &Cid| Ok(several.join(cid, find(cid)?));
        let is_root: HashSet<&Multihash> = roots.iter().map(|root| root.hash()).collect();
        let mut copied = Copied::default();
        let mut leaves = Leaves::default();
        walk::run(&find, roots, &walk, |visit| {
            let (cid, again) = (visit.cid, visit.again);
            let (block, links) = visit.whole()?;
            if again {
                // Put, or among the leaves that wait.
                return Ok(Next::Enter);
            }
            let len = block.len() as u64;
            if to.has(&cid)? && !damaged().contains(cid.hash()) {
                copied.there.add(len);
                return Ok(Next::Enter);
            }
            copied.put.add(len);
            let is_root = is_root.contains(cid.hash());
            if links.is_empty() && !is_root {
                leaves.add(block, to)?;
                return Ok(Next::Enter);
            }
            leaves.put(to)?;
            if is_root {
                to.sync()?;
            }
            to.put(&block)?;
            Ok::<_, Error>(Next::Enter)
        })?;
        leaves.put(to)?;
        to.sync()?;
        Ok(copied)
    }
}

/// The blocks that are linked to under several codecs, with these: none, as a rule.
struct Several(HashMap<Multihash, Vec<Codec>>);

fn several(
    find: &(impl Fn(&Cid) -> Result<Found> + Sync),
    roots: &[Cid],
    walk: &Walk<'_>,
) -> Result<Several> {
    let walk = walk.clone().with_order(Order::Pre).with_progress(&|_| {});
    // Whether there is a leaf is of no matter here, nor what is in it.
    let find = |cid: &Cid| match Codec::of(cid) {
        Ok(Codec::Raw | Codec::Cbor | Codec::Json) => Ok(Found::Missing),
        _ => find(cid),
    };
    let mut several = HashMap::new();
    walk::run(&find, roots, &walk, |visit| {
        if visit.again {
            several.insert(*visit.cid.hash(), Vec::new());
        }
        Ok::<_, Error>(Next::Enter)
    })?;
    if !several.is_empty() {
        walk::run(&find, roots, &walk, |visit| {
            if let Some(codecs) = several.get_mut(visit.cid.hash()) {
                codecs.extend(Codec::of(&visit.cid));
            }
            Ok::<_, Error>(Next::Enter)
        })?;
    }
    Ok(Several(several))
}

impl Several {
    /// What was found under a CID, with the links that it has under other codecs.
    fn join(&self, cid: &Cid, mut found: Found) -> Found {
        let codecs = self.0.get(cid.hash()).into_iter().flatten();
        for codec in codecs.filter(|codec| codec.code() != cid.codec()) {
            if let Found::Node { block, links } = &mut found {
                // What cannot be read under the other codec is an error when it is its turn.
                let _ = codec.links(block.data(), &mut |link| links.push(&link));
            }
        }
        found
    }
}

/// Blocks without links, which wait to be put together.
#[derive(Default)]
struct Leaves {
    blocks: Vec<Block>,
    bytes: usize,
}

impl Leaves {
    fn add(&mut self, block: Block, to: &impl Blockstore) -> Result<()> {
        self.bytes += block.len();
        self.blocks.push(block);
        if self.bytes < BATCH_BYTES && self.blocks.len() < BATCH_BLOCKS {
            return Ok(());
        }
        self.put(to)
    }

    fn put(&mut self, to: &impl Blockstore) -> Result<()> {
        let leaves = std::mem::take(self);
        if !leaves.blocks.is_empty() {
            to.put_many(&leaves.blocks)?;
        }
        Ok(())
    }
}
