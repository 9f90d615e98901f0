//! The entries of a folder, each with what it is: what `ls` shows.

use std::collections::VecDeque;

use block_cid::{Blockstore, codec};

use super::{Dir, Entries, Entry};
use crate::node::Node;
use crate::unixfs::{Meta, Type};
use crate::{Cid, Error, Result};

/// How many entries are looked at together.
const TOGETHER: usize = 32;

/// An entry, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The entry.
    pub entry: Entry,
    /// What it is; `None` if it was not looked at, or is nothing of UnixFS.
    pub kind: Option<Type>,
    /// Of a file its bytes, of a symlink those of its target, of a folder 0; and 0 of what was not
    /// looked at.
    pub size: u64,
    /// The permissions and the time that were kept with it.
    pub meta: Meta,
}

/// The entries of a folder, looked at one block each; after an error there is nothing more.
#[derive(Debug)]
pub struct List<B> {
    store: B,
    entries: Entries<B>,
    looks: bool,
    ready: VecDeque<Listed>,
    failed: Option<Error>,
}

impl<B: Blockstore + Clone> List<B> {
    /// The entries of the folder that `cid` names; of a file its parts, which have no names. With
    /// `looks` the first block of each entry is read, unless its CID tells that it is a file; without,
    /// none is.
    ///
    /// # Errors
    /// As [`Dir::open`], but for a file or a symlink.
    pub fn open(store: B, cid: &Cid, looks: bool) -> Result<List<B>> {
        let entries = match Node::load(&store, cid)? {
            Node::Pb(node, data) if !is_folder(data.kind) => Entries::plain(node.links),
            Node::Raw(_) => Entries::plain(Vec::new()),
            node => Dir::of(store.clone(), cid, node)?.into_entries(),
        };
        Ok(List {
            store,
            entries,
            looks,
            ready: VecDeque::new(),
            failed: None,
        })
    }

    /// Looks at the next entries together.
    fn look(&mut self) -> Result<()> {
        let mut entries = Vec::new();
        for entry in self.entries.by_ref().take(TOGETHER) {
            match entry {
                Ok(entry) => entries.push(entry),
                // Those before it are listed first.
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        let opens = |entry: &&Entry| self.looks && entry.cid.codec() == codec::DAG_PB;
        let cids: Vec<Cid> = entries
            .iter()
            .filter(opens)
            .map(|entry| entry.cid)
            .collect();
        let blocks = match self.store.get_many(&cids) {
            Ok(blocks) => blocks.into_iter().map(Ok).collect(),
            // One of them is damaged: each by itself, so that it can be told which.
            Err(_) => cids.iter().map(|cid| self.store.get(cid)).collect(),
        };
        let mut blocks: VecDeque<_> = blocks;
        for entry in entries {
            let (kind, size, meta) = if opens(&&entry) {
                let block = blocks.pop_front().transpose()?.flatten();
                let block = block.ok_or_else(|| Error::missing(&entry.cid))?;
                match Node::of(&block)? {
                    Node::Pb(_, data) => (Some(data.kind), data.size(), data.meta),
                    Node::Raw(bytes) => (Some(Type::File), bytes.len() as u64, Meta::default()),
                }
            } else if entry.cid.codec() == codec::RAW {
                (Some(Type::File), entry.size.unwrap_or(0), Meta::default())
            } else {
                (None, 0, Meta::default())
            };
            self.ready.push_back(Listed {
                entry,
                kind,
                size,
                meta,
            });
        }
        Ok(())
    }
}

/// Whether nodes of this type have entries.
pub(super) fn is_folder(kind: Type) -> bool {
    matches!(kind, Type::Directory | Type::HAMTShard)
}

impl<B: Blockstore + Clone> Iterator for List<B> {
    type Item = Result<Listed>;

    fn next(&mut self) -> Option<Result<Listed>> {
        if self.ready.is_empty()
            && self.failed.is_none()
            && let Err(error) = self.look()
        {
            self.failed = Some(error);
        }
        if let Some(listed) = self.ready.pop_front() {
            return Some(Ok(listed));
        }
        self.entries = Entries::plain(Vec::new());
        self.failed.take().map(Err)
    }
}
