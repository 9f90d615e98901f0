//! Layouts: from a row of chunks to a tree.
//!
//! A node has so many links and no more, so that its block stays small; a file of more chunks needs
//! nodes that link to nodes. There are two ways to grow such a tree while the chunks come:
//!
//! ```text
//! balanced, 2 links                      trickle, 2 links and 4 times each depth
//!
//!             ●                                ●
//!         ┌───┴───┐                  ┌──┬──┬───┼───┬───┐┄┄ then four of depth 2
//!         ●       ●                  1  2  ●   ●   ●   ●
//!       ┌─┴─┐     │                       ┌┴┐ ┌┴┐ ┌┴┐ ┌┴┐
//!       ●   ●     ●                       3 4 5 6 7 8 9 10
//!      ┌┴┐ ┌┴┐    │
//!      1 2 3 4    5                  1 and 2 are at the root itself
//! ```
//!
//! In a balanced tree all chunks are equally deep, so every part of a file is found in as many
//! steps. In a trickle tree the first chunks hang from the root, and appending touches only the
//! nodes at the right edge. Nearly all files are balanced.
//!
//! A node tells for each link how many bytes of the file are below it (`blocksizes`), which is how
//! a reader finds a place without fetching what is before it, and how many bytes the blocks below
//! have (`Tsize`).
//!
//! Both are built from the leaves up: a node is given away when it is full, so that a tree of any
//! size takes the memory of one node a level.
//!
//! Source: [boxo/ipld/unixfs/importer](https://github.com/ipfs/boxo/tree/main/ipld/unixfs/importer).

mod balanced;
mod node;
mod trickle;

use std::fmt;
use std::str::FromStr;

use crate::unixfs::{Meta, Type};
use crate::{Error, Result, Root, Sink};
pub use node::Node;

/// The shape of a file's tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Layout {
    /// All chunks at the same depth.
    #[default]
    Balanced,
    /// The first chunks near the root.
    Trickle,
}

impl Layout {
    /// What a leaf says it is, where leaves are UnixFS and not raw blocks.
    pub fn leaf(self) -> Type {
        match self {
            Layout::Balanced => Type::File,
            Layout::Trickle => Type::Raw,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layout::Balanced => "balanced",
            Layout::Trickle => "trickle",
        })
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Layout> {
        match text {
            "balanced" => Ok(Layout::Balanced),
            "trickle" => Ok(Layout::Trickle),
            _ => Err(Error::Option {
                option: "the layout",
                reason: format!("balanced and trickle are layouts, and {text:?} is none"),
            }),
        }
    }
}

/// A tree that grows.
#[derive(Clone, Debug)]
pub struct Tree(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Balanced(balanced::Tree),
    Trickle(trickle::Tree),
}

impl Tree {
    /// A tree without leaves, of nodes with at most `links` links each.
    ///
    /// # Errors
    /// [`Error::Option`] if no tree grows that way.
    pub fn new(layout: Layout, links: usize) -> Result<Tree> {
        let least = match layout {
            // With one link each, nodes on nodes hold no more than one leaf.
            Layout::Balanced => 2,
            Layout::Trickle => 1,
        };
        if links < least {
            return Err(Error::Option {
                option: "--max-file-links",
                reason: format!(
                    "a {layout} tree needs nodes of {least} links or more, and this is {links}"
                ),
            });
        }
        Ok(Tree(match layout {
            Layout::Balanced => Kind::Balanced(balanced::Tree::new(links)),
            Layout::Trickle => Kind::Trickle(trickle::Tree::new(links)),
        }))
    }

    /// Hangs the next leaf into the tree.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn push(&mut self, leaf: Root, sink: &mut impl Sink) -> Result<()> {
        match &mut self.0 {
            Kind::Balanced(tree) => tree.push(leaf, sink),
            Kind::Trickle(tree) => tree.push(leaf, sink),
        }
    }

    /// The root of what was pushed; the tree is without leaves again. A balanced tree of one leaf
    /// is that leaf, which has what `meta` says already; a balanced tree of none is an empty node,
    /// and a file of no bytes is one empty leaf.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn finish(&mut self, meta: Meta, sink: &mut impl Sink) -> Result<Root> {
        match &mut self.0 {
            Kind::Balanced(tree) => tree.finish(meta, sink),
            Kind::Trickle(tree) => tree.finish(meta, sink),
        }
    }
}

#[cfg(test)]
mod tests;
