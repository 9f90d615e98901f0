//! What is found, proven and kept.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use block_cid::{Block, Cid, Hash, Multihash, codec};
use bytes::Bytes;
use datastore::{Batch, Datastore, Key};

use super::scan::KEY;
use super::{Result, Salvaged, Watch, stop};
use crate::Persistent;
use crate::ops::proof::{GROUP_BYTES, GROUP_ENTRIES};

/// The new store is flushed after so many bytes.
const FLUSH_EVERY: u64 = 64 << 20;

/// How much of a multihash is enough to know it by, in bytes: a hash of it cannot be hit by chance.
pub(super) const ENOUGH: usize = 20;

/// The way into the new store: nothing gets past it that does not hash.
pub(super) struct Rescue<'a> {
    to: &'a Persistent,
    watch: &'a dyn Watch,
    batch: Batch,
    /// The keys in `batch`.
    pending: HashSet<Key>,
    unflushed: u64,
    /// Keys of blocks that were seen, and whose bytes were not right.
    named: BTreeSet<Key>,
    /// Keys that were damaged themselves, and whose blocks are known by others.
    aliases: BTreeSet<Vec<u8>>,
    /// Files whose bytes make another name than they have.
    pub strays: BTreeMap<Vec<u8>, PathBuf>,
    /// Whether the engine would not give what comes now.
    past_the_index: bool,
    pub done: Salvaged,
}

impl<'a> Rescue<'a> {
    pub fn new(to: &'a Persistent, watch: &'a dyn Watch) -> Rescue<'a> {
        Rescue {
            to,
            watch,
            batch: Batch::new(),
            pending: HashSet::new(),
            unflushed: 0,
            named: BTreeSet::new(),
            aliases: BTreeSet::new(),
            strays: BTreeMap::new(),
            past_the_index: false,
            done: Salvaged::default(),
        }
    }

    /// Whether what comes from here on is what the engine would not give.
    pub fn past_the_index(&mut self, past: bool) {
        self.past_the_index = past;
    }

    /// Keys that were seen, and whose blocks may not have been found.
    pub fn named(&self) -> impl Iterator<Item = &Key> {
        let is_alias = |key: &&Key| self.aliases.contains(key.as_block().unwrap_or_default());
        self.named.iter().filter(move |key| !is_alias(key))
    }

    /// Whether a block of this multihash should be somewhere.
    pub fn is_named(&self, multihash: &[u8]) -> bool {
        Key::block(multihash).is_ok_and(|key| self.named.contains(&key))
    }

    /// A block of this multihash should be somewhere.
    pub fn name(&mut self, multihash: &[u8]) {
        if let (Some(_), Ok(key)) = (parse(multihash), Key::block(multihash)) {
            self.named.insert(key);
        }
    }

    /// As [`name`](Self::name), where little else says that it is a key: only one of the usual kind,
    /// whose first bytes and length are not met by chance.
    pub fn name_usual(&mut self, multihash: &[u8]) {
        if multihash.len() == KEY && multihash.starts_with(&[0x12, 0x20]) {
            self.name(multihash);
        }
    }

    /// Keeps `value`, if it is the block of `multihash`, or of one that shares [`ENOUGH`] bytes with
    /// it: then it is the key that was damaged. True if so, and if it was kept before.
    pub fn block(&mut self, multihash: &[u8], value: &[u8]) -> Result<bool> {
        let Some(key) = known(multihash, value) else {
            return Ok(false);
        };
        if key.as_block() != Some(multihash) {
            self.alias(multihash);
        }
        self.keep(key, value)?;
        Ok(true)
    }

    /// `multihash` is another, damaged.
    pub fn alias(&mut self, multihash: &[u8]) {
        self.aliases.insert(multihash.to_vec());
    }

    /// As [`block`](Self::block), and a block that is not kept is named.
    pub fn block_or_name(&mut self, multihash: &[u8], value: &[u8]) -> Result<bool> {
        let kept = self.block(multihash, value)?;
        if !kept {
            self.name(multihash);
        }
        Ok(kept)
    }

    fn keep(&mut self, key: Key, value: &[u8]) -> Result<()> {
        stop(self.watch)?;
        // What an earlier salvage brought may have been damaged since.
        let is_there = |there: Option<Bytes>| there.is_some_and(|there| there == value);
        if self.pending.contains(&key) || self.to.get(&key).is_ok_and(is_there) {
            return Ok(());
        }
        let len = value.len() as u64;
        self.done.past_the_index += u64::from(self.past_the_index);
        self.watch.did(1, len);
        self.push(key.clone(), Bytes::copy_from_slice(value))?;
        self.pending.insert(key);
        Ok(())
    }

    /// Keeps the value of a key that is no block, which nothing proves. One that has another in the
    /// new store keeps that.
    pub fn other(&mut self, key: Key, value: Bytes) -> Result<()> {
        match self.to.get(&key)? {
            Some(there) if there == value => return Ok(()),
            Some(_) => {
                self.done.different.push(key.to_string());
                return Ok(());
            }
            None => {}
        }
        self.push(key.clone(), value)?;
        self.pending.insert(key);
        Ok(())
    }

    /// The name of a key that is no block was read, and its value cannot be trusted.
    pub fn lost_other(&mut self, key: &Key) -> Result<()> {
        let name = key.to_string();
        if !self.pending.contains(key)
            && !self.to.has(key)?
            && !self.done.lost_others.contains(&name)
        {
            self.done.lost_others.push(name);
        }
        Ok(())
    }

    /// What is at `path` cannot be read.
    pub fn unreadable(&mut self, path: &Path, why: impl ToString) {
        self.done.unreadable.push((path.into(), why.to_string()));
    }

    fn push(&mut self, key: Key, value: Bytes) -> Result<()> {
        let full = self.batch.bytes() as usize + value.len() > GROUP_BYTES;
        if full || self.batch.len() >= GROUP_ENTRIES {
            self.write()?;
        }
        self.batch.put(key, value);
        Ok(())
    }

    fn write(&mut self) -> Result<()> {
        self.pending.clear();
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        self.unflushed += batch.bytes();
        self.to.apply(batch)?;
        if self.unflushed >= FLUSH_EVERY {
            self.to.sync()?;
            self.unflushed = 0;
        }
        Ok(())
    }

    /// Writes what is left, durably.
    pub fn finish(&mut self) -> Result<()> {
        self.write()?;
        Ok(self.to.sync()?)
    }

    /// Whether the block of `multihash` is kept.
    pub fn has(&self, multihash: &[u8]) -> Result<bool> {
        match Key::block(multihash) {
            Ok(key) => Ok(self.pending.contains(&key) || self.to.has(&key)?),
            Err(_) => Ok(false),
        }
    }

    /// Whether to stop.
    pub fn go_on(&self) -> Result<()> {
        stop(self.watch)
    }
}

/// The key of the block `value`, if `multihash` is its name but for a few bytes.
fn known(multihash: &[u8], value: &[u8]) -> Option<Key> {
    let mut kinds = Vec::new();
    if let Some(whole) = parse(multihash) {
        let data = Bytes::copy_from_slice(value);
        let claim = Block::claimed(Cid::new_v1(codec::RAW, whole), data);
        if claim.prove().is_ok() {
            return Key::block(multihash).ok();
        }
        let hash = Hash::from_code(whole.code()).ok()?;
        kinds.push((hash, usize::from(whole.size())));
    }
    // What it begins with may have been hit, too; nearly all are of this kind.
    kinds.push((Hash::SHA2_256, 32));
    kinds.into_iter().find_map(|(hash, len)| {
        let right = block_cid::hash::hash_to(hash, len, value).ok()?.to_bytes();
        alike(&right, multihash)
            .then(|| Key::block(&right).ok())
            .flatten()
    })
}

/// Whether two multihashes are one, but for a few bytes.
pub(super) fn alike(one: &[u8], other: &[u8]) -> bool {
    let same = one.iter().zip(other).filter(|(a, b)| a == b).count();
    one.len() == other.len() && same >= ENOUGH
}

/// A multihash that may name a block; identity names none that is stored.
pub(super) fn parse(bytes: &[u8]) -> Option<Multihash> {
    let hash = Multihash::from_bytes(bytes).ok()?;
    let kind = Hash::of(&hash).ok()?;
    (kind != Hash::IDENTITY).then_some(hash)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_key_is_known_by_the_rest_and_a_damaged_value_never() {
        let block = Block::raw(&b"some bytes"[..]);
        let right = block.cid().hash().to_bytes();
        let key = Key::block(&right).unwrap();
        assert_eq!(known(&right, block.data()), Some(key.clone()));
        for byte in 0..right.len() {
            let mut wrong = right.clone();
            wrong[byte] ^= 4;
            assert_eq!(known(&wrong, block.data()), Some(key.clone()), "{byte}");
        }
        for byte in 0..block.len() {
            let mut value = block.data().to_vec();
            value[byte] ^= 1;
            assert_eq!(known(&right, &value), None);
        }
        assert_eq!(known(&right[..20], block.data()), None);
        assert_eq!(known(b"", block.data()), None);
        let mut half = right.clone();
        half[2..20].fill(0);
        assert_eq!(known(&half, block.data()), None, "too little is left");
    }
}
