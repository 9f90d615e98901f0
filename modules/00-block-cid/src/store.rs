//! The trait of a store of blocks.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::{Block, Cid, Result};

/// The CIDs of a store's blocks; see [`Blockstore::cids`].
pub type Cids<'a> = Box<dyn Iterator<Item = Result<Cid>> + Send + 'a>;

/// A store of blocks.
///
/// What every implementation promises:
///
/// 1. A block is found by its multihash: under CIDv0, CIDv1 and every codec alike. `get` answers
///    with the CID that was asked for.
/// 2. An absent block is `Ok(None)`; deleting it succeeds.
/// 3. A block whose bytes do not have its CID is never kept.
/// 4. The block of an identity CID is its digest: it is always there, and never stored, listed
///    or counted.
/// 5. `has`, `size` and `get_range` agree with `get`.
///
/// When a put is durable is promised by the store below; [`sync`](Self::sync) makes every put
/// before it so. Calls block, many threads may call at once, and `&B`, `Box<B>` and `Arc<B>` are
/// stores when `B` is one. A wrapper forwards every method it does not change, the defaulted
/// ones too.
pub trait Blockstore: Send + Sync {
    /// The block that `cid` names, or `None`.
    fn get(&self, cid: &Cid) -> Result<Option<Block>>;

    /// Keeps the block. One that is not [proven](Block::is_proven) is hashed first.
    fn put(&self, block: &Block) -> Result<()>;

    /// The length of the block in bytes, without reading it where the store can.
    fn size(&self, cid: &Cid) -> Result<Option<u64>>;

    /// Forgets the block. A block has one entry for all its CIDs, so it is gone under each.
    fn delete(&self, cid: &Cid) -> Result<()>;

    /// The CID of every stored block, each once, as CIDv1 `raw`: stores keep multihashes, and
    /// neither the version nor the codec that a block was put under.
    fn cids(&self) -> Result<Cids<'_>>;

    /// Makes every put and delete before this call durable.
    fn sync(&self) -> Result<()>;

    /// Whether the block is there.
    fn has(&self, cid: &Cid) -> Result<bool> {
        Ok(self.size(cid)?.is_some())
    }

    /// The bytes of `range` of the block, cut where the block ends.
    fn get_range(&self, cid: &Cid, range: Range<u64>) -> Result<Option<Bytes>> {
        Ok(self
            .get(cid)?
            .map(|block| datastore::store::slice(block.data(), range)))
    }

    /// Keeps all these blocks; none of them if one is wrong.
    fn put_many(&self, blocks: &[Block]) -> Result<()> {
        crate::block::check_all(blocks).map_or(Ok(()), |(_, error)| Err(error))?;
        blocks.iter().try_for_each(|block| self.put(block))
    }

    /// The blocks that `cids` name, in their order.
    fn get_many(&self, cids: &[Cid]) -> Result<Vec<Option<Block>>> {
        cids.iter().map(|cid| self.get(cid)).collect()
    }
}

macro_rules! forward {
    ($($type:ty),*) => {$(
        impl<B: Blockstore + ?Sized> Blockstore for $type {
            fn get(&self, cid: &Cid) -> Result<Option<Block>> {
                (**self).get(cid)
            }
            fn put(&self, block: &Block) -> Result<()> {
                (**self).put(block)
            }
            fn size(&self, cid: &Cid) -> Result<Option<u64>> {
                (**self).size(cid)
            }
            fn delete(&self, cid: &Cid) -> Result<()> {
                (**self).delete(cid)
            }
            fn cids(&self) -> Result<Cids<'_>> {
                (**self).cids()
            }
            fn sync(&self) -> Result<()> {
                (**self).sync()
            }
            fn has(&self, cid: &Cid) -> Result<bool> {
                (**self).has(cid)
            }
            fn get_range(&self, cid: &Cid, range: Range<u64>) -> Result<Option<Bytes>> {
                (**self).get_range(cid, range)
            }
            fn put_many(&self, blocks: &[Block]) -> Result<()> {
                (**self).put_many(blocks)
            }
            fn get_many(&self, cids: &[Cid]) -> Result<Vec<Option<Block>>> {
                (**self).get_many(cids)
            }
        }
    )*};
}

forward!(&B, Box<B>, Arc<B>);
