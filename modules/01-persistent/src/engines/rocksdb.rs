//! The log-structured tree in C++: [RocksDB](https://docs.rs/rocksdb).
//!
//! ```text
//! rocksdb/
//!   000004.log         write-ahead log: every batch, in the order of writing
//!   000008.sst         a sorted table: multihash -> small block, or where a large one lies
//!   000009.blob        blocks of 1 KiB and more, each written once
//!   MANIFEST-000005    which of these files count; CURRENT names it
//!   IDENTITY, LOCK, OPTIONS-000007
//!
//! a put: append to the log         many writers share one flush of it
//!        insert into a skip list   in memory, 32 MiB of them; then, in the background,
//!        flush, compact            as in fjall
//! ```
//!
//! Two column families, `blocks` and `meta`, share the log. It is the same shape as fjall, with
//! ten times the options and fifteen years of use; [`options`] says which were chosen and why.
//!
//! - A batch is all or nothing, over both families.
//! - Many processes may read a store that nobody writes; nothing is written then, no log either.
//! - The size of a large block costs the reading of the block, and so does its being there;
//!   its absence is nearly always known from a bloom filter.
//! - A blob that is damaged fails the `get` of its block alone: it is listed, and it is there.
//! - A log that ends in a half-written batch is cut there, and so is one of which a power cut took
//!   pages that were not flushed. Damage anywhere else in it refuses the store, where RocksDB's own
//!   choice would be to drop all that follows and say nothing.
//! - What a flush or a merge has written that did not come to its end is removed by the next open.
//! - A full disk ends writing until the store is opened again; reads go on. A store that cannot be
//!   opened for writing for lack of space is opened for reading, until it is opened again.
//! - RocksDB's own messages are dropped: what matters comes back as an error.

mod error;
mod hole;
mod leftover;
mod log;
mod merge;
mod options;
mod scan;
mod stall;
mod unreadable;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use ::rocksdb::{
    ColumnFamily, DB, DBPinnableSlice, FlushOptions, WriteBatch, WriteOptions, properties,
};
use bytes::Bytes;
use datastore::{Batch, Disk, Entries, Error, Key, Keys, Op, Os, Result};

use crate::engine::{AfterFull, Engine, Flush, Options};
use crate::engines::pages::{self, Gate, Space, place};
use crate::engines::usage;
use crate::guard::Left;
use error::{failed, opening};

/// The name that selects this engine.
pub const NAME: &str = "rocksdb";

/// Bytes that RocksDB adds to a key and value in a batch, at most: a tag, the family, two lengths.
const OVERHEAD: usize = 16;

/// Blocks and other values in two column families of one database.
pub struct Rocks {
    dir: PathBuf,
    gate: Arc<Gate<Db>>,
    // Behind the gate, so that no enumeration has it when it is dropped.
    db: Arc<Db>,
    /// Why nothing is written, if so.
    refuses: Option<Error>,
    flushed: WriteOptions,
    unflushed: WriteOptions,
}

struct Db {
    dir: PathBuf,
    db: DB,
}

impl Rocks {
    /// Opens the database in `options.dir`, or makes it unless it is opened read-only.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if a file is missing or damaged. [`Error::Engine`] if another process
    /// has it open. [`Error::Unsupported`] for a database of a later RocksDB.
    pub fn open(options: &Options) -> Result<Rocks> {
        log::check(&options.dir)?;
        if options.read_only {
            let reason = "it was opened for reading; open it for writing".to_owned();
            let path = options.dir.clone();
            return Ok(Rocks::new(
                options,
                read(options)?,
                Some(Error::ReadOnly { path, reason }),
            ));
        }
        Os.make_dir(&options.dir)
            .map_err(|error| Error::io("create", &options.dir, error))?;
        if options.unclean {
            hole::cut(&options.dir)?;
        }
        let blobs = leftover::blobs(&options.dir)?;
        let store = match write(options) {
            Ok(db) => Rocks::new(options, db, None),
            Err(error) => {
                if error.is_out_of_space() && !options.tolerant {
                    leftover::remove_all(options);
                }
                return Err(error);
            }
        };
        if !options.tolerant {
            store.db.remove_unused(blobs)?;
        }
        Ok(store)
    }

    /// Opens a database that cannot be opened for writing, since what its log holds would have to
    /// become a table and there is no room for one. It is read, and each write is an error.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_without_room(options: &Options) -> Result<Rocks> {
        match Rocks::open(options) {
            // One that is half made cannot be read either, and that is for lack of space, too.
            Err(full) if full.is_out_of_space() => match read(options) {
                Ok(db) => Ok(Rocks::new(options, db, Some(full))),
                Err(_) => Err(full),
            },
            opened => opened,
        }
    }

    fn new(options: &Options, db: DB, refuses: Option<Error>) -> Rocks {
        let dir = &options.dir;
        let db = Arc::new(Db {
            dir: dir.clone(),
            db,
        });
        let options = |sync| {
            let mut options = WriteOptions::default();
            options.set_sync(sync);
            // See `stall`.
            options.set_no_slowdown(true);
            options
        };
        Rocks {
            dir: dir.clone(),
            gate: Gate::new(&db),
            db,
            refuses,
            flushed: options(true),
            unflushed: options(false),
        }
    }

    fn value(&self, key: &Key) -> Result<Option<DBPinnableSlice<'_>>> {
        let (space, key) = place(key);
        let value = self.db.db.get_pinned_cf(self.db.family(space)?, key);
        value.map_err(self.db.failed("read"))
    }
}

fn write(options: &Options) -> Result<DB> {
    let open = || {
        let families = options::families(options);
        DB::open_cf_with_opts(&options::database(options), &options.dir, families)
    };
    let opened = open().or_else(|error| {
        // Its own repair gathers what tables and logs there are, and throws away the rest.
        match options.tolerant && DB::repair(&options::database(options), &options.dir).is_ok() {
            true => open(),
            false => Err(error),
        }
    });
    opened.map_err(|error| opening(&options.dir, error))
}

/// Reads what the log holds into memory, and writes nothing.
fn read(options: &Options) -> Result<DB> {
    // RocksDB would make the folder.
    fs::metadata(&options.dir).map_err(|error| Error::io("open", &options.dir, error))?;
    let options = &Options {
        read_only: true,
        ..options.clone()
    };
    let families = options::families(options);
    // Whether the log holds something does not matter.
    let whole_log = false;
    let database = options::database(options);
    DB::open_cf_with_opts_for_read_only(&database, &options.dir, families, whole_log)
        .map_err(|error| opening(&options.dir, error))
}

impl Db {
    fn family(&self, space: Space) -> Result<&ColumnFamily> {
        let name = match space {
            Space::Blocks => options::BLOCKS,
            Space::Meta => options::META,
        };
        self.db.cf_handle(name).ok_or_else(|| Error::Corrupt {
            path: self.dir.clone(),
            what: format!("it has no column family {name}; restore a copy"),
        })
    }

    /// Bytes that are in a log and in memory, and in no table yet.
    fn in_memory(&self) -> Result<u64> {
        let mut bytes = 0;
        for space in [Space::Blocks, Space::Meta] {
            let family = self.family(space)?;
            let size = self
                .db
                .property_int_value_cf(family, properties::CUR_SIZE_ALL_MEM_TABLES);
            bytes += size.map_err(self.failed("measure"))?.unwrap_or(0);
        }
        // Memory is taken by the MiB, so that a little seems to be much.
        Ok(bytes.min(log::bytes(&self.dir)?))
    }

    /// Writes what is in memory into tables, and waits for them.
    fn write_tables(&self) -> Result<()> {
        let mut wait = FlushOptions::default();
        wait.set_wait(true);
        let families = [self.family(Space::Blocks)?, self.family(Space::Meta)?];
        let flushed = self.db.flush_cfs_opt(&families, &wait);
        flushed.map_err(self.failed("flush"))
    }

    fn failed(&self, action: &'static str) -> impl Fn(::rocksdb::Error) -> Error + '_ {
        move |error| failed(&self.dir, action, error)
    }
}

impl Engine for Rocks {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        Ok(self.value(key)?.map(|value| Bytes::copy_from_slice(&value)))
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        Ok(self.value(key)?.map(|value| value.len() as u64))
    }

    fn has(&self, key: &Key) -> Result<bool> {
        match self.value(key) {
            Ok(value) => Ok(value.is_some()),
            Err(error) => {
                let (space, key) = place(key);
                match self.db.is_unreadable(space, key)? {
                    true => Ok(true),
                    false => Err(error),
                }
            }
        }
    }

    fn get_range(&self, key: &Key, range: std::ops::Range<u64>) -> Result<Option<Bytes>> {
        Ok(self.value(key)?.map(|value| {
            let len = value.len() as u64;
            let start = range.start.min(len);
            let end = range.end.clamp(start, len);
            let part = value.get(start as usize..end as usize).unwrap_or_default();
            Bytes::copy_from_slice(part)
        }))
    }

    fn write(&self, batch: &Batch, flush: Flush) -> Result<()> {
        if let Some(refusal) = &self.refuses {
            return Err(refusal.clone());
        }
        let blocks = self.db.family(Space::Blocks)?;
        let meta = self.db.family(Space::Meta)?;
        let writes = || {
            let bytes = usize::try_from(batch.bytes()).unwrap_or_default();
            let mut writes = WriteBatch::with_capacity_bytes(bytes + batch.len() * OVERHEAD);
            for op in batch.ops() {
                let (space, key) = place(op.key());
                let family = match space {
                    Space::Blocks => blocks,
                    Space::Meta => meta,
                };
                match op {
                    Op::Put(_, value) => writes.put_cf(family, key, value),
                    Op::Delete(_) => writes.delete_cf(family, key),
                }
            }
            writes
        };
        let options = match flush {
            Flush::Yes => &self.flushed,
            Flush::No => &self.unflushed,
        };
        // A write takes its batch with it, so each try makes its own.
        stall::insist(&self.db, || self.db.db.write_opt(writes(), options))
    }

    fn flush(&self) -> Result<()> {
        if self.refuses.is_some() {
            return Ok(());
        }
        let flushed = self.db.db.flush_wal(true);
        flushed.map_err(self.db.failed("flush"))
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'static>> {
        Ok(pages::entries(&self.gate, self.dir.clone(), prefix))
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'static>> {
        Ok(pages::keys(&self.gate, self.dir.clone(), prefix))
    }

    fn after_full(&self) -> AfterFull {
        AfterFull::ReopenToWrite
    }

    fn compact(&mut self) -> Result<()> {
        if let Some(refusal) = &self.refuses {
            return Err(refusal.clone());
        }
        // Writes the log into tables, which lets go of it.
        self.flush()?;
        self.db.write_tables()?;
        self.db.merge_all()?;
        // Compaction says nothing of its errors; the next flush would.
        self.flush()?;
        self.db.write_tables()
    }

    fn disk_usage(&self) -> Result<u64> {
        usage::allocated(&self.dir)
    }

    fn unseen(&self) -> Result<u64> {
        // It is in the log, and is to be in a table, too.
        self.db.in_memory()
    }

    fn close(&self) -> Result<()> {
        if self.refuses.is_some() {
            return Ok(());
        }
        self.flush()?;
        // What is in memory goes into tables, so that the log is empty: the next open has nothing
        // to read back, and no damage to a log can lose what was closed. All of it is durable in
        // the log, and stays there if there is no room for a table.
        if Left::on(&self.dir)?.bytes / 2 < self.db.in_memory()? {
            return Ok(());
        }
        self.db.write_tables()
    }
}

impl Drop for Rocks {
    fn drop(&mut self) {
        self.gate.shut();
    }
}

#[cfg(test)]
mod tests;
