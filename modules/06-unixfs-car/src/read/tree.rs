//! The blocks of a file, from leaf to leaf or straight to a byte.

use std::collections::VecDeque;

use block_cid::{Block, Blockstore};
use bytes::Bytes;

use super::branch::{Branch, Part};
use crate::node::Node;
use crate::{Cid, Error, Result};

/// The most blocks that are read ahead at once.
pub const AHEAD_BLOCKS: usize = 32;

/// The most bytes that are read ahead at once, as the sizes say.
pub const AHEAD_BYTES: u64 = 8 << 20;

/// The deepest that branches may lie below the root. Files of Kubo's widths have 2⁶³ bytes before
/// they are ten deep.
pub const MAX_DEPTH: usize = 128;

/// The most links that are held at once, of all branches above a leaf. A block of 2 MiB has some
/// 50,000.
pub const MAX_LINKS: usize = 1 << 17;

/// The most blocks in a row that have no byte of the file. A few KiB of blocks, each a thousand times
/// the next, could keep a reader busy for ever.
pub const MAX_BARREN: u32 = 1 << 16;

/// Bytes of the file that lie in one block.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) bytes: Bytes,
    /// Where they begin, as the sizes say.
    pub(super) at: Option<u64>,
}

/// The branches above the next leaf, and the blocks that were read ahead.
#[derive(Debug)]
pub(super) struct Tree<B> {
    store: B,
    file: Cid,
    /// How many bytes the file has, as its root says.
    size: Option<u64>,
    /// The bytes of a file without branches, and whether they were given.
    single: Option<(Bytes, bool)>,
    /// The root first.
    above: Vec<Branch>,
    /// The next children of the last branch.
    ready: VecDeque<Block>,
    /// How many leaves are read at once.
    ahead: usize,
    /// How many blocks in a row had no byte.
    barren: u32,
}

impl<B: Blockstore> Tree<B> {
    /// The file with this `root`, which says that there are `said` bytes.
    pub(super) fn new(store: B, file: Cid, root: Node, said: Option<u64>) -> Result<Tree<B>> {
        let mut tree = Tree {
            store,
            file,
            size: said,
            single: None,
            above: Vec::new(),
            ready: VecDeque::new(),
            ahead: 1,
            barren: 0,
        };
        let root = Part::of(root, 0).map_err(|reason| damaged(&tree.file, 0, reason))?;
        tree.size = said.or(root.bytes());
        match root {
            Part::Leaf(bytes) => tree.single = Some((bytes, false)),
            Part::Branch(root) => tree.above.push(root),
        }
        Ok(tree)
    }

    /// How many bytes the file has, if its root says it.
    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// The next leaf that has bytes; `position` is that of the first of them. Blocks whose bytes are
    /// all behind `end` are not read ahead.
    pub(super) fn next(&mut self, position: u64, end: u64) -> Result<Option<Leaf>> {
        if let Some((bytes, given)) = &mut self.single {
            let bytes = bytes.clone();
            let leaf = Leaf { bytes, at: Some(0) };
            return Ok(Some(leaf).filter(|_| !std::mem::replace(given, true)));
        }
        while self.up() {
            self.refuse_gap(position)?;
            if self.ready.is_empty() {
                self.fetch_ahead(position, end)?;
            }
            if let Some(leaf) = self.step(position)?
                && !leaf.bytes.is_empty()
            {
                let ends = position.saturating_add(leaf.bytes.len() as u64);
                return match self.size {
                    Some(size) if ends > size => Err(self.wrong_size(position, size, "more")),
                    _ => Ok(Some(leaf)),
                };
            }
        }
        match self.size {
            Some(size) if position < size => Err(self.wrong_size(position, size, "no more")),
            _ => Ok(None),
        }
    }

    /// The next child has to begin where the one before it ended. It does, unless that was a branch that
    /// does not say how many bytes it has.
    fn refuse_gap(&self, position: u64) -> Result<()> {
        let next = self.above.last().and_then(|top| top.start_of(top.next));
        match next {
            Some(at) if at != position => {
                let reason = format!("the sizes say that its next part begins at byte {at}");
                Err(damaged(&self.file, position, reason))
            }
            _ => Ok(()),
        }
    }

    fn wrong_size(&self, position: u64, size: u64, there: &str) -> Error {
        let reason = format!("its root says {size} bytes, and {there} are there");
        damaged(&self.file, position, reason)
    }

    /// The leaf that has the byte at `position`, as the sizes say, and which of its bytes that is.
    /// There may be none there; [`next`](Self::next) goes on with what is behind it.
    pub(super) fn seek(&mut self, position: u64) -> Result<(Leaf, usize)> {
        let within = |at: u64| usize::try_from(position.saturating_sub(at)).unwrap_or(usize::MAX);
        if let Some((bytes, given)) = &mut self.single {
            *given = true;
            let bytes = bytes.clone();
            let leaf = Leaf { bytes, at: Some(0) };
            return Ok((leaf, within(0)));
        }
        while self.above.len() > 1 && !self.above.last().is_some_and(|top| top.has(position)) {
            self.above.pop();
            self.ready.clear();
        }
        loop {
            let Some(top) = self.above.last_mut() else {
                return Ok((Leaf::none(), 0));
            };
            let found = top.find(position);
            let child = found.map_err(|reason| damaged(&self.file, position, reason))?;
            if top.next != child {
                top.next = child;
                self.ready.clear();
                self.ahead = 1;
            }
            let Some(at) = top.start_of(child).filter(|_| !top.is_done()) else {
                return Ok((Leaf::none(), 0));
            };
            if self.ready.is_empty() {
                self.fetch(1, position)?;
            }
            if let Some(leaf) = self.step(position)? {
                return Ok((leaf, within(at)));
            }
        }
    }

    /// Goes back to where [`new`](Self::new) began, whatever the sizes say.
    pub(super) fn rewind(&mut self) {
        if let Some((_, given)) = &mut self.single {
            *given = false;
        }
        self.above.truncate(1);
        if let Some(root) = self.above.first_mut() {
            (root.next, root.last_was_branch) = (0, None);
        }
        self.ready.clear();
        (self.ahead, self.barren) = (1, 0);
    }

    /// Leaves the branches that are done; whether any is not.
    fn up(&mut self) -> bool {
        while self.above.last().is_some_and(Branch::is_done) {
            if self.above.len() == 1 {
                return false;
            }
            self.above.pop();
        }
        true
    }

    /// Takes the next child: a leaf is given, a branch becomes the last one.
    fn step(&mut self, position: u64) -> Result<Option<Leaf>> {
        let (Some(top), Some(block)) = (self.above.last(), self.ready.front()) else {
            return Ok(None);
        };
        let at = top.start_of(top.next);
        let part = Part::of(Node::of(block)?, at.unwrap_or(0));
        let part = part.map_err(|reason| damaged(&self.file, position, reason))?;
        if let (Some(said), Some(bytes)) = (top.size_of(top.next), part.bytes())
            && said != bytes
        {
            let cid = block.cid();
            let reason = format!("block {cid} has {bytes} bytes of it, and its parent says {said}");
            return Err(damaged(&self.file, position, reason));
        }
        if self.barren == MAX_BARREN {
            let reason = format!("{MAX_BARREN} blocks in a row have no byte of it");
            return Err(damaged(&self.file, position, reason));
        }
        self.barren += 1;
        match part {
            Part::Leaf(bytes) => {
                if !bytes.is_empty() {
                    self.barren = 0;
                }
                self.ready.pop_front();
                self.passed(false);
                Ok(Some(Leaf { bytes, at }))
            }
            Part::Branch(branch) => {
                self.refuse_too_much(&branch, position)?;
                // Its siblings would wait for long, and are branches, too.
                self.ready.clear();
                self.passed(true);
                self.above.push(branch);
                Ok(None)
            }
        }
    }

    /// The next child of the last branch was taken.
    fn passed(&mut self, is_branch: bool) {
        if let Some(top) = self.above.last_mut() {
            top.next += 1;
            top.last_was_branch = Some(is_branch);
        }
    }

    fn refuse_too_much(&self, branch: &Branch, position: u64) -> Result<()> {
        if self.above.len() > MAX_DEPTH {
            let reason = format!("its branches are more than {MAX_DEPTH} deep");
            return Err(damaged(&self.file, position, reason));
        }
        let links: usize = self.above.iter().map(Branch::len).sum();
        // One block may have as many as it has room for.
        if links + branch.len() > MAX_LINKS && !self.above.is_empty() {
            let reason = format!("its branches have more than {MAX_LINKS} links above one leaf");
            return Err(damaged(&self.file, position, reason));
        }
        Ok(())
    }

    /// Reads the next children, of leaves more every time.
    fn fetch_ahead(&mut self, position: u64, end: u64) -> Result<()> {
        let Some(top) = self.above.last() else {
            return Ok(());
        };
        if !top.leaf_is_next() {
            return self.fetch(1, position);
        }
        let count = top.run(self.ahead, AHEAD_BYTES, end);
        self.ahead = (self.ahead * 2).min(AHEAD_BLOCKS);
        match self.fetch(count, position) {
            // One of them is damaged, or gone with the disk: those before it can be had.
            Err(_) if count > 1 => {
                self.ahead = 1;
                self.fetch(1, position)
            }
            fetched => fetched,
        }
    }

    /// Reads the next `count` children of the last branch, up to the first that is missing.
    fn fetch(&mut self, count: usize, position: u64) -> Result<()> {
        let Some(top) = self.above.last() else {
            return Ok(());
        };
        let cids = top.children_from_next(count);
        let found = match cids {
            [cid] => vec![self.store.get(cid)?],
            cids => self.store.get_many(cids)?,
        };
        self.ready
            .extend(found.into_iter().map_while(|block| block));
        match (self.ready.is_empty(), cids.first()) {
            (true, Some(cid)) => Err(Error::MissingPart {
                cid: Box::new(*cid),
                file: Box::new(self.file),
                offset: position,
            }),
            _ => Ok(()),
        }
    }
}

impl Leaf {
    fn none() -> Leaf {
        let bytes = Bytes::new();
        Leaf { bytes, at: None }
    }
}

fn damaged(file: &Cid, position: u64, reason: String) -> Error {
    Error::File {
        file: Box::new(*file),
        offset: position,
        reason,
    }
}
