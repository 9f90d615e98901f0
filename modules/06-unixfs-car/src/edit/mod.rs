//! Files and folders changed in place of being added anew: overwritten, appended to, cut; entries put in
//! and taken out.
//!
//! A block cannot change, so a changed file is another root. But most of its blocks are those of the
//! file before: only the leaves with changed bytes are new, and the branches above them.
//!
//! ```text
//!        root                  root'          overwrite byte 300: 2 new blocks of 5
//!      /   |   \      ──►     /   |   \
//!     a    b    c            a    b'   c
//! ```
//!
//! Bytes behind the end hang from the right edge, as in a [trickle](crate::layout) tree, whatever the
//! layout was before; a place behind the end is reached over zeros in leaves of 4 KiB, which are all one
//! block. A file that is cut keeps what is before the cut.
//!
//! What comes of it is what MFS comes to in Kubo (boxo's `DagModifier`), block by block: new nodes
//! have the CID version and the hash of the old ones, a cut at the end of a leaf leaves an empty leaf
//! behind it, and a file of one raw leaf becomes that leaf. It differs where Kubo harms:
//!
//! | | Kubo 0.43 | here |
//! | --- | --- | --- |
//! | appending to a file of one node with bytes in it | those bytes are never read again | they are the first leaf |
//! | appending to a root with more links to leaves than Kubo makes, as of `unixfs-v1-2025` | an error, or their bytes are lost | they stay leaves |
//! | cutting a node of dag-pb | its CID gets version 0 and sha2-256 | it keeps its own |
//! | sizes that are not those of the leaves | ends the program, or harms the file | an error |
//! | the time of a change | set in files of one node | set in every file that has one |
//!
//! A folder that changes is the one that an import of its new entries makes, as one node or as a trie. It
//! becomes a trie when an entry makes it too large, and one node again when less is in it than was and the
//! rest is small enough. Kubo estimates the latter with the place of the old entry before its name, and the
//! new one without a name, and so is that done here.
//!
//! What a real system would add: writes gathered in memory, so that a thousand small ones make one
//! new root (module 07).

mod cut;
mod folder;
mod open;
mod overwrite;
mod trickle;
mod trie;

use std::io;

use block_cid::Blockstore;
use bytes::Bytes;
use cid::Version;

use crate::chunk::Chunker;
use crate::folder::Sharding;
use crate::naming::Naming;
use crate::node::Node;
use crate::unixfs::{Mtime, Type};
use crate::{Cid, Error, Profile, Result};
use open::{Out, Work};

/// The largest file, in bytes: sizes are signed in Kubo.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// The length of a leaf of zeros, in bytes.
const ZEROS: usize = 4096;

/// Changes files and folders in a store, each into another.
#[derive(Clone, Copy, Debug)]
pub struct Editor<B> {
    store: B,
    chunker: Chunker,
    links: usize,
    raw_leaves: Option<bool>,
    now: Option<Mtime>,
    sharding: Sharding,
}

impl<B: Blockstore> Editor<B> {
    /// An editor that cuts what is appended as Kubo does; leaves are raw where CIDs have version 1.
    pub fn new(store: B) -> Editor<B> {
        Editor {
            store,
            chunker: Chunker::default(),
            links: Profile::KUBO.links,
            raw_leaves: None,
            now: None,
            sharding: Profile::KUBO.sharding,
        }
    }

    /// With another chunker for what is appended.
    pub fn with_chunker(mut self, chunker: Chunker) -> Editor<B> {
        self.chunker = chunker;
        self
    }

    /// With at most so many leaves at a new branch; at least one.
    pub fn with_links(mut self, links: usize) -> Editor<B> {
        self.links = links.max(1);
        self
    }

    /// With new leaves as raw blocks, or not.
    pub fn with_raw_leaves(mut self, raw: bool) -> Editor<B> {
        self.raw_leaves = Some(raw);
        self
    }

    /// With this time for what is changed, if it has a time at all.
    pub fn with_time(mut self, now: Mtime) -> Editor<B> {
        self.now = Some(now);
        self
    }

    /// With another idea of when a folder is too large for one node.
    pub fn with_sharding(mut self, sharding: Sharding) -> Editor<B> {
        self.sharding = sharding;
        self
    }

    /// The file with `bytes` from `offset` on, over what is there and beyond; zeros fill what lies
    /// between its end and `offset`. Nothing of the file before is lost; its blocks stay.
    ///
    /// # Errors
    /// As [`Reader::open`](crate::Reader::open); [`Error::MissingPart`] for a block on the way;
    /// [`Error::File`] if the blocks make no file, their sizes are not true, or the file would be
    /// larger than [`MAX_SIZE`]; those of the store.
    pub fn write(&self, file: &Cid, offset: u64, bytes: &[u8]) -> Result<Cid> {
        let mut work = self.work(file)?;
        let size = work.size;
        let end = offset.checked_add(bytes.len() as u64);
        if end.is_none_or(|end| end > MAX_SIZE) {
            let reason = format!("with {} bytes there it is too large", bytes.len());
            return Err(work.damaged(offset, reason));
        }
        if bytes.is_empty() && offset <= size {
            return Ok(*file);
        }
        let mut root = *file;
        if offset > size {
            root = work.append_zeros(&root, offset - size)?;
        }
        let over = size.saturating_sub(offset);
        let over = usize::try_from(over).map_or(bytes.len(), |over| over.min(bytes.len()));
        let (over, behind) = bytes.split_at(over);
        if !over.is_empty() {
            root = work.overwrite(&root, offset, over)?;
        }
        if !behind.is_empty() {
            let chunks = self.chunker.split(Bytes::copy_from_slice(behind));
            let chunks: io::Result<Vec<Bytes>> = chunks.collect();
            let chunks = chunks.map_err(|error| Error::io("cut", "the bytes", error))?;
            root = work.append(&root, &chunks)?;
        }
        work.finish(&root)
    }

    /// The file with `bytes` behind its end.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn append(&self, file: &Cid, bytes: &[u8]) -> Result<Cid> {
        let size = self.work(file)?.size;
        self.write(file, size, bytes)
    }

    /// The file with so many bytes: the first of them, or all and zeros behind them.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn truncate(&self, file: &Cid, size: u64) -> Result<Cid> {
        if size > MAX_SIZE {
            return self.write(file, size, b"");
        }
        let mut work = self.work(file)?;
        let root = match size.cmp(&work.size) {
            std::cmp::Ordering::Equal => return Ok(*file),
            std::cmp::Ordering::Greater => work.append_zeros(file, size - work.size)?,
            std::cmp::Ordering::Less => work.cut(file, size)?,
        };
        work.finish(&root)
    }

    fn work(&self, file: &Cid) -> Result<Work<'_, B>> {
        let size = match Node::load(&self.store, file)? {
            Node::Raw(bytes) => bytes.len() as u64,
            Node::Pb(_, data) if matches!(data.kind, Type::File | Type::Raw) => data.size(),
            Node::Pb(_, data) => {
                return Err(Error::kind(file, crate::node::called(data.kind), "file"));
            }
        };
        Ok(Work {
            out: Out::new(&self.store, file)?,
            file: *file,
            size,
            raw_leaves: self.raw_leaves.unwrap_or(file.version() == Version::V1),
            links: self.links,
            now: self.now,
        })
    }
}

/// With blocks that are as small as CIDs take them in their CIDs.
fn inline(naming: Naming) -> Naming {
    naming.with_inline(block_cid::hash::MAX_DIGEST)
}
