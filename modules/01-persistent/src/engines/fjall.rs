//! The log-structured tree: [fjall](https://docs.rs/fjall).
//!
//! ```text
//! fjall/
//!   0.jnl, 1.jnl …           journals: every batch, in the order of writing
//!   keyspaces/1/tables/      blocks: multihash -> small block, or where a large one lies
//!   keyspaces/1/blobs/       blocks of 1 KiB and more, each written once
//!   keyspaces/2/tables/      meta:   key -> value of other keys
//!   keyspaces/1/current      which tables and blobs count, in a file proven at each open
//!
//! a put: append to the journal     one write, one flush if it has to be durable
//!        insert into a skip list   in memory, 64 MiB of them; then, in the background,
//!        flush                     the list becomes a sorted table, large values a blob file
//!        compact                   ten tables become one of the next level; blobs stay
//! ```
//!
//! Random keys become sequential writes, so bulk writing is what it does best. It pays later, when
//! tables are merged, and that is why large values lie outside them (`options.rs` has the figures).
//! A bloom filter a table answers most questions for absent keys without reading anything.
//!
//! - A batch is all or nothing, over both keyspaces.
//! - One process at a time: its lock is exclusive, so there is no read-only mode.
//! - Opening reads the journals, whatever was not yet flushed from memory: up to half a GiB after
//!   a crash, nearly nothing after [`close`](Engine::close).
//! - One flipped bit in a journal, and the whole store is refused as damaged, or what the crash
//!   left of it is put aside for `salvage` (`tail.rs`); in a table or a blob file it is that part
//!   which cannot be read.
//! - A write or flush that fails, in the background too, ends writing until the store is opened
//!   again; reads go on.
//! - Whether values are compressed is decided when the store is made; later opens keep to it.

mod error;
pub(crate) mod item;
mod journal;
mod options;
mod stall;
mod tail;
mod version;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use ::fjall::{AbstractTree, Database, Keyspace, OwnedWriteBatch, PersistMode, UserValue};
use bytes::Bytes;
use datastore::{Batch, Disk, Entries, Error, Key, Keys, Op, Os, Result};

use crate::engine::{AfterFull, Engine, Flush, Options};
use crate::engines::pages::{self, Bounds, Gate, Page, Scan, Space, place};
use crate::engines::usage::{self, present};
use crate::guard::Left;
use crate::place::parent;
use error::{failed, opening};
use stall::Stall;

/// The name that selects this engine.
pub const NAME: &str = "fjall";

/// Blocks and other values in two keyspaces of one database.
pub struct Fjall {
    dir: PathBuf,
    gate: Arc<Gate<Db>>,
    stall: Stall,
    // Since it was opened.
    written: AtomicBool,
    options: Options,
    // Behind the gate, so that no enumeration has it when it is dropped. An error is why it could
    // not be opened again after it was compacted.
    db: Result<Arc<Db>>,
}

/// The open database. Fields are dropped in order, and the database waits for its threads.
struct Db {
    dir: PathBuf,
    blocks: Keyspace,
    meta: Keyspace,
    database: Database,
}

impl Fjall {
    /// Opens the database in `options.dir`, or makes it.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for read-only mode, and for a database of another major version of
    /// fjall. [`Error::Corrupt`] if a file is damaged. [`Error::Engine`] if another process has it
    /// open.
    pub fn open(options: &Options) -> Result<Fjall> {
        if options.read_only {
            return Err(Error::Unsupported {
                engine: NAME,
                feature: "read-only mode",
                remedy: "its own lock is exclusive; close the other process and open it for writing",
            });
        }
        let dir = &options.dir;
        if !fs::exists(dir).map_err(|error| Error::io("look for", dir, error))? {
            create(options)?;
        }
        journal::check(dir, options.unclean)?;
        version::check(dir, options.unclean || options.tolerant)?;
        let db = Arc::new(Db::open(dir, options)?);
        Ok(Fjall {
            dir: dir.clone(),
            gate: Gate::new(&db),
            stall: Stall::default(),
            written: AtomicBool::new(false),
            options: options.clone(),
            db: Ok(db),
        })
    }

    fn db(&self) -> Result<&Db> {
        self.db.as_deref().map_err(Error::clone)
    }
}

/// Makes the database under another name first: fjall refuses one that a crash left half made.
fn create(options: &Options) -> Result<()> {
    let dir = &options.dir;
    let new = dir.with_extension("new");
    present(fs::remove_dir_all(&new)).map_err(|error| Error::io("remove", &new, error))?;
    drop(Db::open(&new, options)?);
    fs::rename(&new, dir).map_err(|error| Error::io("rename", &new, error))?;
    Os.sync_dir(parent(dir))
        .map_err(|error| Error::io("flush", parent(dir), error))
}

impl Db {
    fn open(dir: &Path, options: &Options) -> Result<Db> {
        let wrap = |error| opening(dir, error);
        let database = options::database(dir, options).open().map_err(wrap)?;
        let blocks = database
            .keyspace("blocks", || options::blocks(options))
            .map_err(wrap)?;
        let meta = database
            .keyspace("meta", || options::meta(options))
            .map_err(wrap)?;
        Ok(Db {
            dir: dir.to_owned(),
            blocks,
            meta,
            database,
        })
    }

    fn space(&self, space: Space) -> &Keyspace {
        match space {
            Space::Blocks => &self.blocks,
            Space::Meta => &self.meta,
        }
    }

    /// Writes what is in memory into tables.
    fn write_tables(&self, keyspace: &Keyspace) -> Result<()> {
        let sealed = keyspace.rotate_memtable();
        sealed.map_err(self.failed("flush"))?;
        stall::wait_until(self, || keyspace.sealed_memtable_count() == 0)
    }

    fn failed(&self, action: &'static str) -> impl Fn(fjall::Error) -> Error + '_ {
        move |error| failed(&self.dir, action, error)
    }
}

impl Scan for Db {
    fn scan(&self, bounds: &Bounds<'_>, values: bool, page: &mut Page) -> Result<()> {
        let keyspace = self.space(bounds.space);
        let entries = match bounds.end {
            Some(end) => keyspace.range(bounds.start..end),
            None => keyspace.range(bounds.start..),
        };
        for entry in entries {
            let (key, value) = if values {
                let (key, value) = entry.into_inner().map_err(self.failed("read"))?;
                (key, bytes(value))
            } else {
                (entry.key().map_err(self.failed("read"))?, Bytes::new())
            };
            if !page.push(&key, value) {
                break;
            }
        }
        Ok(())
    }
}

/// A value as it is handed out. A large one is a buffer of its own, and is given without a copy; a
/// small one is a part of a cached page of 4 KiB, which it would keep in memory.
fn bytes(value: UserValue) -> Bytes {
    if value.len() < options::SEPARATE as usize {
        Bytes::copy_from_slice(&value)
    } else {
        value.into()
    }
}

impl Engine for Fjall {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let (space, key) = place(key);
        let db = self.db()?;
        let value = db.space(space).get(key);
        Ok(value.map_err(db.failed("read"))?.map(bytes))
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        // The size of a separate value stands in the table, beside where it lies.
        let (space, key) = place(key);
        let db = self.db()?;
        let size = db.space(space).size_of(key);
        Ok(size.map_err(db.failed("read"))?.map(u64::from))
    }

    fn has(&self, key: &Key) -> Result<bool> {
        let (space, key) = place(key);
        let db = self.db()?;
        let has = db.space(space).contains_key(key);
        has.map_err(db.failed("read"))
    }

    fn write(&self, batch: &Batch, flush: Flush) -> Result<()> {
        let db = self.db()?;
        self.written.store(true, Relaxed);
        // `SyncData` is `fdatasync`: it waits for the bytes and for what is needed to find them,
        // and not for the time of the last change, which `SyncAll` adds.
        let mode = match flush {
            Flush::Yes => PersistMode::SyncData,
            Flush::No => PersistMode::Buffer,
        };
        let mut writes =
            OwnedWriteBatch::with_capacity(db.database.clone(), batch.len()).durability(Some(mode));
        for op in batch.ops() {
            let (space, key) = place(op.key());
            match op {
                Op::Put(_, value) => writes.insert(db.space(space), key, value.clone()),
                Op::Delete(_) => writes.remove(db.space(space), key),
            }
        }
        self.stall.admit(db, batch.bytes(), || {
            writes.commit().map_err(db.failed("write"))
        })
    }

    fn flush(&self) -> Result<()> {
        let db = self.db()?;
        let flushed = db.database.persist(PersistMode::SyncData);
        flushed.map_err(db.failed("flush"))
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

    /// A blob file keeps what is deleted while that is less than a quarter of it.
    fn compact(&mut self) -> Result<()> {
        let db = self.db()?;
        for keyspace in [&db.blocks, &db.meta] {
            db.write_tables(keyspace)?;
        }
        self.flush()?;
        // By itself fjall begins another journal at 64 MiB, and all that was ever put stays in this
        // one until then. It goes first, since its room may be all there is for the rest.
        self.gate.shut();
        self.db = Err(Error::Closed);
        let begun = journal::begin(&self.dir);
        let opened = Db::open(&self.dir, &self.options).map(Arc::new);
        if let Ok(db) = &opened {
            self.gate.open(db);
        }
        self.db = opened;
        begun?;
        let db = self.db()?;
        for keyspace in [&db.blocks, &db.meta] {
            // What the first pass finds deleted the second takes out of the blob files.
            for _ in 0..2 {
                keyspace.major_compact().map_err(db.failed("compact"))?;
                // Replaced files stay for readers of an older state. There are none: each page of
                // an enumeration reads the state of its time.
                let mut states = keyspace.tree.get_version_history_lock();
                let dropped = states.maintenance(keyspace.path(), db.database.seqno());
                dropped.map_err(|error| db.failed("compact")(error.into()))?;
            }
        }
        self.flush()
    }

    fn unseen(&self) -> Result<u64> {
        // It is in the journal, and is to be in a table, too.
        Ok(self.db()?.database.write_buffer_size())
    }

    fn disk_usage(&self) -> Result<u64> {
        usage::allocated(&self.dir)
    }

    fn close(&self) -> Result<()> {
        self.flush()?;
        // What is in memory goes into tables, unless it is so little that reading it back from the
        // journal costs less than one more small file. All of it is durable in the journal, and
        // stays there if nothing was added, or if there is no room for a table.
        let db = self.db()?;
        if !self.written.load(Relaxed) {
            return Ok(());
        }
        for keyspace in [&db.blocks, &db.meta] {
            let size = keyspace.tree.active_memtable().size();
            let room = Left::on(&self.dir)?.bytes / 2;
            if !(options::WORTH_A_TABLE..=room).contains(&size) {
                continue;
            }
            match db.write_tables(keyspace) {
                // Another program took it meanwhile.
                Err(full) if full.is_out_of_space() => return Ok(()),
                written => written?,
            }
        }
        Ok(())
    }
}

impl Drop for Fjall {
    fn drop(&mut self) {
        self.gate.shut();
    }
}

#[cfg(test)]
mod tests;
