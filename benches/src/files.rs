//! What is measured of files, by the benches and by the report.

use std::ops::Range;
use std::path::Path;

use block_cid::{Block, Blocks, Blockstore, Cid, Cids, Hash, codec};
use bytes::Bytes;
use datastore::MemStore;
use unixfs_car::import::{Importer, Options};
use unixfs_car::{Sink, Source};

/// What an import puts at once, in bytes and in blocks.
const BYTES: usize = 8 << 20;
const BLOCKS: usize = 4096;

/// The blocks of a file or a folder, in batches such as an import makes.
///
/// # Errors
/// Those of an import.
pub fn blocks_of(path: &Path) -> Result<Vec<Vec<Block>>, unixfs_car::Error> {
    let store = Blocks::new(MemStore::new());
    Importer::new(Options::default())?.add_source(Source::path(path), &store)?;
    let mut batches = vec![Vec::new()];
    let mut bytes = 0;
    for cid in store.cids()? {
        let Some(block) = store.get(&cid?)? else {
            continue;
        };
        if let Some(batch) = batches.last_mut() {
            bytes += block.len();
            batch.push(block);
            if bytes >= BYTES || batch.len() >= BLOCKS {
                bytes = 0;
                batches.push(Vec::new());
            }
        }
    }
    Ok(batches)
}

/// A store that is not flushed at the end of an import, as the bare engine is not.
#[derive(Debug)]
pub struct Unflushed<B>(pub B);

impl<B: Blockstore> Blockstore for Unflushed<B> {
    fn sync(&self) -> block_cid::Result<()> {
        Ok(())
    }
    fn get(&self, cid: &Cid) -> block_cid::Result<Option<Block>> {
        self.0.get(cid)
    }
    fn put(&self, block: &Block) -> block_cid::Result<()> {
        self.0.put(block)
    }
    fn size(&self, cid: &Cid) -> block_cid::Result<Option<u64>> {
        self.0.size(cid)
    }
    fn delete(&self, cid: &Cid) -> block_cid::Result<()> {
        self.0.delete(cid)
    }
    fn cids(&self) -> block_cid::Result<Cids<'_>> {
        self.0.cids()
    }
    fn has(&self, cid: &Cid) -> block_cid::Result<bool> {
        self.0.has(cid)
    }
    fn get_range(&self, cid: &Cid, range: Range<u64>) -> block_cid::Result<Option<Bytes>> {
        self.0.get_range(cid, range)
    }
    fn put_many(&self, blocks: &[Block]) -> block_cid::Result<()> {
        self.0.put_many(blocks)
    }
    fn get_many(&self, cids: &[Cid]) -> block_cid::Result<Vec<Option<Block>>> {
        self.0.get_many(cids)
    }
}

/// Names nodes and forgets them.
#[derive(Debug)]
pub struct Nowhere;

impl Sink for Nowhere {
    fn node(&mut self, block: Vec<u8>) -> unixfs_car::Result<Cid> {
        Ok(*Block::new(codec::DAG_PB, Hash::SHA2_256, block)?.cid())
    }
}
