//! Bytes behind the end: hung from the right edge, as boxo's `trickle.Append` has it.
//!
//! A node of a trickle tree has as many leaves as a branch has links, then four subtrees of depth 1,
//! four of depth 2, and so on. How many parts a node has tells how far it is, so a tree goes on
//! growing where it stands: what is not full at its right edge is filled first.

use std::iter::Peekable;

use block_cid::{Blockstore, codec};
use bytes::Bytes;

use super::ZEROS;
use super::open::{Open, Work};
use crate::node::{Node, called};
use crate::unixfs::{Data, Type};
use crate::{Cid, Result, Root};

/// How many subtrees of each depth a node has.
const REPEAT: usize = 4;

/// Leaves that are still to be hung up.
type Leaves<'l> = Peekable<Box<dyn Iterator<Item = Root> + 'l>>;

impl<B: Blockstore> Work<'_, B> {
    /// The file below `root` with these leaves behind it.
    pub(super) fn append(&mut self, root: &Cid, chunks: &[Bytes]) -> Result<Cid> {
        let base = self.base(root)?;
        let leaves = self.leaves(chunks)?;
        self.grow(root, base, Box::new(leaves.into_iter()))
    }

    /// The same with `count` zeros.
    pub(super) fn append_zeros(&mut self, root: &Cid, count: u64) -> Result<Cid> {
        let base = self.base(root)?;
        let chunk = ZEROS as u64;
        let last = Bytes::from(vec![0; (count % chunk) as usize]);
        let leaves = self.leaves(&[Bytes::from_static(&[0; ZEROS]), last])?;
        let [full, last] = leaves[..] else {
            return Ok(*root);
        };
        let full = (0..count / chunk).map(move |_| full);
        let last = (!count.is_multiple_of(chunk)).then_some(last);
        self.grow(root, base, Box::new(full.chain(last)))
    }

    /// What leaves are hung into: the root, or a node around it where it has bytes and no links.
    fn base(&mut self, root: &Cid) -> Result<Open> {
        let mut around = Open::new();
        match self.load(root, self.size)? {
            Node::Raw(bytes) => {
                self.raw_leaves = true;
                let len = bytes.len() as u64;
                around.push(Root {
                    cid: *root,
                    bytes: len,
                    dag: len,
                });
                Ok(around)
            }
            Node::Pb(_, data) if !matches!(data.kind, Type::File | Type::Raw) => {
                let reason = format!("{} is no file", called(data.kind));
                Err(self.damaged(self.size, reason))
            }
            Node::Pb(node, mut data) => {
                let bytes = data.data.clone().filter(|bytes| !bytes.is_empty());
                match bytes.filter(|_| node.links.is_empty()) {
                    Some(bytes) => {
                        data.data = None;
                        data.kind = Type::File;
                        around.data = data;
                        self.leaves(&[bytes])?
                            .into_iter()
                            .for_each(|leaf| around.push(leaf));
                        Ok(around)
                    }
                    None => Open::of(node, data).map_err(|reason| self.damaged(self.size, reason)),
                }
            }
        }
    }

    /// New leaves of these bytes, kept; all are hashed at once.
    fn leaves(&mut self, chunks: &[Bytes]) -> Result<Vec<Root>> {
        let blocks = if self.raw_leaves {
            self.out.naming.blocks(codec::RAW, chunks)?
        } else {
            let nodes = chunks
                .iter()
                .map(|bytes| Data::leaf(Type::Raw, bytes.clone()).block());
            let nodes: Vec<Bytes> = nodes.map(Bytes::from).collect();
            self.out.naming.blocks(codec::DAG_PB, &nodes)?
        };
        let mut leaves = Vec::with_capacity(blocks.len());
        for (block, bytes) in blocks.into_iter().zip(chunks) {
            let dag = block.len() as u64;
            leaves.push(Root {
                cid: self.out.keep(block)?,
                bytes: bytes.len() as u64,
                dag,
            });
        }
        Ok(leaves)
    }

    fn grow(
        &mut self,
        root: &Cid,
        mut base: Open,
        leaves: Box<dyn Iterator<Item = Root> + '_>,
    ) -> Result<Cid> {
        let naming = match root.codec() {
            codec::DAG_PB => self.naming_of(root)?,
            _ => self.out.naming,
        };
        self.touch(&mut base.data);
        let mut leaves = leaves.peekable();
        let (mut depth, repeat) = self.progress(&base);
        if depth == 0 {
            self.fill_leaves(&mut base, &mut leaves);
            if leaves.peek().is_none() {
                return Ok(base.close(&naming, self)?.cid);
            }
            depth += 1;
        }
        self.fill_last(&mut base, depth - 1, repeat, &mut leaves)?;
        if leaves.peek().is_some() {
            depth += 1;
        }
        for depth in depth.. {
            if leaves.peek().is_none() {
                break;
            }
            self.add_trees(&mut base, 0, depth, &mut leaves)?;
        }
        Ok(base.close(&naming, self)?.cid)
    }

    /// How far a node is: the depth of the subtrees that are being added, 0 for leaves, and how many of
    /// that depth there are.
    fn progress(&self, node: &Open) -> (i64, usize) {
        match node.len().checked_sub(self.links) {
            None => (0, 0),
            Some(trees) => ((trees / REPEAT + 1) as i64, trees % REPEAT),
        }
    }

    fn fill_leaves(&self, node: &mut Open, leaves: &mut Leaves<'_>) {
        while node.len() < self.links
            && let Some(leaf) = leaves.next()
        {
            node.push(leaf);
        }
    }

    /// A new subtree of at most this depth.
    fn tree(&mut self, depth: i64, leaves: &mut Leaves<'_>) -> Result<Root> {
        let mut node = Open::new();
        self.fill_leaves(&mut node, leaves);
        for depth in 1..depth {
            self.add_trees(&mut node, 0, depth, leaves)?;
        }
        let naming = self.out.naming;
        node.close(&naming, self)
    }

    /// Adds subtrees of this depth, until there are as many as there should be.
    fn add_trees(
        &mut self,
        node: &mut Open,
        there: usize,
        depth: i64,
        leaves: &mut Leaves<'_>,
    ) -> Result<()> {
        for _ in there..REPEAT {
            if leaves.peek().is_some() {
                let tree = self.tree(depth, leaves)?;
                node.push(tree);
            }
        }
        Ok(())
    }

    /// Fills the last subtree of a node, and then its layer.
    fn fill_last(
        &mut self,
        node: &mut Open,
        depth: i64,
        repeat: usize,
        leaves: &mut Leaves<'_>,
    ) -> Result<()> {
        if node.len() <= self.links {
            return Ok(());
        }
        let Some((last, bytes)) = node.pop() else {
            return Ok(());
        };
        match self.fill(&last.cid, depth - 1, leaves)? {
            Some(tree) => node.push(tree),
            // It is a leaf: the node is wider than those made here, and no trickle tree.
            None => node.put_back(last, bytes),
        }
        if repeat != 0 {
            self.add_trees(node, repeat, depth, leaves)?;
        }
        Ok(())
    }

    /// The subtree that `cid` names, filled up to this depth; `None` if it is a leaf.
    fn fill(&mut self, cid: &Cid, most: i64, leaves: &mut Leaves<'_>) -> Result<Option<Root>> {
        let (node, data) = match self.load(cid, self.size)? {
            Node::Pb(node, data) if !node.links.is_empty() => (node, data),
            _ => return Ok(None),
        };
        let mut node = Open::of(node, data).map_err(|reason| self.damaged(self.size, reason))?;
        if most != 0 && leaves.peek().is_some() {
            let (mut depth, repeat) = self.progress(&node);
            if depth == 0 {
                self.fill_leaves(&mut node, leaves);
                depth += 1;
            }
            if depth != most {
                self.fill_last(&mut node, depth, repeat, leaves)?;
                if leaves.peek().is_some() {
                    depth += 1;
                }
                for depth in depth..most {
                    self.add_trees(&mut node, 0, depth, leaves)?;
                }
            }
        }
        let naming = self.naming_of(cid)?;
        Ok(Some(node.close(&naming, self)?))
    }
}
