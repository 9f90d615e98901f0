//! Blocks over any datastore.

use std::ops::Range;

use bytes::Bytes;
use datastore::{Batch, Datastore, Key, Op};

use crate::block::{check_all, first_wrong};
use crate::hash::MAX_DIGEST;
use crate::{Block, Blockstore, Cid, Cids, Error, Hash, Result, binary, codec};

/// The largest block that [`Blocks`] takes unless told otherwise, in bytes: 2 MiB, which is
/// bitswap's limit. A larger block could be kept, but never given to anybody.
pub const MAX_BLOCK: u64 = 2 << 20;

/// Whether blocks are hashed when they are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// Every read. No storage engine notices every flipped bit, so this is the default.
    #[default]
    Always,
    /// No read: for stores in memory, and for measuring what hashing costs.
    Never,
}

/// A [`Blockstore`] over a [`Datastore`]: the block with multihash `m` is the value under
/// `/blocks/m`.
#[derive(Clone, Debug)]
pub struct Blocks<D> {
    store: D,
    verify: Verify,
    max_block: u64,
}

impl<D: Datastore> Blocks<D> {
    /// Blocks in `store`, hashed on every read, of at most [`MAX_BLOCK`] bytes.
    pub fn new(store: D) -> Blocks<D> {
        Blocks {
            store,
            verify: Verify::default(),
            max_block: MAX_BLOCK,
        }
    }

    /// With another policy for reads. What is put is hashed under every policy.
    pub fn with_verify(mut self, verify: Verify) -> Blocks<D> {
        self.verify = verify;
        self
    }

    /// With another limit on the length of a block, in bytes. Blocks over [`MAX_BLOCK`] cannot
    /// be given to other nodes.
    pub fn with_max_block(mut self, bytes: u64) -> Blocks<D> {
        self.max_block = bytes;
        self
    }

    /// The datastore below.
    pub fn store(&self) -> &D {
        &self.store
    }

    /// The datastore below, alone.
    pub fn into_store(self) -> D {
        self.store
    }

    fn refuse_too_large(&self, block: &Block) -> Result<()> {
        let len = block.len() as u64;
        if len > self.max_block {
            return Err(Error::TooLarge {
                cid: Box::new(*block.cid()),
                len,
                limit: self.max_block,
            });
        }
        Ok(())
    }

    /// The block of bytes that were read, hashed as the policy has it.
    fn read(&self, cid: &Cid, data: Bytes) -> Result<Block> {
        if self.verify == Verify::Always {
            prove_read(&[(cid, &data)])?;
        }
        Ok(Block::trusted(*cid, data))
    }
}

/// Where a block is.
enum Place {
    /// In the CID itself.
    Inline(Bytes),
    /// In the store.
    At(Key),
}

/// Where the block of `cid` is.
///
/// This is the one door: no CID with a weak hash, or a digest too short or too long, gets past
/// it in either direction.
fn place(cid: &Cid) -> Result<Place> {
    let hash = Hash::of(cid.hash())?;
    if hash == Hash::IDENTITY {
        return Ok(Place::Inline(Bytes::copy_from_slice(cid.hash().digest())));
    }
    // On the stack, since this stands before every get and put: two varints and a digest.
    let mut bytes = [0; 2 * 10 + MAX_DIGEST];
    let mut rest = &mut bytes[..];
    let written = cid.hash().write(&mut rest).unwrap_or_default();
    Ok(Place::At(Key::block(
        bytes.get(..written).unwrap_or_default(),
    )?))
}

/// Hashes bytes that were read from a store.
fn prove_read(pairs: &[(&Cid, &[u8])]) -> Result<()> {
    match first_wrong(pairs) {
        None => Ok(()),
        Some((_, Err(error))) => Err(error),
        Some((at, Ok(actual))) => Err(Error::Corrupt {
            cid: Box::new(pairs.get(at).map_or(actual, |(cid, _)| **cid)),
            actual: Box::new(actual),
        }),
    }
}

impl<D: Datastore> Blockstore for Blocks<D> {
    fn get(&self, cid: &Cid) -> Result<Option<Block>> {
        match place(cid)? {
            Place::Inline(data) => Ok(Some(Block::trusted(*cid, data))),
            Place::At(key) => match self.store.get(&key)? {
                Some(data) => self.read(cid, data).map(Some),
                None => Ok(None),
            },
        }
    }

    fn put(&self, block: &Block) -> Result<()> {
        self.refuse_too_large(block)?;
        let place = place(block.cid())?;
        check_all(std::slice::from_ref(block)).map_or(Ok(()), |(_, error)| Err(error))?;
        if let Place::At(key) = place {
            // A batch shares the bytes, where a put has to copy what it is to keep.
            let put = Op::Put(key, block.data().clone());
            self.store.apply(Batch::from_iter([put]))?;
        }
        Ok(())
    }

    fn size(&self, cid: &Cid) -> Result<Option<u64>> {
        match place(cid)? {
            Place::Inline(data) => Ok(Some(data.len() as u64)),
            Place::At(key) => Ok(self.store.size(&key)?),
        }
    }

    /// Forgets the block; that of an identity CID is in the CID, and stays.
    fn delete(&self, cid: &Cid) -> Result<()> {
        match place(cid)? {
            Place::Inline(_) => Ok(()),
            Place::At(key) => Ok(self.store.delete(&key)?),
        }
    }

    fn cids(&self) -> Result<Cids<'_>> {
        let keys = self.store.keys(&Key::blocks())?;
        Ok(Box::new(keys.map(|key| {
            let key = key?;
            let bytes = key.as_block().unwrap_or_default();
            Ok(Cid::new_v1(codec::RAW, binary::multihash(bytes)?))
        })))
    }

    fn sync(&self) -> Result<()> {
        Ok(self.store.sync()?)
    }

    fn has(&self, cid: &Cid) -> Result<bool> {
        match place(cid)? {
            Place::Inline(_) => Ok(true),
            Place::At(key) => Ok(self.store.has(&key)?),
        }
    }

    /// A hash covers the whole block, so with [`Verify::Always`] all of it is read and hashed.
    fn get_range(&self, cid: &Cid, range: Range<u64>) -> Result<Option<Bytes>> {
        match place(cid)? {
            Place::At(key) if self.verify == Verify::Never => {
                Ok(self.store.get_range(&key, range)?)
            }
            _ => Ok(self
                .get(cid)?
                .map(|block| datastore::store::slice(block.data(), range))),
        }
    }

    /// Hashes the blocks that need it all at once, then writes one batch.
    fn put_many(&self, blocks: &[Block]) -> Result<()> {
        let mut batch = Batch::with_capacity(blocks.len());
        for block in blocks {
            self.refuse_too_large(block)?;
            if let Place::At(key) = place(block.cid())? {
                batch.put(key, block.data().clone());
            }
        }
        check_all(blocks).map_or(Ok(()), |(_, error)| Err(error))?;
        if batch.is_empty() {
            return Ok(());
        }
        Ok(self.store.apply(batch)?)
    }

    /// Reads all the blocks, then hashes them all at once. One corrupt block is an error for all
    /// of them: ask one by one to have the others.
    fn get_many(&self, cids: &[Cid]) -> Result<Vec<Option<Block>>> {
        let mut keys = Vec::with_capacity(cids.len());
        let mut found = Vec::with_capacity(cids.len());
        for cid in cids {
            found.push(match place(cid)? {
                Place::Inline(data) => Some(data),
                Place::At(key) => {
                    keys.push(key);
                    None
                }
            });
        }
        let mut values = self.store.get_many(&keys)?.into_iter();
        for slot in found.iter_mut().filter(|slot| slot.is_none()) {
            *slot = values.next().flatten();
        }
        if self.verify == Verify::Always {
            let pairs: Vec<(&Cid, &[u8])> = cids
                .iter()
                .zip(&found)
                .filter_map(|(cid, data)| Some((cid, &data.as_ref()?[..])))
                .collect();
            prove_read(&pairs)?;
        }
        Ok(cids
            .iter()
            .zip(found)
            .map(|(cid, data)| Some(Block::trusted(*cid, data?)))
            .collect())
    }
}
