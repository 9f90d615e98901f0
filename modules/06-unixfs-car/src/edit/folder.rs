//! Entries put into a folder, and taken out of it.

use std::sync::Arc;

use block_cid::Blockstore;
use bytes::Bytes;
use dag_ipld::pb::{self, Link};

use super::Editor;
use super::open::Out;
use crate::folder::{Estimate, Folder, Sharding, refuse_name};
use crate::hamt::HashBits;
use crate::hamt::shard::{Shard, Slot, damaged, place};
use crate::hamt::walk::{self, Walk};
use crate::node::{Node, called};
use crate::unixfs::{Data, Meta, Type};
use crate::{Cid, Error, Result, Root, Sink};

/// A folder that changes.
struct Change<'a, B> {
    out: Out<'a, B>,
    folder: Cid,
    meta: Meta,
    sharding: Sharding,
}

/// What a folder is made of.
enum Form {
    Plain(Vec<Link>),
    Sharded(Shard),
}

impl<B: Blockstore> Editor<B> {
    /// The folder with `child` under this name, in place of what had it before. A folder that gets too
    /// large for one node becomes a trie, one that gets small enough becomes one node. Of a trie the nodes
    /// on the way to the name are read and made anew.
    ///
    /// # Errors
    /// [`Error::Entry`] for a name that no folder can have, [`Error::Kind`] if it is no folder,
    /// [`Error::Folder`] and [`Error::Missing`] for a node on the way; those of the store.
    pub fn insert(&self, folder: &Cid, name: &[u8], child: &Root) -> Result<Root> {
        refuse_name(name)?;
        let (mut change, form) = self.change(folder)?;
        let new = Link {
            cid: child.cid,
            name: Some(Bytes::copy_from_slice(name)),
            size: Some(child.dag),
        };
        let root = match form {
            Form::Plain(links) => change.insert_plain(links, new),
            Form::Sharded(shard) => change.insert_sharded(shard, name, new),
        }?;
        change.out.flush()?;
        Ok(root)
    }

    /// The folder without this name; `None` if it has no such entry.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn remove(&self, folder: &Cid, name: &[u8]) -> Result<Option<Root>> {
        let (mut change, form) = self.change(folder)?;
        let root = match form {
            Form::Plain(mut links) => {
                let before = links.len();
                links.retain(|link| link.name.as_deref().unwrap_or_default() != name);
                match links.len() < before {
                    true => Some(change.plain(links)?),
                    false => None,
                }
            }
            Form::Sharded(shard) => change.remove_sharded(shard, name)?,
        };
        change.out.flush()?;
        Ok(root)
    }

    fn change(&self, folder: &Cid) -> Result<(Change<'_, B>, Form)> {
        let (node, data) = match Node::load(&self.store, folder)? {
            Node::Pb(node, data) => (node, data),
            Node::Raw(_) => return Err(Error::kind(folder, "a file", "folder")),
        };
        let meta = data.meta;
        let form = match data.kind {
            Type::Directory => Form::Plain(node.links),
            Type::HAMTShard => {
                let shard = Shard::of(node, &data);
                Form::Sharded(shard.map_err(|reason| damaged(folder, folder, reason))?)
            }
            kind => return Err(Error::kind(folder, called(kind), "folder")),
        };
        let change = Change {
            out: Out::new(&self.store, folder)?,
            folder: *folder,
            meta,
            sharding: self.sharding,
        };
        Ok((change, form))
    }
}

impl<B: Blockstore> Change<'_, B> {
    /// The folder as one node.
    fn plain(&mut self, links: Vec<Link>) -> Result<Root> {
        let below = links.iter().filter_map(|link| link.size);
        let below = below.fold(0, u64::saturating_add);
        let data = Data::directory().with_meta(self.meta).encode();
        let node = pb::Node {
            links,
            data: Some(data.into()),
        };
        let block = node.encode();
        let dag = below.saturating_add(block.len() as u64);
        Ok(Root {
            cid: self.out.node(block)?,
            bytes: 0,
            dag,
        })
    }

    fn insert_plain(&mut self, mut links: Vec<Link>, new: Link) -> Result<Root> {
        links.retain(|link| link.name.as_deref() != new.name.as_deref());
        links.push(new);
        let size: usize = links.iter().map(|link| self.size(link)).sum();
        let estimate = self.sharding.empty(self.meta) + size;
        if !self.sharding.applies_to(estimate, links.len()) {
            return self.plain(links);
        }
        self.anew(self.sharding, links.into_iter().map(Ok))
    }

    /// The folder of these entries, made as an import makes it.
    fn anew(
        &mut self,
        sharding: Sharding,
        links: impl Iterator<Item = Result<Link>>,
    ) -> Result<Root> {
        let mut folder = Folder::new(self.meta);
        for link in links {
            let link = link?;
            let child = Root {
                cid: link.cid,
                bytes: 0,
                dag: link.size.unwrap_or(0),
            };
            folder.push(link.name.as_deref().unwrap_or_default(), &child)?;
        }
        folder.finish(&sharding, &mut self.out)
    }

    fn insert_sharded(&mut self, root: Shard, name: &[u8], new: Link) -> Result<Root> {
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

    fn remove_sharded(&mut self, root: Shard, name: &[u8]) -> Result<Option<Root>> {
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

    /// What a link adds to the estimate.
    fn size(&self, link: &Link) -> usize {
        let name = link.name.as_ref().map_or(0, Bytes::len);
        self.sharding
            .entry(link.cid.encoded_len(), name, link.size.unwrap_or(0))
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

/// A folder that is one node, however large.
const ONE_NODE: Sharding = Sharding {
    threshold: 0,
    ..crate::Profile::KUBO.sharding
};
