//! A DAG on a blockstore.

use block_cid::{Block, Blockstore, Fetcher, Hash};
use bytes::Bytes;
use persistent::wrappers::Repair;

use crate::list::CidList;
use crate::{Cid, Codec, Error, Ipld, Result};

/// Nodes in a store of blocks: the store moves bytes, this knows what they mean.
///
/// Whatever is read was hashed before, by the store (see [`block_cid::Verify`]) or when it was
/// fetched.
///
/// ```
/// use block_cid::{Blocks, Hash};
/// use dag_ipld::{Codec, Dag, Ipld, Path};
/// use datastore::MemStore;
///
/// # fn main() -> dag_ipld::Result<()> {
/// let dag = Dag::new(Blocks::new(MemStore::new()));
/// let ada = Ipld::from([("name", "Ada".into())]);
/// let ada = dag.add(Codec::DagCbor, Hash::SHA2_256, &ada)?;
/// let notes = Ipld::from([("author", ada.into())]);
/// let notes = dag.add(Codec::DagCbor, Hash::SHA2_256, &notes)?;
///
/// let name = dag.get(&Path::new(notes).join("author").join("name"))?;
/// assert_eq!(name.found()?, Ipld::from("Ada"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Dag<B> {
    blocks: B,
}

impl<B: Blockstore> Dag<B> {
    /// What the store has, and nothing else.
    pub fn new(blocks: B) -> Dag<B> {
        Dag { blocks }
    }

    /// What the store has, or else the fetcher; what was fetched is proven, and then kept in the
    /// store. A fetcher that may wait for long is best wrapped in a [`Cancellable`](crate::Cancellable).
    pub fn with_fetcher<F: Fetcher>(self, fetcher: F) -> Dag<Repair<B, F>> {
        Dag {
            blocks: Repair::new(self.blocks, fetcher),
        }
    }

    /// The store.
    pub fn blocks(&self) -> &B {
        &self.blocks
    }

    /// Keeps a value as a block of this codec, and gives its CID, a CIDv1.
    ///
    /// # Errors
    /// [`Error::Encode`] if the codec cannot say it; [`Error::Blocks`] if the store does not take it.
    pub fn add(&self, codec: Codec, hash: Hash, value: &Ipld) -> Result<Cid> {
        let block = Block::new(codec.code(), hash, codec.encode(value)?)?;
        self.blocks.put(&block)?;
        Ok(*block.cid())
    }

    /// The value of a block, or `None` if there is no block.
    ///
    /// # Errors
    /// [`Error::Codec`] or [`Error::Decode`] if it cannot be read, [`Error::Refused`] if the store has no
    /// blocks of this hash, [`Error::Blocks`] if it fails.
    pub fn value(&self, cid: &Cid) -> Result<Option<Ipld>> {
        let read = |bytes: Bytes| Codec::of(cid)?.decode_relaxed(&bytes);
        self.bytes(cid)?.map(read).transpose()
    }

    /// What a block links to, in order and as often as it does, or `None` if there is no block.
    ///
    /// # Errors
    /// As [`value`](Self::value).
    pub fn links(&self, cid: &Cid) -> Result<Option<CidList>> {
        let Some(bytes) = self.bytes(cid)? else {
            return Ok(None);
        };
        let mut links = CidList::default();
        Codec::of(cid)?.links(&bytes, &mut |link| links.push(&link))?;
        Ok(Some(links))
    }

    /// A block, or `None` if there is none. A link may have any hash, and so may be one that the store
    /// has no blocks of.
    pub(crate) fn block(&self, cid: &Cid) -> Result<Option<Block>> {
        self.blocks.get(cid).map_err(|error| match error {
            block_cid::Error::Hash { .. } => Error::Refused {
                cid: Box::new(*cid),
                reason: error.to_string(),
            },
            error => error.into(),
        })
    }

    /// The bytes of a block, or `None` if there is no block.
    pub(crate) fn bytes(&self, cid: &Cid) -> Result<Option<Bytes>> {
        Ok(self.block(cid)?.map(|block| block.into_parts().1))
    }
}
