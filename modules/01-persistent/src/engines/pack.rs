//! A log of blocks, whose files are CARs.
//!
//! ```text
//! blocks/
//!   000001.car  000002.car      the log: CARv1, read by any CAR tool (segment.rs, section.rs)
//!   000000-….run                its index: sorted runs, thrown away and made anew at will (run.rs)
//!   torn/                       what a crash left that is no block
//! meta.redb                     other keys, once there are any
//!
//! a put: append the section to the last CAR, flush it          one write, one flush
//!        note in memory where it is                            65,536 such notes become a run
//! ```
//!
//! General engines do not know that a value never changes, nor that a key is the hash of its value.
//! Who knows needs little: nothing is overwritten, so a log will do; the order of keys says nothing,
//! so the log need not be sorted; and a block that hashes is whole, so that the log needs no
//! checksums. What is left to do is to find blocks by their keys, for which there is an index of
//! immutable sorted runs, an LSM tree of 50 bytes a block.
//!
//! - A batch is not all or nothing: its blocks come first, then its other keys, then its deletes,
//!   as with `file`.
//! - A put of a block that is there reads it, and writes nothing if it is the same.
//! - The key of a block is taken for the hash of its value: after a crash, what does not hash is
//!   not there. Whoever puts blocks through [`Blocks`](block_cid::Blocks) need not think of it.
//! - Keys of blocks whose hash cannot be computed here are kept in `meta.redb`, as other keys are.
//! - What is written to `meta.redb` without a flush is on disk with the next flush, at the latest; a
//!   process that is killed before that loses it, where its blocks stay in the page cache.
//! - If `meta.redb` is damaged, blocks are read, listed and put as before. Only what is in it cannot be
//!   read, and an enumeration that would have had some of it ends with an error; and no block is
//!   deleted, since a key in it may say that somebody needs the block.
//! - The page cache of the system keeps small blocks and the index; `Options::cache` is for larger ones.
//! - What is deleted takes its space until a compaction, which begins by itself when less than half
//!   of a segment is needed (`tidy.rs`).
//! - Who opens it for reading shares it with other readers, never with a writer, as with every engine
//!   (the lock of the store sees to that): so no file changes under a reader. It writes nothing, what
//!   the runs do not cover it scans in memory, and after a writer that was killed it sees what may not
//!   be on disk yet.

mod append;
mod bloom;
mod cache;
mod compact;
mod core;
mod firsts;
mod foreign;
mod index;
mod log;
mod loose;
mod memory;
mod merge;
mod moving;
mod note;
mod open;
mod others;
mod page;
mod prove;
mod recover;
mod resync;
mod run;
mod scan;
mod sealed;
mod section;
mod segment;
mod sweep;
mod tidy;
mod torn;
mod upkeep;
mod walk;
mod wanted;
mod window;
mod worker;
mod worth;
mod writer;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datastore::{Batch, DiskFile, Entries, Error, Key, Keys, Result};

pub use self::core::Limits;
use self::core::{Core, lock, value_len};
use crate::engine::{AfterFull, Engine, Flush, Options, Stretch};
use crate::engines::batch::last;
use crate::engines::meta::{self, Meta};
use crate::engines::redb::no_compression;
use crate::engines::tables::{Table, Write};
use crate::engines::usage;
pub(crate) use foreign::foreign;
pub(crate) use sealed::{Sealed, fault, is_folder};

use others::Others;
use scan::{Effort, Found, near, scan};
use section::MAX_VALUE;
use segment::HEADER;
use sweep::Sweep;
pub(crate) use torn::TORN;
use worker::Worker;

/// The name that selects this engine.
pub const NAME: &str = "pack";

/// Blocks in a log of CARs, and other values in a small database beside them.
pub struct Pack {
    /// End before the rest does.
    _worker: Option<Worker>,
    core: Arc<Core>,
    meta: Meta,
}

impl Pack {
    /// Opens the folder of blocks `options.dir`, with other keys in `meta.redb` beside it.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if compression is asked for; [`Error::Io`].
    pub fn open(options: &Options) -> Result<Pack> {
        Pack::open_with(options, Limits::default())
    }

    /// As [`open`](Self::open), with other limits than the usual ones.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(options: &Options, limits: Limits) -> Result<Pack> {
        no_compression(NAME, options.compression)?;
        let core = Arc::new(Core::open(options, limits)?);
        // On a disk of a test everything happens in one order.
        let worker = match options.read_only || !options.disk.is_os() {
            true => None,
            false => Some(Worker::start(Arc::clone(&core))?),
        };
        Ok(Pack {
            _worker: worker,
            core,
            meta: meta_of(options),
        })
    }

    fn refuse_if_read_only(&self) -> Result<()> {
        match self.core.read_only {
            false => Ok(()),
            true => Err(Error::ReadOnly {
                path: self.core.segments.dir().to_owned(),
                reason: "it was opened for reading".to_owned(),
            }),
        }
    }
}

fn meta_of(options: &Options) -> Meta {
    let path = options.dir.with_file_name(meta::NAME);
    Meta::new(NAME, Arc::clone(&options.disk), path, options.read_only)
}

/// Looks at every page of the other keys that are kept beside the folder of blocks. If they are
/// refused the blocks are there all the same, so that this is no error. Blocks are not looked at:
/// their hashes, which are above this, say more.
///
/// # Errors
/// [`Error::Io`].
pub fn check_integrity(options: &Options) -> Result<()> {
    match meta_of(options).tables(false) {
        Err(Error::Corrupt { .. }) => Ok(()),
        looked => looked.map(drop),
    }
}

/// Why a segment was not read to its end.
pub(crate) enum Unread<E> {
    Io(std::io::Error),
    Stopped(E),
}

impl<E> From<std::io::Error> for Unread<E> {
    fn from(error: std::io::Error) -> Unread<E> {
        Unread::Io(error)
    }
}

/// Whether a file begins as segments do, or nearly so.
///
/// # Errors
/// Those of reading it.
pub(crate) fn is_segment(file: &dyn DiskFile) -> std::io::Result<bool> {
    let begin = HEADER.len() as u64;
    let first = file.read_vec(0, begin.min(file.len()?))?;
    Ok(near(&first, HEADER))
}

/// Gives every block that can be proven in a segment, or in the torn end of one, with all the effort
/// that a salvage is worth; of some the hash may have been mended.
pub(crate) fn each_block<E>(
    file: &dyn DiskFile,
    is_segment: bool,
    mut with: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
) -> Result<(), Unread<E>> {
    let from = if is_segment { HEADER.len() as u64 } else { 0 };
    let mut emit = |found: Found<'_>| match found {
        Found::Block {
            multihash, value, ..
        } => with(multihash, value).map_err(Unread::Stopped),
        Found::Loose {
            multihash, value, ..
        } => with(&multihash, value).map_err(Unread::Stopped),
        Found::Deleted { .. } | Found::Damage { .. } => Ok(()),
    };
    let part = from..file.len()?;
    // The index is not asked: it may be what is damaged.
    scan(file, part, Effort::Salvage, &|_, _, _| false, &mut emit).map(drop)
}

/// The multihash, if the block of this key is kept in the log.
fn logged(key: &Key) -> Option<&[u8]> {
    let multihash = key.as_block()?;
    let usual = multihash.len() == 34 && multihash.starts_with(&[0x12, 0x20]);
    (usual || section::parse(multihash).is_some()).then_some(multihash)
}

impl Engine for Pack {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        match logged(key) {
            Some(_) => self.core.get(key),
            None => self.meta.get(key.as_bytes(), |value| value.bytes()),
        }
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        match logged(key) {
            Some(multihash) => {
                let place = self.core.place(key)?;
                Ok(place.map(|place| value_len(multihash, place) as u64))
            }
            None => self.meta.get(key.as_bytes(), |value| value.len()),
        }
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        let value = self.get(key)?;
        Ok(value.map(|value| datastore::store::slice(&value, range)))
    }

    fn write(&self, batch: &Batch, flush: Flush) -> Result<()> {
        self.refuse_if_read_only()?;
        let mut puts = Vec::new();
        let mut deletes = Vec::new();
        let mut others: Vec<Write<'_>> = Vec::new();
        for (key, value) in last(batch) {
            match (logged(key), value) {
                (Some(_), Some(value)) if value.len() > MAX_VALUE => {
                    return Err(Error::Unsupported {
                        engine: NAME,
                        feature: "room in one section for a value of more than 64 MiB",
                        remedy: "cut it into smaller blocks, or keep it in a `file` store, which takes up to 1 \
                                 GiB",
                    });
                }
                (Some(_), Some(value)) => puts.push((key, value)),
                (Some(_), None) => deletes.push(key),
                (None, value) => {
                    others.push((Table::Meta, key.as_bytes(), value.map(|value| &value[..])));
                }
            }
        }
        if !others.is_empty() || !deletes.is_empty() {
            self.meta.refuse_if_damaged()?;
        }
        if others.is_empty() {
            self.core.append(&puts, &deletes)?;
        } else {
            self.core.append(&puts, &[])?;
            if flush == Flush::Yes {
                // What names a block is on disk only after it.
                self.core.sync()?;
            }
            self.meta.write(others, flush)?;
            self.core.append(&[], &deletes)?;
        }
        match flush {
            // What earlier writes left for later is due now.
            Flush::Yes => self.flush(),
            Flush::No => Ok(()),
        }
    }

    fn flush(&self) -> Result<()> {
        self.core.sync()?;
        self.meta.flush()
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'static>> {
        let others = Others::below(&self.meta, prefix, |key, value| (key, value.bytes()))?;
        if sweep::is_for(prefix) {
            return Ok(others.and_then(sweep::entries(&self.core)?));
        }
        let core = Arc::clone(&self.core);
        let blocks = walk::keys(&self.core, prefix)?.filter_map(move |key| {
            let read = |key: Key| {
                let value = core.get_once(&key)?;
                // One that was deleted meanwhile does not appear.
                Ok(value.map(|value| (key, value)))
            };
            key.and_then(read).transpose()
        });
        Ok(others.and_then(blocks))
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'static>> {
        let others = Others::below(&self.meta, prefix, |key, _| key)?;
        if sweep::is_for(prefix) {
            return Ok(others.and_then(sweep::keys(&self.core)?));
        }
        Ok(others.and_then(walk::keys(&self.core, prefix)?))
    }

    fn sweep(&self) -> Result<Option<Box<dyn Iterator<Item = Result<Stretch>> + Send>>> {
        // Blocks whose hash cannot be computed.
        let others = Others::below(&self.meta, &Key::blocks(), |key, _| Stretch {
            keys: vec![key],
            read: Box::new(|_| None),
        })?;
        Ok(Some(others.and_then(Sweep::new(&self.core)?)))
    }

    fn check(&self) -> Result<()> {
        self.core.prove()
    }

    fn after_full(&self) -> AfterFull {
        match self.core.failed.get() {
            // redb answers nothing after a failed write.
            _ if self.meta.is_open() => AfterFull::ReopenToRead,
            Some(_) => AfterFull::ReopenToWrite,
            None => AfterFull::Nothing,
        }
    }

    fn compact_step(&self) -> Result<bool> {
        self.refuse_if_read_only()?;
        let Some(_leave) = self.core.hold.leave() else {
            return Err(Error::Unsupported {
                engine: NAME,
                feature: "compaction while its files are copied",
                remedy: "let the backup end first",
            });
        };
        self.core.compact_step()
    }

    fn compact(&mut self) -> Result<()> {
        self.refuse_if_read_only()?;
        self.meta.compact()
    }

    fn unseen(&self) -> Result<u64> {
        // What the entries in memory take as a run.
        Ok(self.core.index.in_memory() as u64 * 64)
    }

    fn disk_usage(&self) -> Result<u64> {
        let (disk, dir) = (self.core.segments.disk(), self.core.segments.dir());
        Ok(usage::taken(&**disk, dir)? + usage::taken(&**disk, self.meta.path())?)
    }

    fn close(&self) -> Result<()> {
        if self.core.read_only {
            return Ok(());
        }
        self.core.stop();
        self.flush()?;
        match self.core.settle_all() {
            // Then the next open reads the end of the log once more.
            Err(full) if full.is_out_of_space() || full.is_out_of_handles() => Ok(()),
            settled => settled,
        }
    }
}

impl Drop for Pack {
    fn drop(&mut self) {
        // The thread in the background holds the core, too.
        drop(self._worker.take());
        drop(lock(&self.core.upkeep));
    }
}

#[cfg(test)]
mod tests;
