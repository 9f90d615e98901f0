//! Files out of their blocks: from any byte on, with the blocks that are needed and no others.
//!
//! ```text
//!              root: 600 bytes        a branch: links, and how many bytes each leads to
//!             /      |       \
//!      0..256     256..512    512..600      leaves: the bytes, as raw blocks or within UnixFS
//! ```
//!
//! To read byte 300 the root is enough to tell that the second leaf has it, so two blocks are read of
//! however large a file. Whoever goes on reading gets the leaves behind it ahead of time: one,
//! then two, then four, up to [`AHEAD_BLOCKS`] at once, which the store reads together and hashes on all
//! cores. Memory is bounded by that, and by the branches above the leaf.
//!
//! The sizes in a branch are claims of whoever wrote it; only the bytes are proven. A seek goes where the
//! sizes say, and `ipfs cat` gives what it finds there, so that a range need be no slice of the whole. Here
//! what is read is compared with what the node above it said, and what differs is an error; what is not
//! read is not judged. What a block may say, and what becomes of it:
//!
//! | the block | `ipfs cat` of Kubo 0.43 | here |
//! | --- | --- | --- |
//! | sizes of a branch that do not add up to its file size | the bytes of the leaves | an error |
//! | a leaf or branch longer or shorter than its parent says | its bytes, all of them | an error |
//! | a leaf with another file size than it has bytes | its bytes, all of them | an error |
//! | no file size | the bytes of the leaves; a seek gives none | the sizes, added up |
//! | another number of sizes than of links | read from the start; a seek is an error | the same |
//! | data in a node that has links | left out | the same |
//! | a folder with links among the parts of a file | what is below it, as bytes | an error |
//! | branches below branches, deeper than [`MAX_DEPTH`] | goes on | an error |
//! | [`MAX_BARREN`] blocks in a row without a byte | goes on | an error |
//!
//! What a real system would add: asking the network for the leaves ahead while the first are
//! given out (module 04).

mod branch;
mod tree;

use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};

use block_cid::Blockstore;
use bytes::{Buf, Bytes};

use crate::node::{Node, called};
use crate::unixfs::{Meta, Type};
use crate::{Cid, Error, Result};
use tree::Tree;

pub use tree::{AHEAD_BLOCKS, AHEAD_BYTES, MAX_BARREN, MAX_DEPTH, MAX_LINKS};

/// A file, read from any byte on.
///
/// It is a [`Read`], [`BufRead`] and [`Seek`]; their errors are [`Error`]s within [`io::Error`]s.
/// [`chunk`](Self::chunk) gives the bytes as they lie in their blocks, without a copy.
#[derive(Debug)]
pub struct Reader<B> {
    tree: Tree<B>,
    size: u64,
    meta: Meta,
    /// Of the next byte.
    position: u64,
    /// Of the first byte that is not given any more.
    end: u64,
    /// The leaf in hand, and how much of it was given or passed over.
    leaf: Bytes,
    given: usize,
    /// Where the leaf begins, as the sizes say.
    leaf_at: Option<u64>,
    /// Whether the next byte is in another leaf than the one that follows.
    sought: bool,
}

impl<B: Blockstore> Reader<B> {
    /// The file that `cid` names, at its first byte. Reads one block.
    ///
    /// # Errors
    /// [`Error::Missing`] if the block is not there; [`Error::Kind`] if it is a folder or a
    /// symlink; [`Error::Node`] if it is nothing of UnixFS; [`Error::File`] if the sizes in it make no
    /// sense; those of the store.
    pub fn open(store: B, cid: &Cid) -> Result<Reader<B>> {
        let node = Node::load(&store, cid)?;
        Reader::of(store, cid, node)
    }

    /// The file with this root, which is the node that `cid` names.
    pub(crate) fn of(store: B, cid: &Cid, mut root: Node) -> Result<Reader<B>> {
        let mut file = *cid;
        // What describes a file stands before it; nobody writes that any more.
        while let Node::Pb(node, data) = &root
            && data.kind == Type::Metadata
        {
            let Some(link) = node.links.first().filter(|_| file == *cid) else {
                return Err(Error::kind(cid, "a description of a file", "file"));
            };
            file = link.cid;
            root = Node::load(&store, &file)?;
        }
        let (said, meta) = match &root {
            Node::Raw(_) => (None, Meta::default()),
            Node::Pb(_, data) => match data.kind {
                Type::File | Type::Raw => (data.filesize, data.meta),
                kind => return Err(Error::kind(&file, called(kind), "file")),
            },
        };
        let tree = Tree::new(store, file, root, said)?;
        Ok(Reader {
            size: tree.size().unwrap_or(0),
            tree,
            meta,
            position: 0,
            end: u64::MAX,
            leaf: Bytes::new(),
            given: 0,
            leaf_at: None,
            sought: false,
        })
    }

    /// How many bytes the file has, as its root says; 0 if it does not.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The permissions and the time that were kept with it.
    pub fn meta(&self) -> Meta {
        self.meta
    }

    /// Reads no byte at `end` or behind it, and no block that has only such bytes.
    pub fn with_end(mut self, end: u64) -> Reader<B> {
        self.end = end;
        self
    }

    /// The next bytes, as many as the leaf in hand has; `None` at the end.
    ///
    /// # Errors
    /// [`Error::MissingPart`], with the block and the byte, if a block is not there;
    /// [`Error::File`] if the blocks make no file; those of the store. After each the reader
    /// stands where it stood, and may be asked again.
    pub fn chunk(&mut self) -> Result<Option<Bytes>> {
        let len = self.fill()?;
        let chunk = self.leaf.slice(self.given..self.given + len);
        self.take(len);
        Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }

    /// Writes all from here on to `out`: how many bytes that were.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk); those of `out`.
    pub fn copy_to(&mut self, out: &mut (impl Write + ?Sized)) -> io::Result<u64> {
        let start = self.position;
        while let Some(chunk) = self.chunk().map_err(io::Error::other)? {
            out.write_all(&chunk)?;
        }
        Ok(self.position - start)
    }

    /// Has bytes in hand, unless there are no more: how many.
    fn fill(&mut self) -> Result<usize> {
        while self.leaf.len() == self.given && self.position < self.end {
            let (leaf, given) = if self.sought {
                self.tree.seek(self.position)?
            } else {
                match self.tree.next(self.position, self.end)? {
                    Some(leaf) => (leaf, 0),
                    None => break,
                }
            };
            self.sought = false;
            self.given = given.min(leaf.bytes.len());
            (self.leaf, self.leaf_at) = (leaf.bytes, leaf.at);
        }
        let left = self.leaf.len() - self.given;
        let wanted = self.end.saturating_sub(self.position);
        Ok(left.min(usize::try_from(wanted).unwrap_or(usize::MAX)))
    }

    fn take(&mut self, len: usize) {
        self.given += len;
        self.position += len as u64;
    }

    /// Goes to this byte, as [`seek`](Seek::seek) from the start, which cannot fail.
    pub fn seek_to(&mut self, position: u64) {
        if position == self.position {
            return;
        }
        self.position = position;
        let within = self.leaf_at.filter(|_| position > 0);
        let within = within.and_then(|at| position.checked_sub(at));
        let within = within.and_then(|within| usize::try_from(within).ok());
        match within.filter(|within| *within < self.leaf.len()) {
            Some(within) => self.given = within,
            None => {
                (self.leaf, self.given, self.leaf_at) = (Bytes::new(), 0, None);
                // The first byte needs no sizes to be found.
                self.sought = position > 0;
                if !self.sought {
                    self.tree.rewind();
                }
            }
        }
    }
}

impl<B: Blockstore> BufRead for Reader<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let len = self.fill().map_err(io::Error::other)?;
        Ok(self
            .leaf
            .get(self.given..self.given + len)
            .unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.take(amount.min(self.leaf.len() - self.given));
    }
}

impl<B: Blockstore> Read for Reader<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.fill_buf()?;
        let len = rest.remaining().min(buffer.len());
        if let Some(buffer) = buffer.get_mut(..len) {
            rest.copy_to_slice(buffer);
        }
        self.consume(len);
        Ok(len)
    }
}

impl<B: Blockstore> Seek for Reader<B> {
    /// Reads nothing: the next read does. A place behind the end is one where nothing is read.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
        };
        let before = "a place before the first byte of the file";
        let position =
            position.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, before))?;
        self.seek_to(position);
        Ok(position)
    }
}
