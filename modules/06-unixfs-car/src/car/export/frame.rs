//! A block on the way from the root, and what is still to be done below it.

use std::collections::VecDeque;

use block_cid::{Block, Blockstore, Cid};

use super::{AHEAD, Seen};
use crate::car::Result;

/// A block that has links.
#[derive(Debug)]
pub(super) struct Frame {
    cid: Cid,
    /// All its links, unless they were forgotten.
    links: Option<Vec<Cid>>,
    /// The next link that is to be read.
    next: usize,
    /// What was read and not given yet.
    ready: VecDeque<Ready>,
}

#[derive(Debug)]
struct Ready {
    /// Which link it is.
    link: usize,
    cid: Cid,
    /// `None` if it is not there.
    block: Option<Block>,
}

impl Frame {
    pub fn new(cid: Cid, links: Vec<Cid>) -> Frame {
        Frame {
            cid,
            links: Some(links),
            next: 0,
            ready: VecDeque::new(),
        }
    }

    pub fn cid(&self) -> Cid {
        self.cid
    }

    /// How many links it remembers.
    pub fn len(&self) -> usize {
        self.links.as_ref().map_or(0, Vec::len)
    }

    /// The CID, if the links were forgotten and are needed.
    pub fn forgotten(&self) -> Option<Cid> {
        (self.links.is_none() && self.ready.is_empty()).then_some(self.cid)
    }

    /// Forgets the links; how many that were.
    pub fn forget_links(&mut self) -> usize {
        self.links.take().map_or(0, |links| links.len())
    }

    /// Has the links again.
    pub fn remember(&mut self, links: Vec<Cid>) {
        self.links = Some(links);
    }

    /// The bytes of the blocks that are ready.
    pub fn ready_bytes(&self) -> usize {
        let blocks = self.ready.iter().filter_map(|ready| ready.block.as_ref());
        blocks.map(Block::len).sum()
    }

    /// Forgets the blocks that are ready; they are read again.
    pub fn forget_ready(&mut self) {
        if let Some(first) = self.ready.front() {
            self.next = first.link;
        }
        self.ready.clear();
    }

    /// The next link, and its block; links to what was `seen` may be left out.
    pub fn next(
        &mut self,
        store: &dyn Blockstore,
        seen: &Seen,
    ) -> Result<Option<(Cid, Option<Block>)>> {
        if self.ready.is_empty() {
            self.read(store, seen)?;
        }
        let next = self.ready.pop_front();
        Ok(next.map(|ready| (ready.cid, ready.block)))
    }

    /// Reads the next blocks.
    fn read(&mut self, store: &dyn Blockstore, seen: &Seen) -> Result<()> {
        let links = self.links.as_deref().unwrap_or_default().iter().enumerate();
        let fresh = links
            .skip(self.next)
            .filter(|(_, link)| !seen.contains(link));
        let (places, cids): (Vec<usize>, Vec<Cid>) = fresh.take(AHEAD).unzip();
        let blocks = match (store.get_many(&cids), cids.first()) {
            (Ok(blocks), _) => blocks,
            // One of them is damaged, and those before it may not be.
            (Err(_), Some(first)) => vec![store.get(first)?],
            (Err(error), None) => return Err(error.into()),
        };
        let read = places.into_iter().zip(cids).zip(blocks);
        self.ready = read
            .map(|((link, cid), block)| Ready { link, cid, block })
            .collect();
        self.next = match self.ready.back() {
            Some(last) => last.link + 1,
            None => self.len(),
        };
        Ok(())
    }
}
