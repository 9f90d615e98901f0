//! What the engines on redb share: a file of tables, opened, read and written.
//!
//! redb keeps a B-tree per table in pages of 4 KiB. Every page carries the checksum of the pages
//! below it, and the two commit slots in the header hold the roots. A commit writes the changed
//! pages to free places and then flips from one slot to the other, so that a crash leaves the
//! old tree or the new one, never a mixture.
//!
//! What redb does *not* do is look at those checksums when it opens a file that was closed well,
//! or when it reads. A bit that flipped on disk is a wrong value, or an absent key. Blocks are
//! hashed on every read above this, so a wrong block is noticed; other values are not, so a file
//! of those is opened through [`Check::Whole`].

mod backend;
mod error;
mod fit;
mod overlay;
mod scan;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ::redb::backends::InMemoryBackend;
use ::redb::{
    Builder, CompactionError, Database, Durability, OwnedAccessGuard, ReadOnlyDatabase,
    ReadOnlyTable, ReadTransaction, ReadableDatabase, StorageBackend, TableDefinition,
};
use datastore::{Disk, Error, Result};

use crate::engine::Flush;
use crate::engines::usage::present;
use crate::place::parent;
use error::{opening, storage};

pub(crate) use error::NEEDS_REPAIR;
pub(crate) use fit::{Value, is_full as fills_its_page, room};
pub(crate) use scan::{Span, Want};

/// A table of bytes under bytes.
type Definition = TableDefinition<'static, &'static [u8], &'static [u8]>;

type Snapshot = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// Values that are no blocks, under the bytes of their keys.
const META: Definition = TableDefinition::new("meta");

/// Blocks under their multihashes.
const BLOCKS: Definition = TableDefinition::new("blocks");

/// The ends of blocks that are cut, under their multihashes; see [`fit`].
const TAILS: Definition = TableDefinition::new("tails");

/// How much may be written before a commit that waits for the disk, where nobody asked for one.
///
/// Pages that a commit without a flush replaces are not reused before the next with one, so
/// without a bound the file grows with every change, and the flush at the end takes ever longer.
///
/// Microseconds a put of 256 B, 4 KiB and 256 KiB in batches of 256, with a bound of 1 MiB: 10.7,
/// 27 and 611; of 8 MiB: 7.0, 23 and 465; of 64 MiB: 3.6, 18 and 432; of 4 GiB: 4.5, 17 and 391.
/// `cargo run --release -p persistent --example tune -- redb SIZE`
pub(crate) const UNFLUSHED: u64 = 64 << 20;

/// What is looked at when a file is opened for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// The header; after a crash, all of it.
    Header,
    /// Every page. It reads the whole file.
    Whole,
}

/// Which table an operation is on. Its order is the order of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    /// [`BLOCKS`].
    Blocks,
    /// [`META`].
    Meta,
}

/// One write: the table, the key, and the value, or `None` to forget the key.
pub(crate) type Write<'a> = (Table, &'a [u8], Option<&'a [u8]>);

/// An open file of tables.
pub(crate) struct Tables {
    engine: &'static str,
    path: PathBuf,
    db: Db,
    /// Bytes written since the last commit that waited for the disk. Held through a commit, of
    /// which redb does one at a time in any case.
    unflushed: Mutex<u64>,
}

enum Db {
    Write(Database),
    Read(ReadOnlyDatabase),
}

impl Tables {
    /// Opens the file at `path` for writing, and makes it if it is absent. `cache` is in bytes.
    pub(crate) fn open(
        engine: &'static str,
        disk: &dyn Disk,
        path: &Path,
        cache: u64,
        check: Check,
    ) -> Result<Tables> {
        let found = disk.look(path);
        if found
            .map_err(|error| Error::io("look for", path, error))?
            .is_none()
        {
            return create(engine, disk, path, cache);
        }
        let mut builder = builder(cache);
        builder.set_check_integrity_on_open(check == Check::Whole);
        let db =
            backend::open(&builder, disk, path).map_err(|error| opening(engine, path, error))?;
        Ok(Tables::new(engine, path, Db::Write(db)))
    }

    /// Opens the file at `path` for reading. Nothing is written, so a file that was not closed is
    /// refused with [`Error::ReadOnly`]; see [`needs_repair`](crate::engines::redb::needs_repair).
    pub(crate) fn open_read_only(
        engine: &'static str,
        disk: &dyn Disk,
        path: &Path,
        cache: u64,
    ) -> Result<Tables> {
        let db = backend::open_read_only(&builder(cache), disk, path)
            .map_err(|error| opening(engine, path, error))?;
        Ok(Tables::new(engine, path, Db::Read(db)))
    }

    /// Reads the whole file at `path` into memory, checks every page, and serves reads from there.
    /// The file is not written to, even if it needs a repair: that is done to the copy.
    pub(crate) fn open_copy(engine: &'static str, disk: &dyn Disk, path: &Path) -> Result<Tables> {
        let bytes = disk.read(path);
        let bytes = bytes
            .and_then(|bytes| bytes.ok_or_else(|| io::ErrorKind::NotFound.into()))
            .map_err(|error| Error::io("read", path, error))?;
        let copy = InMemoryBackend::new();
        copy.set_len(bytes.len() as u64)
            .and_then(|()| copy.write(0, &bytes))
            .map_err(|error| Error::io("read", path, error))?;
        let db = builder(bytes.len() as u64)
            .set_check_integrity_on_open(true)
            .create_with_backend(copy)
            .map_err(|error| opening(engine, path, error))?;
        Ok(Tables::new(engine, path, Db::Write(db)))
    }

    /// Checks every page of the file at `path`, and writes nothing to it.
    pub(crate) fn prove(engine: &'static str, disk: &dyn Disk, path: &Path) -> Result<()> {
        const CACHE: u64 = 16 << 20;
        let file = overlay::Overlay::open(disk, path);
        let file = file.map_err(|error| Error::io("read", path, error))?;
        builder(CACHE)
            .set_check_integrity_on_open(true)
            .create_with_backend(file)
            .map(drop)
            .map_err(|error| opening(engine, path, error))
    }

    fn new(engine: &'static str, path: &Path, db: Db) -> Tables {
        Tables {
            engine,
            path: path.to_owned(),
            db,
            unflushed: Mutex::new(0),
        }
    }

    /// What `with` makes of the value under `key`.
    pub(crate) fn get<T>(
        &self,
        table: Table,
        key: &[u8],
        with: impl FnOnce(Value<'_>) -> T,
    ) -> Result<Option<T>> {
        let txn = self.begin()?;
        let found = self.find(&self.table(&txn, definition(table))?, key)?;
        let Some(first) = found else { return Ok(None) };
        let first = first.value();
        let tail = if table == Table::Blocks && fit::is_full(key.len(), first.len()) {
            self.find(&self.table(&txn, TAILS)?, key)?
        } else {
            None
        };
        let tail = tail.as_ref().map_or(&[][..], |tail| tail.value());
        Ok(Some(with(Value { first, tail })))
    }

    /// Whether there is a value under `key`.
    pub(crate) fn has(&self, table: Table, key: &[u8]) -> Result<bool> {
        let snapshot = self.table(&self.begin()?, definition(table))?;
        Ok(self.find(&snapshot, key)?.is_some())
    }

    fn find(
        &self,
        snapshot: &Snapshot,
        key: &[u8],
    ) -> Result<Option<OwnedAccessGuard<&'static [u8]>>> {
        snapshot
            .get_owned(key)
            .map_err(|error| self.failed("read", error))
    }

    /// Does `writes` in one transaction; of two to one key the later wins.
    pub(crate) fn write(&self, mut writes: Vec<Write<'_>>, flush: Flush) -> Result<()> {
        let Db::Write(db) = &self.db else {
            return Err(Error::ReadOnly {
                path: self.path.clone(),
                reason: "it was opened for reading".to_owned(),
            });
        };
        // Neighbours in the tree are written one after the other, which finds each page once; and
        // what is replaced within the batch is never written.
        writes.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let mut unflushed = self
            .unflushed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut bytes = *unflushed;
        let mut txn = db.begin_write().map_err(|error| self.began(error))?;
        let mut rest = writes.as_slice();
        for which in [Table::Blocks, Table::Meta] {
            let (these, others) = rest.split_at(rest.partition_point(|write| write.0 <= which));
            rest = others;
            if these.is_empty() {
                continue;
            }
            let mut table = txn
                .open_table(definition(which))
                .map_err(|error| self.opened(error))?;
            let mut tails = None;
            for (write, next) in these
                .iter()
                .zip(these.iter().skip(1).map(Some).chain([None]))
            {
                let (_, key, value) = *write;
                if next.is_some_and(|next| next.1 == key) {
                    continue;
                }
                let (value, tail) = match value {
                    Some(value) if which == Table::Blocks => {
                        let (first, tail) = fit::cut(key.len(), value);
                        (Some(first), tail)
                    }
                    value => (value, &[][..]),
                };
                let old = match value {
                    Some(value) => table.insert(key, value),
                    None => table.remove(key),
                }
                .map_err(|error| self.failed("write", error))?
                .map(|old| old.value().len());
                bytes += (key.len() + value.map_or(0, <[u8]>::len) + tail.len()) as u64;
                let had =
                    which == Table::Blocks && old.is_some_and(|old| fit::is_full(key.len(), old));
                if tail.is_empty() && !had {
                    continue;
                }
                let tails = match &mut tails {
                    Some(tails) => tails,
                    none => none.insert(txn.open_table(TAILS).map_err(|error| self.opened(error))?),
                };
                if tail.is_empty() {
                    tails.remove(key).map(drop)
                } else {
                    tails.insert(key, tail).map(drop)
                }
                .map_err(|error| self.failed("write", error))?;
            }
        }
        let durability = match flush {
            Flush::No if bytes < UNFLUSHED => Durability::None,
            Flush::No | Flush::Yes => Durability::Immediate,
        };
        // Neither two-phase commit nor quick repair: with them a durable put waits for a second
        // flush (4 KiB on a busy disk: 7,985 us instead of 3,995), and what they save is the look
        // at every page after a crash: 0.1 to 0.8 s for files of 300 to 550 MB that are cached.
        txn.set_durability(durability)
            .map_err(|error| Error::engine(self.engine, "commit", error))?;
        txn.commit().map_err(|error| self.committed(error))?;
        *unflushed = match durability {
            // A change without a value is a change too.
            Durability::None => bytes.max(1),
            _ => 0,
        };
        Ok(())
    }

    /// Bytes of the commits that may be in memory alone.
    pub(crate) fn unflushed(&self) -> u64 {
        let unflushed = self.unflushed.lock();
        *unflushed.unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes every commit before this call durable.
    pub(crate) fn flush(&self) -> Result<()> {
        let Db::Write(db) = &self.db else {
            return Ok(());
        };
        let mut unflushed = self
            .unflushed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *unflushed == 0 {
            return Ok(());
        }
        // A commit that waits for the disk takes with it those before it that did not.
        let txn = db.begin_write().map_err(|error| self.began(error))?;
        txn.commit().map_err(|error| self.committed(error))?;
        *unflushed = 0;
        Ok(())
    }

    /// Moves pages to the front of the file and cuts it, durably.
    pub(crate) fn compact(&mut self) -> Result<()> {
        let Db::Write(db) = &mut self.db else {
            return Ok(());
        };
        let unflushed = self
            .unflushed
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        match db.compact() {
            Ok(_) => {
                *unflushed = 0;
                Ok(())
            }
            Err(CompactionError::Storage(error)) => {
                Err(storage(self.engine, "compact", &self.path, error))
            }
            Err(_) => Err(Error::Unsupported {
                engine: self.engine,
                feature: "compaction of a store that is being enumerated",
                remedy: "end the enumeration first",
            }),
        }
    }

    fn begin(&self) -> Result<ReadTransaction> {
        match &self.db {
            Db::Write(db) => db.begin_read(),
            Db::Read(db) => db.begin_read(),
        }
        .map_err(|error| self.began(error))
    }

    fn table(&self, txn: &ReadTransaction, table: Definition) -> Result<Snapshot> {
        txn.open_table(table).map_err(|error| self.opened(error))
    }
}

fn builder(cache: u64) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(usize::try_from(cache).unwrap_or(usize::MAX));
    builder
}

fn definition(table: Table) -> Definition {
    match table {
        Table::Blocks => BLOCKS,
        Table::Meta => META,
    }
}

/// Makes the file under a name of its own first: redb refuses a file that a crash left half made,
/// so none may ever stand under `path`.
fn create(engine: &'static str, disk: &dyn Disk, path: &Path, cache: u64) -> Result<Tables> {
    let new = path.with_extension("redb.new");
    present(disk.remove_file(&new)).map_err(|error| Error::io("remove", &new, error))?;
    let db = backend::create(&builder(cache), disk, &new)
        .map_err(|error| opening(engine, &new, error))?;
    let made = Tables::new(engine, path, Db::Write(db));
    if let Db::Write(db) = &made.db {
        let txn = db.begin_write().map_err(|error| made.began(error))?;
        for table in [BLOCKS, TAILS, META] {
            txn.open_table(table)
                .map(drop)
                .map_err(|error| made.opened(error))?;
        }
        txn.commit().map_err(|error| made.committed(error))?;
    }
    disk.rename(&new, path)
        .map_err(|error| Error::io("rename", &new, error))?;
    disk.sync_dir(parent(path))
        .map_err(|error| Error::io("flush", parent(path), error))?;
    Ok(made)
}
