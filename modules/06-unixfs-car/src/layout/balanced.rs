//! The balanced layout.

use super::Node;
use crate::unixfs::Meta;
use crate::{Result, Root, Sink};

/// A balanced tree that grows: at each level the one node that is not full yet.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    links: usize,
    /// The lowest first: its links are leaves.
    levels: Vec<Node>,
}

impl Tree {
    pub(super) fn new(links: usize) -> Tree {
        Tree {
            links,
            levels: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, leaf: Root, sink: &mut impl Sink) -> Result<()> {
        self.push_at(0, leaf, sink)
    }

    /// Adds a link at a level. A full node moves up only now, so that a tree whose last node is
    /// full gets no level more than it needs.
    fn push_at(&mut self, level: usize, mut child: Root, sink: &mut impl Sink) -> Result<()> {
        for node in self.levels.iter_mut().skip(level) {
            if node.len() < self.links {
                node.push(child);
                return Ok(());
            }
            let full = node.close(Meta::default(), sink)?;
            node.push(child);
            child = full;
        }
        let mut top = Node::default();
        top.push(child);
        self.levels.push(top);
        Ok(())
    }

    /// Every node is closed, also one with a single link: all leaves are equally deep.
    pub(super) fn finish(&mut self, meta: Meta, sink: &mut impl Sink) -> Result<Root> {
        let mut level = 0;
        // What moves up may make a level above the last.
        while level + 1 < self.levels.len()
            && let Some(node) = self.levels.get_mut(level)
        {
            let child = node.close(Meta::default(), sink)?;
            level += 1;
            self.push_at(level, child, sink)?;
        }
        let mut root = self.levels.pop().unwrap_or_default();
        self.levels.clear();
        match root.only().filter(|_| level == 0) {
            Some(leaf) => Ok(leaf),
            None => root.close(meta, sink),
        }
    }
}
