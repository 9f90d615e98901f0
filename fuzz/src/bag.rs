//! Blocks that lead anywhere.
//!
//! A CID is the hash of a block, so blocks made at random never link to each other. In a bag a CID is the
//! number of a block: the last byte of its digest. So links may lead anywhere, also back to where they
//! come from, which hashes rule out; a reader that ends here ends everywhere.
//!
//! ```text
//! 07           for whoever reads: here where to seek
//! 0c 00        the length of block 0, the root, lowest byte first
//! 0a …         its bytes
//! 03 00 …      block 1
//! ```

use std::sync::atomic::{AtomicUsize, Ordering};

use block_cid::{Block, Blockstore, Cid, Cids, Error, Multihash, Result, codec};
use bytes::Bytes;
use dag_ipld::pb;

/// How often blocks are given out. Blocks that lead back to themselves make files without an end.
const GETS: usize = 1000;

/// A store of blocks that are found by their numbers.
#[derive(Debug)]
pub struct Bag {
    /// The first byte.
    pub first: u8,
    blocks: Vec<Bytes>,
    left: AtomicUsize,
}

impl Bag {
    /// The blocks in these bytes.
    pub fn new(bytes: &[u8]) -> Bag {
        let (first, mut rest) = bytes.split_first().unwrap_or((&0, &[]));
        let mut blocks = Vec::new();
        while let Some((len, after)) = rest.split_first_chunk() {
            let len = usize::from(u16::from_le_bytes(*len)).min(after.len());
            let (block, after) = after.split_at(len);
            blocks.push(Bytes::copy_from_slice(block));
            rest = after;
        }
        Bag {
            first: *first,
            blocks,
            left: AtomicUsize::new(GETS),
        }
    }

    /// The bytes of a bag with the blocks of a DAG, as far as there are numbers for them; `None` if the
    /// first is not there.
    pub fn pack(root: &Cid, get: impl Fn(&Cid) -> Option<Bytes>) -> Option<Vec<u8>> {
        get(root)?;
        let mut cids = vec![*root];
        let mut out = vec![0];
        let mut next = 0;
        while let Some(cid) = cids.get(next).copied() {
            next += 1;
            let mut block = get(&cid).unwrap_or_default();
            if cid.codec() == codec::DAG_PB
                && let Ok(mut node) = pb::Node::decode(&block)
            {
                for link in &mut node.links {
                    let known = cids.iter().position(|known| *known == link.cid);
                    let number = known.unwrap_or(cids.len());
                    if known.is_none() && number < 255 {
                        cids.push(link.cid);
                    }
                    link.cid = numbered(link.cid.codec(), number.min(255) as u8);
                }
                block = node.encode().into();
            }
            // Of long leaves the start will do.
            block.truncate(if cid.codec() == codec::RAW { 200 } else { 4000 });
            out.extend((block.len() as u16).to_le_bytes());
            out.extend(&block);
        }
        Some(out)
    }

    /// The CID of the root.
    pub fn root(&self) -> Cid {
        numbered(codec::DAG_PB, 0)
    }

    /// Whether no more blocks are given out.
    pub fn is_empty(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    /// Gives out as many blocks as at first.
    pub fn refill(&self) {
        self.left.store(GETS, Ordering::Relaxed);
    }
}

/// The CID of the block with this number.
fn numbered(codec: u64, number: u8) -> Cid {
    let hash = Multihash::wrap(0x12, &[number]).expect("a byte has room");
    Cid::new_v1(codec, hash)
}

impl Blockstore for Bag {
    fn get(&self, cid: &Cid) -> Result<Option<Block>> {
        let number = cid.hash().digest().last().copied().unwrap_or_default();
        let relaxed = Ordering::Relaxed;
        let left = self
            .left
            .fetch_update(relaxed, relaxed, |left| left.checked_sub(1));
        let block = self.blocks.get(usize::from(number));
        let block = block.filter(|_| left.is_ok());
        Ok(block.map(|block| Block::trusted(*cid, block.clone())))
    }

    fn size(&self, cid: &Cid) -> Result<Option<u64>> {
        Ok(self.get(cid)?.map(|block| block.len() as u64))
    }

    fn put(&self, _: &Block) -> Result<()> {
        refuse()
    }

    fn delete(&self, _: &Cid) -> Result<()> {
        refuse()
    }

    fn cids(&self) -> Result<Cids<'_>> {
        refuse()
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}

fn refuse<T>() -> Result<T> {
    Err(Error::io(
        "change a bag",
        std::io::ErrorKind::Unsupported.into(),
    ))
}
