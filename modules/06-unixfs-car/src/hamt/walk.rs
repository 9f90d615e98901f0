//! Through a sharded folder: to one name, or to all of them.

use std::sync::Arc;

use block_cid::Blockstore;
use bytes::Bytes;
use dag_ipld::pb::Link;

use super::HashBits;
use super::shard::{Shard, Slot, damaged, place};
use crate::node::Node;
use crate::{Cid, Result};

/// The entry `name` of the sharded folder `folder` with this root.
pub(crate) fn find(
    store: &impl Blockstore,
    folder: &Cid,
    root: &Arc<Shard>,
    name: &[u8],
) -> Result<Option<Link>> {
    let mut hash = HashBits::of(name);
    let (mut cid, mut shard) = (*folder, Arc::clone(root));
    loop {
        let slot = place(&mut hash, &shard).and_then(|place| shard.slot(place));
        match slot.map_err(|reason| damaged(folder, &cid, reason))? {
            None => return Ok(None),
            Some(Slot::Entry(found, link)) => return Ok(Some(link).filter(|_| found == name)),
            Some(Slot::Shard(below)) => {
                cid = below;
                shard = Arc::new(load(store, folder, &cid)?);
            }
        }
    }
}

/// The entries of a sharded folder, by the hashes of their names.
///
/// Every name is where its hash says, or the folder is damaged: so no name comes twice, what is listed
/// is found, and nodes that lead to each other over and over end at once.
#[derive(Debug)]
pub(crate) struct Walk<B> {
    store: B,
    folder: Cid,
    /// The nodes above the next entry, the root first.
    above: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    cid: Cid,
    shard: Arc<Shard>,
    /// The place that is looked at next.
    next: usize,
    /// The places above that led here, as the first bits of a hash, and how many.
    path: u64,
    used: u32,
    /// Whether any entry was found here or below.
    found: bool,
}

impl<B: Blockstore> Walk<B> {
    pub(crate) fn new(store: B, folder: Cid, root: Arc<Shard>) -> Walk<B> {
        let root = Level {
            cid: folder,
            shard: root,
            next: 0,
            path: 0,
            used: 0,
            // A folder may be empty, a node below it may not.
            found: true,
        };
        let above = vec![root];
        Walk {
            store,
            folder,
            above,
        }
    }

    fn step(&mut self) -> Result<Option<(Bytes, Link)>> {
        while let Some(top) = self.above.last_mut() {
            let refuse = |cid: &Cid, reason: &str| damaged(&self.folder, cid, reason.to_owned());
            let place = top.next;
            if place >= top.shard.fanout.places() {
                if !top.found {
                    return Err(refuse(&top.cid, "it has no entries"));
                }
                self.above.pop();
                continue;
            }
            let used = top.used + top.shard.fanout.bits();
            let slot = top.shard.slot(place);
            let slot = slot.map_err(|reason| refuse(&top.cid, &reason))?;
            top.next += 1;
            let Some(slot) = slot else { continue };
            if used > 64 {
                return Err(refuse(
                    &top.cid,
                    "it is deeper than a hash of 64 bits can say",
                ));
            }
            let path = top.path << top.shard.fanout.bits() | place as u64;
            match slot {
                Slot::Entry(name, link) => {
                    if !HashBits::of(&name).begins_with(path, used) {
                        let name = String::from_utf8_lossy(&name);
                        let reason = format!("the hash of {name:?} has another place");
                        return Err(refuse(&top.cid, &reason));
                    }
                    self.above.iter_mut().for_each(|level| level.found = true);
                    return Ok(Some((name, link)));
                }
                Slot::Shard(cid) => {
                    let shard = Arc::new(load(&self.store, &self.folder, &cid)?);
                    self.above.push(Level {
                        cid,
                        shard,
                        next: 0,
                        path,
                        used,
                        found: false,
                    });
                }
            }
        }
        Ok(None)
    }
}

impl<B: Blockstore> Iterator for Walk<B> {
    type Item = Result<(Bytes, Link)>;

    /// After an error there is nothing more.
    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            self.above.clear();
        }
        step.transpose()
    }
}

/// The node below `folder` that `cid` names.
pub(crate) fn load(store: &impl Blockstore, folder: &Cid, cid: &Cid) -> Result<Shard> {
    match Node::load(store, cid)? {
        Node::Pb(node, data) => Shard::of(node, &data),
        Node::Raw(_) => Err("it is a file".to_owned()),
    }
    .map_err(|reason| damaged(folder, cid, reason))
}
