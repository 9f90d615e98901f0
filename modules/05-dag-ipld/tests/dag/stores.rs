//! Stores and fetchers that watch what is asked of them.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use block_cid::{Block, Blockstore, Cid, Cids, Result};
use bytes::Bytes;

/// Counts the blocks that are read, and takes its time for them.
pub struct Counted<B> {
    pub inner: B,
    pub reads: AtomicUsize,
    /// Up to so much for a block; how much depends on the block.
    pub slow: Duration,
}

impl<B> Counted<B> {
    pub fn new(inner: B) -> Counted<B> {
        Counted {
            inner,
            reads: AtomicUsize::new(0),
            slow: Duration::ZERO,
        }
    }

    pub fn reads(&self) -> usize {
        self.reads.load(SeqCst)
    }
}

impl<B: Blockstore> Blockstore for Counted<B> {
    fn get(&self, cid: &Cid) -> Result<Option<Block>> {
        self.reads.fetch_add(1, SeqCst);
        let part = cid.hash().digest().first().copied().unwrap_or_default();
        if !self.slow.is_zero() {
            std::thread::sleep(self.slow * part.into() / 255);
        }
        self.inner.get(cid)
    }
    fn put(&self, block: &Block) -> Result<()> {
        self.inner.put(block)
    }
    fn size(&self, cid: &Cid) -> Result<Option<u64>> {
        self.inner.size(cid)
    }
    fn delete(&self, cid: &Cid) -> Result<()> {
        self.inner.delete(cid)
    }
    fn cids(&self) -> Result<Cids<'_>> {
        self.inner.cids()
    }
    fn sync(&self) -> Result<()> {
        self.inner.sync()
    }
    fn has(&self, cid: &Cid) -> Result<bool> {
        self.inner.has(cid)
    }
    fn get_range(&self, cid: &Cid, range: Range<u64>) -> Result<Option<Bytes>> {
        self.inner.get_range(cid, range)
    }
    fn put_many(&self, blocks: &[Block]) -> Result<()> {
        self.inner.put_many(blocks)
    }
    fn get_many(&self, cids: &[Cid]) -> Result<Vec<Option<Block>>> {
        self.inner.get_many(cids)
    }
}
