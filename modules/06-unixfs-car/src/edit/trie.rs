//! Entries put into a trie, and taken out of it.

use std::sync::Arc;

use block_cid::Blockstore;
use dag_ipld::pb::Link;

use super::folder::Change;
use crate::folder::{Estimate, Sharding};
use crate::hamt::HashBits;
use crate::hamt::shard::{Shard, Slot, damaged, place};
use crate::hamt::walk::{self, Walk};
use crate::unixfs::Meta;
use crate::{Profile, Result, Root};

/// A folder that is one node, however large.
const ONE_NODE: Sharding = Sharding {
    threshold: 0,
    ..Profile::KUBO.sharding
};

impl<B: Blockstore> Change<'_, B> {
    pub(super) fn insert_sharded(&mut self, root: Shard, name: &[u8], new: Link) -> Result<Root> {
        let shared = Arc::new(root.clone());
        let old = walk::find(self.out.store, &self.folder, &shared, name)?;
        // Kubo counts the entry that goes by the name of its link, which has its place before it, and
        // the one that comes without a name.
        let less = old.as_ref().map_or(0, |old| self.size(old));
        let size = new.size.unwrap_or(0);
        let more = self.sharding.entry(new.cid.encoded_len(), 0, size);
        let added = usize::from(old.is_none());
        if self.becomes_plain(&shared, more, less, |entries| entries + added)? {
            let others = self.others(&shared, name);
            return self.anew(ONE_NODE, others.chain([Ok(new)]));
        }
        let shard = self.put(root, HashBits::of(name), name, &new)?;
        shard.close(self.meta, &mut self.out)
    }

    pub(super) fn remove_sharded(&mut self, root: Shard, name: &[u8]) -> Result<Option<Root>> {
        let shared = Arc::new(root.clone());
        let Some(old) = walk::find(self.out.store, &self.folder, &shared, name)? else {
            return Ok(None);
        };
        let less = self.size(&old);
        if self.becomes_plain(&shared, 0, less, |entries| entries.saturating_sub(1))? {
            let others = self.others(&shared, name);
            return self.anew(ONE_NODE, others).map(Some);
        }
        match self.take(root, HashBits::of(name), name)? {
            Some(shard) => shard.close(self.meta, &mut self.out).map(Some),
            None => Ok(None),
        }
    }

    /// The entries but the one of this name.
    fn others(
        &self,
        root: &Arc<Shard>,
        name: &[u8],
    ) -> impl Iterator<Item = Result<Link>> + use<B> {
        let entries: Vec<_> = Walk::new(self.out.store, self.folder, Arc::clone(root)).collect();
        let name = name.to_vec();
        let links = entries.into_iter().map(|entry| {
            let (name, link) = entry?;
            let name = Some(name);
            Ok(Link { name, ..link })
        });
        links.filter(move |link: &Result<Link>| {
            !link
                .as_ref()
                .is_ok_and(|link| link.name.as_deref() == Some(&name))
        })
    }

    /// Whether a trie is small enough for one node, once so much more and less is in it, and so many entries.
    /// It is asked only when less is, as in Kubo.
    fn becomes_plain(
        &self,
        root: &Arc<Shard>,
        more: usize,
        less: usize,
        count: impl Fn(usize) -> usize,
    ) -> Result<bool> {
        let sharding = &self.sharding;
        let may_shrink = match sharding.estimate {
            Estimate::Disabled => sharding.max_links > 0,
            Estimate::Links | Estimate::Block => more < less,
        };
        if sharding.threshold == 0 || !may_shrink {
            return Ok(false);
        }
        let mut estimate = sharding.empty(self.meta) + more;
        let mut entries = 0;
        for entry in Walk::new(self.out.store, self.folder, Arc::clone(root)) {
            let (name, link) = entry?;
            let size = link.size.unwrap_or(0);
            estimate += sharding.entry(link.cid.encoded_len(), name.len(), size);
            entries += 1;
            // More of them cannot make it smaller.
            if sharding.applies_to(estimate.saturating_sub(less), count(entries)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The node with the entry in it, or below it.
    fn put(
        &mut self,
        mut shard: Shard,
        mut hash: HashBits,
        name: &[u8],
        new: &Link,
    ) -> Result<Shard> {
        let folder = self.folder;
        let broken = |reason| damaged(&folder, &folder, reason);
        let at = place(&mut hash, &shard).map_err(broken)?;
        let below = match shard.slot(at).map_err(broken)? {
            None => {
                shard.set(at, name, new.cid, new.size);
                return Ok(shard);
            }
            Some(Slot::Entry(found, _)) if found == name => {
                shard.set(at, name, new.cid, new.size);
                return Ok(shard);
            }
            // Two names at one place: a node for both.
            Some(Slot::Entry(found, old)) => {
                let node = Shard::empty(shard.fanout);
                let other = HashBits::of(&found).after(hash.used());
                self.put(node, other, &found, &old)?
            }
            Some(Slot::Shard(cid)) => walk::load(self.out.store, &folder, &cid)?,
        };
        let below = self.put(below, hash, name, new)?;
        let root = below.close(Meta::default(), &mut self.out)?;
        shard.set(at, b"", root.cid, Some(root.dag));
        Ok(shard)
    }

    /// The node without the entry; `None` if it has none of that name. A node with one entry left goes, and
    /// the entry moves up.
    fn take(&mut self, mut shard: Shard, mut hash: HashBits, name: &[u8]) -> Result<Option<Shard>> {
        let folder = self.folder;
        let broken = |reason| damaged(&folder, &folder, reason);
        let at = place(&mut hash, &shard).map_err(broken)?;
        match shard.slot(at).map_err(broken)? {
            Some(Slot::Entry(found, _)) if found == name => shard.clear(at),
            Some(Slot::Entry(..)) | None => return Ok(None),
            Some(Slot::Shard(cid)) => {
                let below = walk::load(self.out.store, &folder, &cid)?;
                let Some(below) = self.take(below, hash, name)? else {
                    return Ok(None);
                };
                let only = below.only().map(|only| below.slot(only)).transpose();
                match only.map_err(broken)?.flatten() {
                    Some(Slot::Entry(name, link)) => shard.set(at, &name, link.cid, link.size),
                    _ if below.len() == 0 => shard.clear(at),
                    _ => {
                        let root = below.close(Meta::default(), &mut self.out)?;
                        shard.set(at, b"", root.cid, Some(root.dag));
                    }
                }
            }
        }
        Ok(Some(shard))
    }
}
