//! A store that keeps count of what is read of it.

use std::sync::Mutex;

use block_cid::{Block, Blockstore, Cids, Result};
use unixfs_car::Cid;

/// What was read, call by call.
#[derive(Debug)]
pub struct Counted<B> {
    store: B,
    calls: Mutex<Vec<Vec<Cid>>>,
}

impl<B: Blockstore> Counted<B> {
    pub fn new(store: B) -> Counted<B> {
        let calls = Mutex::default();
        Counted { store, calls }
    }

    /// The blocks that were read since this was asked last, by calls.
    pub fn calls(&self) -> Vec<Vec<Cid>> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    /// How many blocks that were.
    pub fn blocks(&self) -> usize {
        self.calls().iter().map(Vec::len).sum()
    }

    fn note(&self, cids: &[Cid]) {
        self.calls.lock().unwrap().push(cids.to_vec());
    }
}

impl<B: Blockstore> Blockstore for Counted<B> {
    fn get(&self, cid: &Cid) -> Result<Option<Block>> {
        self.note(&[*cid]);
        self.store.get(cid)
    }
    fn get_many(&self, cids: &[Cid]) -> Result<Vec<Option<Block>>> {
        self.note(cids);
        self.store.get_many(cids)
    }
    fn put(&self, block: &Block) -> Result<()> {
        self.store.put(block)
    }
    fn size(&self, cid: &Cid) -> Result<Option<u64>> {
        self.store.size(cid)
    }
    fn delete(&self, cid: &Cid) -> Result<()> {
        self.store.delete(cid)
    }
    fn cids(&self) -> Result<Cids<'_>> {
        self.store.cids()
    }
    fn sync(&self) -> Result<()> {
        self.store.sync()
    }
}
