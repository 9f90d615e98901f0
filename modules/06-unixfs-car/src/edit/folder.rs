//! Entries put into a folder, and taken out of it.

use block_cid::Blockstore;
use bytes::Bytes;
use dag_ipld::pb::{self, Link};

use super::Editor;
use super::open::Out;
use crate::folder::{Folder, Sharding, refuse_name};
use crate::hamt::shard::{Shard, damaged};
use crate::node::{Node, called};
use crate::unixfs::{Data, Meta, Type};
use crate::{Cid, Error, Result, Root, Sink};

/// A folder that changes.
pub(super) struct Change<'a, B> {
    pub(super) out: Out<'a, B>,
    pub(super) folder: Cid,
    pub(super) meta: Meta,
    pub(super) sharding: Sharding,
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
    pub(super) fn anew(
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

    /// What a link adds to the estimate.
    pub(super) fn size(&self, link: &Link) -> usize {
        let name = link.name.as_ref().map_or(0, Bytes::len);
        self.sharding
            .entry(link.cid.encoded_len(), name, link.size.unwrap_or(0))
    }
}
