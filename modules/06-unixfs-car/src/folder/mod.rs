//! Folders in the making: names, and what each will lead to.
//!
//! A small folder is one node, whose links are its entries, sorted by the bytes of their names. When
//! it gets too large for that it becomes a [HAMT](crate::hamt). How large is too large has been
//! estimated in two ways, and the CID depends on which it is:
//!
//! | estimate | bytes of an entry | |
//! | --- | --- | --- |
//! | `links` | those of its name and of its CID | Kubo since 2021, and its default |
//! | `block` | all that it takes in the block, which the folder itself is part of | `unixfs-v1-2025` |
//!
//! Either way the limit is 256 KiB, and a folder of exactly that is one node still. (Kubo 0.43 forgets the
//! name when it asks again about a folder within a folder. So one that is above the limit by less than
//! that name may be one node there at times, and a trie at others.)
//!
//! Sources: [UnixFS](https://specs.ipfs.tech/unixfs/), section "Directories"; [IPIP-499];
//! boxo's `ipld/unixfs/io/directory.go`.
//!
//! [IPIP-499]: https://specs.ipfs.tech/ipips/ipip-0499/

mod list;
mod sharding;

use bytes::Bytes;
use dag_ipld::pb;

use crate::unixfs::{Data, Meta};
use crate::{Error, Result, Root, Sink, hamt};
pub(crate) use list::List;
pub use sharding::{Estimate, Sharding};

/// A folder that is being filled.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    entries: List,
    meta: Meta,
}

impl Folder {
    /// An empty folder that says this about itself.
    pub fn new(meta: Meta) -> Folder {
        Folder {
            entries: List::default(),
            meta,
        }
    }

    /// Adds an entry; the order of entries does not matter. A name is bytes: as a rule UTF-8, but
    /// the names of files on Linux need not be.
    ///
    /// # Errors
    /// [`Error::Entry`] for what no folder can have as a name.
    pub fn push(&mut self, name: &[u8], child: &Root) -> Result<()> {
        refuse_name(name)?;
        self.entries.push(name, &child.cid, child.dag);
        Ok(())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is too large to be one node.
    pub fn is_sharded(&self, sharding: &Sharding) -> bool {
        sharding.applies(self.meta, &self.entries)
    }

    /// The folder, as one node or as a trie.
    ///
    /// # Errors
    /// [`Error::Entry`] for a name that is there twice; those of `sink`.
    pub fn finish(mut self, sharding: &Sharding, sink: &mut impl Sink) -> Result<Root> {
        if self.is_sharded(sharding) {
            return hamt::build(self.entries, sharding.fanout, self.meta, sink);
        }
        self.entries.sort_by_name()?;
        let mut links = Vec::with_capacity(self.entries.len());
        let mut below = 0;
        for n in 0..self.entries.len() {
            let entry = self.entries.get(n)?;
            below += entry.size;
            links.push(pb::Link {
                cid: entry.cid,
                name: Some(Bytes::copy_from_slice(entry.name)),
                size: Some(entry.size),
            });
        }
        let data = Data::directory().with_meta(self.meta).encode();
        let block = pb::Node {
            links,
            data: Some(data.into()),
        }
        .encode();
        let dag = below + block.len() as u64;
        Ok(Root {
            cid: sink.node(block)?,
            bytes: 0,
            dag,
        })
    }
}

/// Refuses what no folder can have as a name.
pub(crate) fn refuse_name(name: &[u8]) -> Result<()> {
    let refused = match name {
        b"" => Some("a name has a byte or more"),
        b"." | b".." => Some("it means another folder"),
        _ if name.contains(&b'/') => Some("a name has no /"),
        _ if name.contains(&0) => Some("a name has no NUL"),
        _ => None,
    };
    match refused {
        None => Ok(()),
        Some(reason) => Err(Error::Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            reason: reason.into(),
        }),
    }
}

#[cfg(test)]
mod tests;
