//! `acks`: what was acknowledged, so that no block vanishes without a word.
//!
//! A hash says that a block is not what it should be. Nothing says that a block *should be
//! there*: an engine that loses a page answers "absent", as it does for a block that never was. So
//! every block that was acknowledged is written down a second time, beside the engine:
//!
//! ```text
//! store/acks     + QmA   + QmB   - QmA   + QmC   …        (format.rs)
//!
//! put            engine writes ──► + is appended ──► the caller is told
//! delete         - is appended ──► engine deletes ──► the caller is told
//! clean close    the file is flushed, and its first bytes say how long it is; so does store.json
//! unclean open   what was recorded is looked for in the engine
//! verify         every record is, and the file itself is proven by its sums
//! ```
//!
//! - **No flush for a put.** After `kill -9` the records are in the page cache, whole. A power cut
//!   may take the last ones; then a block is there that the file does not know, which harms
//!   nobody, and it is recorded when it is found.
//! - **A lost delete would be a false alarm**, so under [`Durability::Each`] the record of a delete
//!   is flushed before the engine deletes. Under a weaker promise the file says once, on disk,
//!   that such records may be missing from here on; a `sync` ends that. What is absent then is
//!   told as perhaps deleted. So it is, too, when a full disk takes no record, and there is no ballast
//!   left to give up for it: deletes go on.
//! - **The order of the records of a key is that of the engine's writes**: puts share a lock,
//!   deletes have it alone.
//! - An append that fails is the error of its put; the next one writes over what it left. A flush
//!   that fails ends writing, as it does for an engine.
//!
//! Kept instead of a count and a hash over the set of blocks in the manifest: both have to know of
//! each put whether the block is new, which is a `has` before each, and they say that something is
//! missing and not what. Processor time in µs a block, on a file system in memory, where a flush
//! costs nothing: `cargo run --release -p persistent --example acks 31 /dev/shm`
//!
//! | engine | bytes | put | without | with | a `has` alone |
//! | --- | --- | --- | --- | --- | --- |
//! | file | 256 | single, each | 20.75 | 21.72 | 2.91 |
//! | file | 4096 | single, each | 22.09 | 22.56 | 3.06 |
//! | file | 256 | 64 writers, each | 20.68 | 20.97 | 2.83 |
//! | file | 256 | put_many of 256, each | 15.85 | 16.01 | 2.99 |
//! | file | 4096 | put_many of 256, batch | 15.36 | 15.52 | 3.07 |
//! | file | 256 | single, batch | 19.02 | 19.48 | 2.96 |
//! | fjall | 256 | single, each | 2.47 | 3.37 | 0.43 |
//! | fjall | 4096 | single, each | 5.09 | 6.02 | 0.70 |
//! | fjall | 256 | 64 writers, each | 4.43 | 6.09 | 1.13 |
//! | fjall | 256 | put_many of 256, each | 1.68 | 1.81 | 1.10 |
//! | fjall | 4096 | put_many of 256, batch | 4.64 | 4.66 | 0.89 |
//! | fjall | 256 | single, batch | 3.87 | 4.88 | 1.53 |
//! | redb | 256 | single, each | 29.83 | 30.51 | 0.87 |
//! | redb | 4096 | single, each | 44.68 | 45.02 | 1.33 |
//! | redb | 256 | 64 writers, each | 12.66 | 13.03 | 0.99 |
//! | redb | 256 | put_many of 256, each | 5.56 | 5.57 | 1.09 |
//! | redb | 4096 | put_many of 256, batch | 15.37 | 18.34 | 4.06 |
//! | redb | 256 | single, batch | 15.51 | 16.23 | 1.29 |
//!
//! A put that is alone pays up to 1 µs, the one call that appends; in a batch of 256 a block pays 0.1 to
//! 0.2 (that redb paid 3 once is its bulk commit, which falls into one round and not the other). A
//! put that waits for a disk takes 90 µs and more, so that it is about 1 % there. Where nothing
//! waits, as on this file system, a single put into fjall costs a third more, and one in a batch 8 %.
//!
//! There is no ledger for a store in memory, nor in Kubo's folders, where nothing of ours goes.

mod census;
mod format;
mod open;
mod reading;
mod renew;
mod seal;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use datastore::disk::DiskFile;
use datastore::{Batch, Disk, Error, Key, Op, Result};

pub(crate) use census::{Claim, Stretch};
pub(crate) use format::Point;
use format::{Frames, Header, Note, What, walk};
pub(crate) use open::{Told, of_store};
pub(crate) use reading::Reading;
use seal::Seal;

use crate::Durability;
use crate::ballast::Ballast;

/// The name of the ledger in the store's folder.
pub(crate) const NAME: &str = "acks";

/// The name that it is written under when it is written anew.
pub(crate) const NEW: &str = "acks.new";

/// A ledger is not written anew before it has this many records to drop.
const SLACK: u64 = 16 << 10;

/// The record of what was acknowledged, open for appending.
#[derive(Debug)]
pub(crate) struct Acks {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    durability: Durability,
    ballast: Arc<Ballast>,
    /// Shared by puts, alone for deletes.
    order: RwLock<()>,
    tail: Mutex<Tail>,
}

/// The end of the file, where records are appended.
#[derive(Debug)]
struct Tail {
    file: Box<dyn DiskFile>,
    /// What the first bytes of the file say.
    header: Header,
    /// What the manifest says of it.
    seal: Seal,
    end: Point,
    /// Bytes that are on disk.
    flushed: u64,
    frames: Frames,
    /// Deletes so far.
    deletes: u64,
    /// A delete was done that has no record.
    unrecorded: bool,
    /// Why nothing is appended any more.
    failed: Option<String>,
}

impl Acks {
    /// Has `write` do `batch`, and records it. One append for puts, whatever their number, and one
    /// for deletes.
    ///
    /// # Errors
    /// Those of `write`; those of appending, when the writes are done but not acknowledged.
    pub fn around(&self, batch: &Batch, write: impl FnOnce() -> Result<()>) -> Result<()> {
        let deletes = |op: &&Op| matches!(op, Op::Delete(_)) && op.key().as_block().is_some();
        if !batch.ops().iter().any(|op| deletes(&op)) {
            let _shared = self.order.read().unwrap_or_else(PoisonError::into_inner);
            self.usable()?;
            write()?;
            return self.put(batch, &BTreeSet::new());
        }
        let _alone = self.order.write().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<&Key> = batch.ops().iter().filter(deletes).map(Op::key).collect();
        self.delete(&keys, batch.puts() == 0)?;
        write()?;
        // Of two writes to one key the later counts.
        let mut gone = BTreeSet::new();
        for op in batch.ops() {
            match op {
                Op::Put(key, _) => gone.remove(key),
                Op::Delete(key) => gone.insert(key),
            };
        }
        self.put(batch, &gone)
    }

    /// Has `flush` make everything durable that was written before. Of what it says is lost, no
    /// later one says that it is on disk.
    pub fn synced(&self, flush: impl FnOnce() -> Result<()>) -> Result<()> {
        let (upto, deletes) = {
            // Whatever is recorded now has been written.
            let _alone = self.order.write().unwrap_or_else(PoisonError::into_inner);
            let mut tail = self.tail();
            self.flush(&mut tail)?;
            (tail.end.at, tail.deletes)
        };
        let flushed = flush();
        let mut tail = self.tail();
        if let Err(Error::Unsynced { .. }) = flushed {
            self.dropped(&mut tail);
        }
        flushed?;
        tail.frames.push(What::Synced, &upto.to_le_bytes());
        self.append(&mut tail)?;
        if tail.header.loose && tail.deletes == deletes && !tail.unrecorded {
            tail.header.loose = false;
            // Without a flush: until it is on disk, the store is thought to know less than it does.
            let written = tail.header.write(&*tail.file);
            self.told("write", written)?;
        }
        Ok(())
    }

    /// Records that what was not synced may be lost, which the caller is told now.
    fn dropped(&self, tail: &mut Tail) {
        tail.frames.push(What::Dropped, &[]);
        if self.append(tail).is_ok() {
            return;
        }
        // Then nothing is missed for certain, as when a delete is not recorded.
        tail.unrecorded = true;
        if let Err(error) = self.loosen(tail) {
            tail.failed.get_or_insert(datastore::error::chain(&error));
        }
    }

    /// Records that the block is expected to be there.
    pub fn expect(&self, key: &Key) -> Result<()> {
        let _shared = self.order.read().unwrap_or_else(PoisonError::into_inner);
        let mut tail = self.tail();
        let multihash = key.as_block().unwrap_or_default();
        tail.frames.push(What::Put, multihash);
        self.append(&mut tail)
    }

    /// All that is recorded now.
    pub fn reading(&self) -> Result<Reading> {
        // What is recorded is written, and what is written is recorded.
        let _alone = self.order.write().unwrap_or_else(PoisonError::into_inner);
        let tail = self.tail();
        let doubt = tail.seal.doubt();
        Reading::upto(&*self.disk, &self.path, tail.end, tail.unrecorded, doubt)
    }

    /// Whether a delete of `key` was recorded after `reading` was taken.
    pub fn deleted_since(&self, reading: &Reading, key: &Key) -> Result<bool> {
        let now = self.reading()?;
        let Some(whole) = now.whole() else {
            return Ok(false);
        };
        let (Some(from), multihash) = (reading.end(), key.as_block()) else {
            return Ok(false);
        };
        let mut deleted = false;
        walk::<io::Error>(whole.file, from, whole.end, &mut |_, note| {
            let Note::Record(What::Delete, bytes) = note else {
                return Ok(());
            };
            deleted |= multihash == Some(bytes);
            Ok(())
        })
        .map_err(|error| Error::io("read", &self.path, error))?;
        Ok(deleted)
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.tail().end.at
    }

    fn put(&self, batch: &Batch, gone: &BTreeSet<&Key>) -> Result<()> {
        let what = match self.durability {
            Durability::Each => What::Put,
            Durability::Batch | Durability::None => What::Weak,
        };
        let mut tail = self.tail();
        for op in batch.ops() {
            if let (Op::Put(key, _), Some(multihash)) = (op, op.key().as_block())
                && !gone.contains(key)
            {
                tail.frames.push(what, multihash);
            }
        }
        self.append(&mut tail)
    }

    /// Records deletes, which get the ballast if they are `alone`: a put never does.
    fn delete(&self, keys: &[&Key], alone: bool) -> Result<()> {
        self.usable()?;
        let mut tail = self.tail();
        tail.deletes += 1;
        let appended = loop {
            for key in keys {
                tail.frames
                    .push(What::Delete, key.as_block().unwrap_or_default());
            }
            match self.append(&mut tail) {
                Err(full) if full.is_out_of_space() && alone && self.ballast.give_up() => {}
                appended => break appended,
            }
        };
        match appended {
            Ok(()) if self.durability == Durability::Each => self.flush(&mut tail),
            Ok(()) => self.loosen(&mut tail),
            // Deleting is how room is made.
            Err(full) if full.is_out_of_space() => {
                tail.unrecorded = true;
                self.loosen(&mut tail)
            }
            Err(error) => Err(error),
        }
    }

    /// Says, on disk, that the records of deletes may be missing. It writes over bytes that are
    /// there, so it needs no room.
    fn loosen(&self, tail: &mut Tail) -> Result<()> {
        if tail.header.loose {
            return Ok(());
        }
        tail.header.loose = true;
        let written = tail.header.write(&*tail.file);
        self.told("write", written)?;
        // All that came before, too.
        tail.flushed = 0;
        self.flush(tail)
    }

    /// Writes the frames that wait.
    fn append(&self, tail: &mut Tail) -> Result<()> {
        if tail.frames.len() == 0 {
            return Ok(());
        }
        let Tail {
            frames, file, end, ..
        } = tail;
        *end = self.told("write", frames.write(&**file, *end))?;
        Ok(())
    }

    fn flush(&self, tail: &mut Tail) -> Result<()> {
        if tail.flushed >= tail.end.at {
            return Ok(());
        }
        let synced = self.told("flush", tail.file.sync());
        match &synced {
            Ok(()) => tail.flushed = tail.end.at,
            Err(error) => tail.failed = Some(datastore::error::chain(error)),
        }
        synced
    }

    /// Refuses after a failed flush: what it should have written may be lost, and no later flush
    /// would say so.
    fn usable(&self) -> Result<()> {
        match &self.tail().failed {
            None => Ok(()),
            Some(said) => Err(Error::ReadOnly {
                path: self.path.parent().unwrap_or(&self.path).to_owned(),
                reason: format!(
                    "an earlier write failed ({said}); look at the disk, then open the store again"
                ),
            }),
        }
    }

    fn told<T>(&self, action: &'static str, done: io::Result<T>) -> Result<T> {
        done.map_err(|error| Error::io(action, &self.path, error))
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Flushes, and says in the file and in the manifest how long it is. The engine has been closed.
    ///
    /// # Errors
    /// Those of writing; the next open then takes the store for one that was not closed.
    pub fn close(&self) -> Result<()> {
        self.usable()?;
        let mut tail = self.tail();
        if tail.end == tail.header.sealed && !tail.header.loose {
            let end = tail.end;
            return tail.seal.close(end);
        }
        self.flush(&mut tail)?;
        // The old one goes on if there was no room for a new one.
        if !self.is_worth_it(&mut tail) || self.compact(&mut tail).is_err() {
            tail.header.sealed = tail.end;
            tail.header.loose = tail.unrecorded;
            // Without a flush: should the power go now, the next open looks for all that this
            // session recorded, and finds it.
            let written = tail.header.write(&*tail.file);
            self.told("write", written)?;
        }
        let end = tail.header.sealed;
        tail.seal.close(end)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
