//! Folders: names, and what they lead to.
//!
//! A folder is a node of dag-pb whose links have the names of its entries, or, once it is too large
//! for a block, a trie of such nodes ([`hamt`](crate::hamt)). What is asked of it does not show
//! which of the two it is, but for the order in which it is listed: by name, or by hash.
//!
//! | the folder | `ipfs` of Kubo 0.43 | here |
//! | --- | --- | --- |
//! | two entries of one name, in one node | the first is found, both are listed | the same |
//! | a shard whose fanout is no power of two from 8 to 1024 | an error | an error |
//! | bits for more places than the fanout has | a panic (0.45: an error) | an error |
//! | more or fewer bits than links | listed; a name may be found where it is not | an error |
//! | a link in a shard that is not called by its place | listed, and never found | an error |
//! | a name where its hash does not lead | listed, and never found | an error |
//! | a node with no entry below it | nothing is listed | an error |

mod list;

use std::sync::Arc;

use block_cid::Blockstore;
use bytes::Bytes;
use dag_ipld::pb::Link;

use crate::hamt::shard::{Shard, damaged};
use crate::hamt::walk::{self, Walk};
use crate::node::{Node, called};
use crate::unixfs::{Meta, Type};
use crate::{Cid, Error, Result};

pub use list::{List, Listed};

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as a rule UTF-8; of a folder that others made it may be anything, also `..` or
    /// nothing.
    pub name: Bytes,
    /// What it leads to.
    pub cid: Cid,
    /// How many bytes the blocks below have together, as the writer of the folder says.
    pub size: Option<u64>,
}

/// A folder, open for look-ups.
#[derive(Debug)]
pub struct Dir<B> {
    store: B,
    cid: Cid,
    meta: Meta,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Plain(Arc<Vec<Link>>),
    Sharded(Arc<Shard>),
}

impl<B: Blockstore> Dir<B> {
    /// The folder that `cid` names. Reads one block.
    ///
    /// # Errors
    /// [`Error::Missing`] if the block is not there; [`Error::Kind`] if it is no folder;
    /// [`Error::Folder`] if it is a shard that cannot be; those of the store.
    pub fn open(store: B, cid: &Cid) -> Result<Dir<B>> {
        let node = Node::load(&store, cid)?;
        Dir::of(store, cid, node)
    }

    /// The folder with this root, which is the node that `cid` names.
    pub(crate) fn of(store: B, cid: &Cid, root: Node) -> Result<Dir<B>> {
        let Node::Pb(node, data) = root else {
            return Err(Error::kind(cid, "a file", "folder"));
        };
        let meta = data.meta;
        let form = match data.kind {
            Type::Directory => Form::Plain(Arc::new(node.links)),
            Type::HAMTShard => {
                let shard = Shard::of(node, &data);
                Form::Sharded(Arc::new(shard.map_err(|reason| damaged(cid, cid, reason))?))
            }
            kind => return Err(Error::kind(cid, called(kind), "folder")),
        };
        Ok(Dir {
            store,
            cid: *cid,
            meta,
            form,
        })
    }

    /// The CID of the folder.
    pub fn cid(&self) -> &Cid {
        &self.cid
    }

    /// The permissions and the time that were kept with it.
    pub fn meta(&self) -> Meta {
        self.meta
    }

    /// Whether its entries are in a trie.
    pub fn is_sharded(&self) -> bool {
        matches!(self.form, Form::Sharded(_))
    }

    /// The entry of this name; the first, if a plain folder has several. Of a trie, reads one
    /// block a level.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Node`] and [`Error::Folder`] for a node of a trie on the way;
    /// those of the store.
    pub fn get(&self, name: &[u8]) -> Result<Option<Entry>> {
        match &self.form {
            Form::Plain(links) => {
                let named = |link: &&Link| link.name.as_deref().unwrap_or_default() == name;
                Ok(links.iter().find(named).map(Entry::plain))
            }
            Form::Sharded(root) => {
                let link = walk::find(&self.store, &self.cid, root, name)?;
                Ok(link.map(|link| Entry::of(Bytes::copy_from_slice(name), &link)))
            }
        }
    }

    /// All entries, in the order of the links, or by the hashes of their names. Of a trie, one node
    /// a level is in memory at a time.
    pub fn entries(&self) -> Entries<&B> {
        Entries::of(&self.store, self.cid, self.form.clone())
    }

    /// The same, for whoever has no further use for the folder.
    pub fn into_entries(self) -> Entries<B> {
        Entries::of(self.store, self.cid, self.form)
    }
}

impl Entry {
    fn of(name: Bytes, link: &Link) -> Entry {
        Entry {
            name,
            cid: link.cid,
            size: link.size,
        }
    }

    fn plain(link: &Link) -> Entry {
        Entry::of(link.name.clone().unwrap_or_default(), link)
    }
}

/// The entries of a folder; after an error there is nothing more.
#[derive(Debug)]
pub struct Entries<B>(Listing<B>);

#[derive(Debug)]
enum Listing<B> {
    Plain { links: Arc<Vec<Link>>, next: usize },
    Sharded(Walk<B>),
}

impl<B: Blockstore> Entries<B> {
    /// These links.
    fn plain(links: Vec<Link>) -> Entries<B> {
        Entries::shared(Arc::new(links))
    }

    fn shared(links: Arc<Vec<Link>>) -> Entries<B> {
        Entries(Listing::Plain { links, next: 0 })
    }

    fn of(store: B, cid: Cid, form: Form) -> Entries<B> {
        Entries(match form {
            Form::Plain(links) => return Entries::shared(links),
            Form::Sharded(root) => Listing::Sharded(Walk::new(store, cid, root)),
        })
    }
}

impl<B: Blockstore> Iterator for Entries<B> {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Result<Entry>> {
        match &mut self.0 {
            Listing::Plain { links, next } => {
                let link = links.get(*next)?;
                *next += 1;
                Some(Ok(Entry::plain(link)))
            }
            Listing::Sharded(walk) => {
                let entry = walk.next()?;
                Some(entry.map(|(name, link)| Entry::of(name, &link)))
            }
        }
    }
}
