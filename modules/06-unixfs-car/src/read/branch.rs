//! A node of a file that leads to others.

use block_cid::codec;
use bytes::Bytes;

use crate::Cid;
use crate::node::{Node, called};
use crate::unixfs::Type;

/// A part of a file.
pub(super) enum Part {
    /// Bytes.
    Leaf(Bytes),
    /// Links to parts.
    Branch(Branch),
}

/// Links to parts, and where each of them ends.
#[derive(Debug)]
pub(super) struct Branch {
    children: Vec<Cid>,
    /// Where each child ends, in bytes of the file, as the sizes say; none if there are more or
    /// fewer sizes than children.
    ends: Vec<u64>,
    /// Where the first child begins.
    start: u64,
    /// The child that is read next.
    pub(super) next: usize,
    /// Whether the child before that was a branch; none was read yet if that is not known.
    pub(super) last_was_branch: Option<bool>,
}

impl Part {
    /// What the node is to a file, where it begins at `start`; or why it is nothing. What it says of its
    /// own size has to be so.
    pub(super) fn of(node: Node, start: u64) -> Result<Part, String> {
        let (node, data) = match node {
            Node::Raw(bytes) => return Ok(Part::Leaf(bytes)),
            Node::Pb(node, data) => (node, data),
        };
        if !matches!(data.kind, Type::File | Type::Raw) {
            return Err(format!("{} is among its parts", called(data.kind)));
        }
        if node.links.is_empty() {
            let bytes = data.data.unwrap_or_default();
            return match data.filesize {
                Some(said) if said != bytes.len() as u64 => {
                    Err(format!("a node says {said} bytes, and has {}", bytes.len()))
                }
                _ => Ok(Part::Leaf(bytes)),
            };
        }
        let mut ends = Vec::new();
        if data.blocksizes.len() == node.links.len() {
            let mut end = start;
            for size in &data.blocksizes {
                let sum = end.checked_add(*size);
                end = sum.ok_or("the sizes in a branch are more than any file has")?;
                ends.push(end);
            }
            if let Some(said) = data.filesize.filter(|said| *said != end - start) {
                let sum = end - start;
                return Err(format!(
                    "a branch says {said} bytes, and the sizes of its parts make {sum}"
                ));
            }
        }
        Ok(Part::Branch(Branch {
            children: node.links.iter().map(|link| link.cid).collect(),
            ends,
            start,
            next: 0,
            last_was_branch: None,
        }))
    }

    /// How many bytes of the file are in it or below it, if it can be told.
    pub(super) fn bytes(&self) -> Option<u64> {
        match self {
            Part::Leaf(bytes) => Some(bytes.len() as u64),
            Part::Branch(branch) => Some(branch.ends.last()? - branch.start),
        }
    }
}

impl Branch {
    pub(super) fn len(&self) -> usize {
        self.children.len()
    }

    /// Whether every child was read.
    pub(super) fn is_done(&self) -> bool {
        self.next >= self.children.len()
    }

    /// Whether the byte at `position` is in it.
    pub(super) fn has(&self, position: u64) -> bool {
        self.start <= position && self.ends.last().is_some_and(|end| position < *end)
    }

    /// The child that has the byte at `position`; behind the last if none has.
    pub(super) fn find(&self, position: u64) -> Result<usize, String> {
        if self.ends.len() != self.children.len() {
            return Err(
                "a branch has not as many sizes as links; it can be read from the start alone"
                    .to_owned(),
            );
        }
        Ok(self.ends.partition_point(|end| *end <= position))
    }

    /// Where this child begins, if the sizes say it.
    pub(super) fn start_of(&self, child: usize) -> Option<u64> {
        match child.checked_sub(1) {
            None => Some(self.start).filter(|_| !self.ends.is_empty()),
            Some(before) => self.ends.get(before).copied(),
        }
    }

    /// How many bytes this child has, if the sizes say it.
    pub(super) fn size_of(&self, child: usize) -> Option<u64> {
        Some(self.ends.get(child)? - self.start_of(child)?)
    }

    /// Whether the next child is a leaf, as far as can be told.
    pub(super) fn leaf_is_next(&self) -> bool {
        let next = self.children.get(self.next);
        next.is_some_and(|cid| cid.codec() == codec::RAW) || self.last_was_branch == Some(false)
    }

    /// How many of the next children are read together: one, or up to `most` like it while they
    /// have at most `bytes` and begin before `end`.
    pub(super) fn run(&self, most: usize, bytes: u64, end: u64) -> usize {
        let (Some(start), Some(first)) = (self.start_of(self.next), self.children.get(self.next))
        else {
            return 1;
        };
        let last = start.saturating_add(bytes);
        let next = self.children.iter().enumerate().skip(self.next).take(most);
        let run = next.take_while(|(child, cid)| {
            let begins = self.start_of(*child).is_some_and(|begin| begin < end);
            let fits = self.ends.get(*child).is_some_and(|end| *end <= last);
            begins && fits && cid.codec() == first.codec()
        });
        run.count().max(1)
    }

    /// The next children, at most `count`.
    pub(super) fn children_from_next(&self, count: usize) -> &[Cid] {
        let end = self.next.saturating_add(count).min(self.children.len());
        self.children.get(self.next..end).unwrap_or_default()
    }
}
