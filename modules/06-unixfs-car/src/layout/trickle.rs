//! The trickle layout.

use super::Node;
use crate::unixfs::Meta;
use crate::{Result, Root, Sink};

/// How many subtrees of each depth a node has.
const REPEAT: usize = 4;

/// A trickle tree that grows: the nodes from the root to where the next leaf hangs.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    links: usize,
    root: Open,
    /// Each is in the one before, the first in the root.
    below: Vec<Open>,
}

/// A node that is being filled: first with leaves, then with [`REPEAT`] subtrees of depth 1, then of
/// depth 2, and so on. A subtree of depth d has no subtrees of depth d in it; the root has all.
#[derive(Clone, Debug, Default)]
struct Open {
    node: Node,
    /// How deep it is as a subtree.
    depth: usize,
    /// How many subtrees were begun in it.
    begun: usize,
}

impl Open {
    /// The depth of the next subtree.
    fn next_depth(&self) -> usize {
        1 + self.begun / REPEAT
    }
}

impl Tree {
    pub(super) fn new(links: usize) -> Tree {
        Tree {
            links,
            root: Open::default(),
            below: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, leaf: Root, sink: &mut impl Sink) -> Result<()> {
        loop {
            let is_root = self.below.is_empty();
            let open = self.below.last_mut().unwrap_or(&mut self.root);
            if open.node.len() < self.links {
                open.node.push(leaf);
                return Ok(());
            }
            let depth = open.next_depth();
            if is_root || depth < open.depth {
                open.begun += 1;
                self.below.push(Open {
                    depth,
                    ..Open::default()
                });
            } else {
                self.close_last(sink)?;
            }
        }
    }

    /// Hangs the last open node into the one before it.
    fn close_last(&mut self, sink: &mut impl Sink) -> Result<()> {
        if let Some(mut open) = self.below.pop() {
            let child = open.node.close(Meta::default(), sink)?;
            let parent = self.below.last_mut().unwrap_or(&mut self.root);
            parent.node.push(child);
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, meta: Meta, sink: &mut impl Sink) -> Result<Root> {
        while !self.below.is_empty() {
            self.close_last(sink)?;
        }
        std::mem::take(&mut self.root).node.close(meta, sink)
    }
}
