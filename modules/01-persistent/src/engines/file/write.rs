//! Writing blocks, so that a power cut leaves each whole or absent.
//!
//! ```text
//! one block, durable                      many, durable (Linux)
//!   create .temp/temp-PID-N                 create and write every temp
//!   write                                   syncfs           every byte is on disk
//!   fdatasync   the bytes are on disk       rename every temp
//!   rename      they get their name         syncfs           and so is every name
//!   fsync X3/   the name is on disk
//! ```
//!
//! A name must not reach the disk before the bytes do: after a power cut it would name an empty
//! file. And the name is an entry of the folder, which has a flush of its own. The entry of the
//! folder `X3/` in its parent is one too: it is flushed once, when this process first needs it,
//! for all folders that are there by then.
//!
//! Counted with `strace -f -e trace=fsync,fdatasync,syncfs` on one durable put: 2 (fdatasync,
//! fsync) where the folder is known to be on disk, 3 where it is not (`tests/flushes.rs`).
//!
//! What the disk does for it was counted too, on ext4 and xfs in a loop device (`tests/device.rs`):
//! 4 flushes, or 3 where the bytes go over those of a [spare](super::spare) file. Each of the two
//! calls commits the journal, and a commit is two flushes: its record is written with
//! `REQ_PREFLUSH | REQ_FUA` (Linux, `journal_submit_commit_record` in fs/jbd2/commit.c; `ext4_sync_file`
//! waits for it), and where the device cannot force a single write out, the block layer makes
//! another flush of the second (block/blk-flush.c). A spare has nothing to commit, so its
//! `fdatasync` is one flush. A device with FUA would need one less for each commit; none was at hand.
//!
//! Naming the file before its bytes are flushed would need two flushes alone, and let a power cut leave a
//! name without bytes. So would `sync_file_range` in place of the `fdatasync`: where data is ordered
//! before the journal, the commit for the folder then flushes both. But its manual promises
//! nothing of the sort, and a file system may change what it does with it.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use datastore::disk::Mode;
use datastore::{Disk, DiskFile, Error, Result};

use super::folder::Folder;
use super::spare::Spare;
use crate::engine::Flush;

/// From how many blocks on a durable batch flushes the file system and not each file.
///
/// Microseconds a block of 4 KiB, ext4, each file against the file system: 4 blocks 226 and 216,
/// 8 blocks 220 and 121, 64 blocks 151 and 70, 256 blocks 224 and 78. On a disk that was busy with
/// others' writes both cost more, in the same proportion (16 blocks: 484 and 156).
/// `cargo run --release -p persistent --example tune -- file 4096 3000 BATCH`
pub(super) const BULK: usize = 8;

/// From how many bytes on a batch is written by several threads, and by how many.
///
/// Two threads write blocks of 256 KiB in 82 us and not 105 (same command, 262144 300 256); four
/// are no faster. Small blocks gain a tenth: what they wait for is their turn to make a file in
/// `.temp`.
const PARALLEL_BYTES: usize = 1 << 20;
const THREADS: usize = 2;

/// Whether the system can flush one file system and say whether it succeeded.
const SYNCFS: bool = cfg!(target_os = "linux");

/// The writing side of a folder of blocks.
pub(super) struct Writer {
    folder: Folder,
    /// Opened with the store: a file system reports a failed write-back once to each descriptor
    /// that was open when it failed.
    root: Box<dyn DiskFile>,
    /// The number of the next temp.
    next: AtomicU64,
    /// A temp for the next durable put.
    spare: Spare,
    /// Folders whose own entries are on disk; `None` before the first look.
    durable: Mutex<Option<HashSet<String>>>,
    /// Writes that were not flushed, and how many of them a flush of the file system has covered.
    written: AtomicU64,
    flushed: AtomicU64,
    /// Held while the file system is flushed, so that two do not share one report of an error.
    flushing: Mutex<()>,
    /// The first error of a flush. What was not written then may never be, and a later flush would
    /// not say so: the kernel has told once.
    failed: OnceLock<Error>,
}

/// A file without a name yet; removed when dropped before it gets one.
pub(super) struct Temp {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    named: bool,
}

impl Drop for Temp {
    fn drop(&mut self) {
        if !self.named {
            // One that stays is removed when the store is opened next.
            let _ = self.disk.remove_file(&self.path);
        }
    }
}

impl Writer {
    pub(super) fn open(folder: Folder) -> Result<Writer> {
        let root = folder
            .disk
            .open(&folder.root, Mode::Folder)
            .map_err(|error| Error::io("open", &folder.root, error))?;
        Ok(Writer {
            folder,
            root,
            next: AtomicU64::new(0),
            spare: Spare::default(),
            durable: Mutex::new(None),
            written: AtomicU64::new(0),
            flushed: AtomicU64::new(0),
            flushing: Mutex::new(()),
            failed: OnceLock::new(),
        })
    }

    /// Writes each value to the file of its name. With [`Flush::Yes`] they are on disk when this
    /// returns, and so is every write before.
    pub(super) fn put(&self, puts: &[(String, &[u8])], flush: Flush) -> Result<()> {
        if puts.is_empty() {
            return Ok(());
        }
        self.check()?;
        // Where the file system cannot be flushed as a whole, nothing is left for later.
        if SYNCFS && flush == Flush::No {
            return self.put_for_later(puts);
        }
        let bulk = SYNCFS && (puts.len() >= BULK || self.unflushed());
        let temps = self.temps(puts, !bulk)?;
        if bulk {
            self.sync()?;
        }
        self.name(temps, puts)?;
        if bulk {
            self.written.fetch_add(1, Ordering::AcqRel);
            self.sync()
        } else {
            self.sync_folders(puts.iter().map(|(name, _)| name))
        }
    }

    /// Writes what a later flush makes durable.
    ///
    /// A file that is there may be durable by now, and promised. Bytes that are not on the disk
    /// must not take its name: a power cut could leave that without either. So a block that is
    /// there stays, and one that differs, because it is damaged, is replaced by one that is
    /// flushed.
    fn put_for_later(&self, puts: &[(String, &[u8])]) -> Result<()> {
        let (mut new, mut other) = (Vec::new(), Vec::new());
        for (name, value) in puts {
            match self.folder.holds(name, value)? {
                None => new.push((name.clone(), *value)),
                Some(false) => other.push((name.clone(), *value)),
                Some(true) => {}
            }
        }
        for (puts, flush) in [(new, false), (other, true)] {
            self.name(self.temps(&puts, flush)?, &puts)?;
        }
        self.written.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// Removes the files of these names.
    pub(super) fn delete(&self, names: &[String], flush: Flush) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        self.check()?;
        let mut gone = Vec::new();
        for name in names {
            let path = self.folder.path(name);
            match self.folder.disk.remove_file(&path) {
                Ok(()) => gone.push(name),
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(Error::io("remove", path, error)),
            }
        }
        if SYNCFS && (flush == Flush::No || gone.len() >= BULK || self.unflushed()) {
            self.written.fetch_add(1, Ordering::AcqRel);
            match flush {
                Flush::Yes => self.sync(),
                Flush::No => Ok(()),
            }
        } else {
            self.sync_folders(gone.into_iter())
        }
    }

    /// Makes everything written so far durable.
    pub(super) fn flush(&self) -> Result<()> {
        self.check()?;
        if self.unflushed() {
            self.sync()
        } else {
            Ok(())
        }
    }

    /// Whether a flush failed, after which nothing is written any more.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.get().is_some()
    }

    fn unflushed(&self) -> bool {
        self.written.load(Ordering::Acquire) != self.flushed.load(Ordering::Acquire)
    }

    /// A temp for each value, in their order.
    fn temps(&self, puts: &[(String, &[u8])], flush: bool) -> Result<Vec<Temp>> {
        let write = |part: &[(String, &[u8])]| -> Result<Vec<Temp>> {
            part.iter()
                .map(|(_, value)| self.temp(value, flush))
                .collect()
        };
        let bytes: usize = puts.iter().map(|(_, value)| value.len()).sum();
        let (first, rest) = puts.split_at(puts.len().div_ceil(THREADS));
        if bytes < PARALLEL_BYTES || rest.is_empty() {
            return write(puts);
        }
        thread::scope(|scope| {
            let rest = scope.spawn(|| write(rest));
            let first = write(first);
            let rest = rest.join().unwrap_or_else(|panic| resume_unwind(panic));
            let mut temps = first?;
            temps.append(&mut rest?);
            Ok(temps)
        })
    }

    /// A temp holding `value`, flushed if `flush`.
    fn temp(&self, value: &[u8], flush: bool) -> Result<Temp> {
        let spare = if flush {
            self.spare.take(value.len())
        } else {
            None
        };
        let (file, temp) = match spare {
            Some(spare) => spare,
            None => self.create()?,
        };
        file.write_all_at(value, 0)
            .map_err(|error| Error::io("write", &temp.path, error))?;
        if flush {
            self.spare.prepare(value.len(), || self.create());
            self.held(
                file.sync()
                    .map_err(|error| Error::io("flush", &temp.path, error)),
            )?;
        }
        Ok(temp)
    }

    /// A new file in `.temp`, never one that is there.
    fn create(&self) -> Result<(Box<dyn DiskFile>, Temp)> {
        let disk = &self.folder.disk;
        let mut made = false;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let name = format!("temp-{}-{number}", std::process::id());
            let path = self.folder.temp.join(name);
            match disk.open(&path, Mode::New) {
                Ok(file) => {
                    let temp = Temp {
                        disk: Arc::clone(disk),
                        path,
                        named: false,
                    };
                    return Ok((file, temp));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                // A folder that Kubo made has none until it was opened there once.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !made => {
                    disk.make_dir(&self.folder.temp)
                        .map_err(|error| Error::io("create", &self.folder.temp, error))?;
                    made = true;
                }
                Err(error) => return Err(Error::io("create", path, error)),
            }
        }
    }

    /// Gives each of `temps` its name.
    fn name(&self, temps: Vec<Temp>, puts: &[(String, &[u8])]) -> Result<()> {
        let mut named = temps.into_iter().zip(puts);
        named.try_for_each(|(mut temp, (name, _))| self.name_one(&mut temp, name))
    }

    /// Gives `temp` its name, in a folder that is made if need be.
    fn name_one(&self, temp: &mut Temp, name: &str) -> Result<()> {
        let disk = &self.folder.disk;
        let path = self.folder.path(name);
        let mut renamed = disk.rename(&temp.path, &path);
        if renamed.as_ref().is_err_and(is_absent) {
            let shard = self.folder.shard(name);
            let folder = self.folder.root.join(&shard);
            match disk.create_dir(&folder) {
                Ok(()) => self.forget(&shard),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io("create", folder, error)),
            }
            renamed = disk.rename(&temp.path, &path);
        }
        renamed.map_err(|error| Error::io("rename to", path, error))?;
        temp.named = true;
        Ok(())
    }

    /// Flushes the folders in which files of these names came or went.
    fn sync_folders<'a>(&self, names: impl Iterator<Item = &'a String>) -> Result<()> {
        let shards: BTreeSet<String> = names.map(|name| self.folder.shard(name)).collect();
        self.held(self.prove(&shards))?;
        for shard in &shards {
            self.held(self.sync_dir(&self.folder.root.join(shard)))?;
        }
        self.check()
    }

    /// Makes sure that the entries of these folders in their parent are on disk.
    fn prove(&self, shards: &BTreeSet<String>) -> Result<()> {
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        if durable
            .as_ref()
            .is_some_and(|known| shards.iter().all(|shard| known.contains(shard)))
        {
            return Ok(());
        }
        // Who made those that were found, and whether they were flushed, is not known; one flush
        // proves all that were there before it.
        let found = match durable.take() {
            Some(known) => known,
            None => self.folder.shards()?.into_iter().collect(),
        };
        self.sync_dir(&self.folder.root)?;
        durable.insert(found).extend(shards.iter().cloned());
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        let synced = self.folder.disk.sync_dir(dir);
        synced.map_err(|error| Error::io("flush", dir, error))
    }

    /// The folder was made anew.
    fn forget(&self, shard: &str) {
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = durable.as_mut() {
            known.remove(shard);
        }
    }

    /// Flushes the file system that the folder lies on.
    fn sync(&self) -> Result<()> {
        let _flushing = self.flushing.lock().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        let written = self.written.load(Ordering::Acquire);
        self.held(
            self.root
                .sync_all()
                .map_err(|error| Error::io("flush", &self.folder.root, error)),
        )?;
        self.flushed.fetch_max(written, Ordering::AcqRel);
        Ok(())
    }

    /// Keeps the first error of a flush.
    fn held(&self, result: Result<()>) -> Result<()> {
        result.inspect_err(|error| {
            let _ = self.failed.set(error.clone());
        })
    }

    fn check(&self) -> Result<()> {
        self.failed.get().map_or(Ok(()), |error| Err(error.clone()))
    }
}

fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
