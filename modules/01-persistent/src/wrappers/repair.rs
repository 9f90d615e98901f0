//! Blocks that heal when they are read: what is damaged or absent comes from somewhere else.
//!
//! ```text
//! get ──► store: good ────────────────────────────► the block
//!                corrupt, or absent
//!                   └──► Fetcher ──► prove ──► put ──► the block
//! ```
//!
//! What it fetches is proven before anyone sees it, and then put, so that the next read finds it.
//! A damaged block is replaced by that; who wants to keep the damaged bytes runs
//! [`verify`](crate::ops::verify()) with quarantine first.

use std::ops::Range;

use block_cid::{Block, Blockstore, Cid, Cids, Error, Fetcher, Result};
use bytes::Bytes;

/// A store of blocks with another source behind it.
#[derive(Clone, Debug)]
pub struct Repair<B, F> {
    inner: B,
    source: F,
}

impl<B: Blockstore, F: Fetcher> Repair<B, F> {
    /// `inner`, healed from `source`.
    pub fn new(inner: B, source: F) -> Repair<B, F> {
        Repair { inner, source }
    }

    /// The store below.
    pub fn inner(&self) -> &B {
        &self.inner
    }

    /// The block from the source, proven and put; `None` if the source has none.
    ///
    /// # Errors
    /// Those of the source and of putting; [`Error::WrongCid`] if what it gives is another block.
    fn fetch(&self, cid: &Cid) -> Result<Option<Block>> {
        let Some(block) = self.source.fetch(cid)? else {
            return Ok(None);
        };
        // A source may answer under another name of the same bytes, or with other bytes.
        let block = Block::checked(*cid, block.into_parts().1)?;
        self.inner.put(&block)?;
        Ok(Some(block))
    }
}

impl<B: Blockstore, F: Fetcher> Blockstore for Repair<B, F> {
    /// As the store has it, or else as the source has it.
    ///
    /// # Errors
    /// Of a corrupt block that the source does not have, what the store says.
    fn get(&self, cid: &Cid) -> Result<Option<Block>> {
        match self.inner.get(cid) {
            Ok(None) => self.fetch(cid),
            Err(corrupt) if is_damage(&corrupt) => match self.fetch(cid)? {
                None => Err(corrupt),
                healed => Ok(healed),
            },
            found => found,
        }
    }

    fn put(&self, block: &Block) -> Result<()> {
        self.inner.put(block)
    }

    /// What is in the store; the source is not asked.
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

    /// What is in the store; the source is not asked.
    fn has(&self, cid: &Cid) -> Result<bool> {
        self.inner.has(cid)
    }

    fn get_range(&self, cid: &Cid, range: Range<u64>) -> Result<Option<Bytes>> {
        match self.inner.get_range(cid, range.clone()) {
            Ok(None) => {}
            Err(corrupt) if is_damage(&corrupt) => {}
            found => return found,
        }
        let block = self.get(cid)?;
        Ok(block.map(|block| datastore::store::slice(block.data(), range)))
    }

    fn put_many(&self, blocks: &[Block]) -> Result<()> {
        self.inner.put_many(blocks)
    }

    /// All at once where all are good, else one by one.
    fn get_many(&self, cids: &[Cid]) -> Result<Vec<Option<Block>>> {
        match self.inner.get_many(cids) {
            Ok(found) if found.iter().all(Option::is_some) => Ok(found),
            Err(error) if !is_damage(&error) => Err(error),
            _ => cids.iter().map(|cid| self.get(cid)).collect(),
        }
    }
}

/// A store of blocks as a source: a copy from which another is healed.
#[derive(Clone, Debug)]
pub struct Copy<B>(pub B);

impl<B: Blockstore> Fetcher for Copy<B> {
    /// What the copy has. A block that is corrupt there is none.
    fn fetch(&self, cid: &Cid) -> Result<Option<Block>> {
        match self.0.get(cid) {
            Err(corrupt) if is_damage(&corrupt) => Ok(None),
            found => found,
        }
    }
}

/// Whether the bytes of a block are not what was put: they hash to something else, or the engine
/// cannot read them.
pub fn is_damage(error: &Error) -> bool {
    matches!(
        error,
        Error::Corrupt { .. } | Error::Store(datastore::Error::Corrupt { .. })
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use block_cid::{Blocks, Offline};
    use datastore::{Datastore, Key, MemStore};

    use super::*;
    use crate::wrappers::faulty::{Call, Fault, Faulty};

    fn block(n: u8) -> Block {
        Block::raw(vec![n; 100])
    }

    fn key(block: &Block) -> Key {
        Key::block(&block.cid().hash().to_bytes()).unwrap()
    }

    /// Block 0 is good, 1 is corrupt, 2 is absent.
    fn damaged() -> Blocks<MemStore> {
        let store = MemStore::new();
        let blocks = Blocks::new(store);
        blocks.put(&block(0)).unwrap();
        blocks.store().put(&key(&block(1)), b"flipped").unwrap();
        blocks
    }

    fn copy(of: impl IntoIterator<Item = u8>) -> Copy<Blocks<MemStore>> {
        let blocks = Blocks::new(MemStore::new());
        of.into_iter().for_each(|n| blocks.put(&block(n)).unwrap());
        Copy(blocks)
    }

    #[test]
    fn what_is_corrupt_or_absent_is_fetched_and_stays() {
        for many in [false, true] {
            let store = Repair::new(damaged(), copy(0..3));
            let cids: Vec<Cid> = (0..3).map(|n| *block(n).cid()).collect();
            let found = match many {
                true => store.get_many(&cids).unwrap(),
                false => cids.iter().map(|cid| store.get(cid).unwrap()).collect(),
            };
            assert_eq!(found, (0..3).map(|n| Some(block(n))).collect::<Vec<_>>());
            assert_eq!(store.inner().get_many(&cids).unwrap(), found);
        }
        let store = Repair::new(damaged(), copy(0..3));
        let part = store.get_range(block(1).cid(), 5..9).unwrap().unwrap();
        assert_eq!(&part[..], [1; 4]);
    }

    /// One page of an engine's file, damaged: the engine does not read the block at all.
    #[test]
    fn what_the_engine_cannot_read_is_healed_too() {
        let corrupt = || datastore::Error::Corrupt {
            path: "x".into(),
            what: "torn".into(),
        };
        let engine = Faulty::new(damaged().into_store());
        let store = Repair::new(Blocks::new(&engine), copy(0..1));
        let cid = *block(0).cid();
        for read in 0..3 {
            engine.fail(Fault::new(0, corrupt()).on(Call::Read));
            let found = match read {
                0 => store.get(&cid).unwrap().map(|block| block.into_parts().1),
                1 => store.get_range(&cid, 0..100).unwrap(),
                _ => {
                    let found = store.get_many(&[cid]).unwrap().remove(0);
                    found.map(|block| block.into_parts().1)
                }
            };
            assert_eq!(engine.heal(), 1, "{read}");
            assert_eq!(found.unwrap(), *block(0).data(), "{read}");
        }
        // A copy of which the engine cannot read this block has none.
        engine.fail(Fault::new(0, corrupt()).on(Call::Read).for_good());
        assert_eq!(Copy(Blocks::new(&engine)).fetch(&cid).unwrap(), None);
        // And what nobody has is still the engine's error.
        let store = Repair::new(Blocks::new(&engine), Offline);
        let error = store.get(&cid).unwrap_err();
        assert!(matches!(
            error,
            Error::Store(datastore::Error::Corrupt { .. })
        ));
    }

    #[test]
    fn what_nobody_has_is_as_it_was() {
        let store = Repair::new(damaged(), Offline);
        let corrupt = store.get(block(1).cid()).unwrap_err();
        assert!(matches!(corrupt, Error::Corrupt { .. }), "{corrupt}");
        assert_eq!(store.get(block(2).cid()).unwrap(), None);
        assert!(!store.has(block(2).cid()).unwrap());
    }

    #[test]
    fn a_source_that_lies_is_not_believed() {
        struct Liar;
        impl Fetcher for Liar {
            fn fetch(&self, cid: &Cid) -> Result<Option<Block>> {
                Ok(Some(Block::trusted(*cid, "a lie")))
            }
        }
        let store = Repair::new(damaged(), Liar);
        for n in [1, 2] {
            let error = store.get(block(n).cid()).unwrap_err();
            assert!(matches!(error, Error::WrongCid { .. }), "{error}");
        }
        assert_eq!(store.inner().get(block(2).cid()).unwrap(), None);
        // Nor is a copy that is damaged itself.
        let store = Repair::new(damaged(), Copy(damaged()));
        let error = store.get(block(1).cid()).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    }
}
