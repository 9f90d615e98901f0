//! The B-tree: [redb](https://docs.rs/redb).
//!
//! ```text
//! redb/blocks.redb
//!   header     two commit slots, of which one counts
//!   blocks     multihash  -> bytes of the block     a B-tree
//!   tails      multihash  -> the last bytes of blocks that are cut (`tables/fit.rs`)
//!   meta       key        -> value of other keys    a B-tree
//!
//! a put: find the leaf of the key          reads the path from the root, mostly cached
//!        copy the leaf with the value      and every page above it, to free pages
//!        commit                            write the other slot, flip, one flush
//! ```
//!
//! A B-tree reads with few steps and keeps its file tidy: there is no compaction that works in
//! the background, and a reader sees one state however much is written meanwhile. It pays on
//! writing, when each commit copies the path from leaf to root; many writes in one commit share
//! it. The keys of blocks are hashes, so neighbours in a batch are not neighbours in the tree:
//! a batch is sorted before it goes in.
//!
//! - A batch is all or nothing.
//! - One write at a time; readers never wait.
//! - A value is read with its leaf: the size of a block, or its being there, costs the same
//!   reads from disk as the block. Blocks of 4 KiB and more have leaves of their own.
//! - An enumeration holds the state it began with: pages that are replaced meanwhile are not
//!   reused until it is dropped. Enumerate in parts where that matters.
//! - Checksums are looked at after a crash only; [`check_integrity`] looks at all of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use datastore::disk::Mode;
use datastore::{Batch, Disk, Entries, Error, Key, Keys, Op, Result};

use crate::engine::{AfterFull, Compression, Engine, Flush, Options};
use crate::engines::tables::{Check, NEEDS_REPAIR, Span, Table, Tables, Value, Want, Write};
use crate::engines::usage;
use crate::guard::Cost;

/// The name that selects this engine.
pub const NAME: &str = "redb";

/// Blocks and other values in one file of B-trees.
pub struct Redb {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    tables: Tables,
}

impl Redb {
    /// Opens the file in `options.dir`, or makes both if they are absent. After a crash this
    /// reads the whole file to check and to repair it.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if compression is asked for. [`Error::Corrupt`] if the file is
    /// damaged or not of redb. [`Error::ReadOnly`] if it is opened read-only and was not closed;
    /// [`needs_repair`] tells it from others.
    pub fn open(options: &Options) -> Result<Redb> {
        no_compression(NAME, options.compression)?;
        let path = file(&options.dir);
        let disk = &*options.disk;
        let tables = if options.read_only {
            Tables::open_read_only(NAME, disk, &path, options.cache)?
        } else {
            disk.make_dir(&options.dir)
                .map_err(|error| Error::io("create", &options.dir, error))?;
            let check = match options.unchecked {
                true => Check::Whole,
                false => Check::Header,
            };
            Tables::open(NAME, disk, &path, options.cache, check)?
        };
        Ok(Redb {
            disk: Arc::clone(&options.disk),
            dir: options.dir.clone(),
            tables,
        })
    }
}

/// Whether `error` says that a store was not closed, and has to be opened for writing once before
/// it can be opened read-only.
pub fn needs_repair(error: &Error) -> bool {
    matches!(error, Error::ReadOnly { reason, .. } if reason == NEEDS_REPAIR)
}

/// Looks at every page of the store that `options` names, and repairs what a crash left. It reads the whole
/// file, and may panic on a damaged one: run it in a process of its own.
///
/// # Errors
/// [`Error::Corrupt`] if a page is not what was written.
pub fn check_integrity(options: &Options) -> Result<()> {
    const CACHE: u64 = 16 << 20;
    let (disk, path) = (&*options.disk, file(&options.dir));
    // Opening makes a file that is absent, and this must not.
    disk.open(&path, Mode::Read)
        .map_err(|error| Error::io("open", &path, error))?;
    Tables::open(NAME, disk, &path, CACHE, Check::Whole).map(drop)
}

fn file(dir: &Path) -> PathBuf {
    dir.join("blocks.redb")
}

/// Refuses compression for the engine of this name.
pub(crate) fn no_compression(engine: &'static str, compression: Compression) -> Result<()> {
    match compression {
        Compression::None => Ok(()),
        _ => Err(Error::Unsupported {
            engine,
            feature: "compression",
            remedy: "leave it out, or use fjall or rocksdb",
        }),
    }
}

/// The table and the key in it.
fn place(key: &Key) -> (Table, &[u8]) {
    match key.as_block() {
        Some(multihash) => (Table::Blocks, multihash),
        None => (Table::Meta, key.as_bytes()),
    }
}

impl Redb {
    /// What `with` makes of each key and value below `prefix`.
    fn scan<T: 'static>(
        &self,
        prefix: &Key,
        want: Want,
        with: impl Fn(Key, Value<'_>) -> T + Clone + Send + 'static,
    ) -> Result<Box<dyn Iterator<Item = Result<T>> + Send>> {
        let scope = prefix.scope();
        let others = scope
            .others
            .map(|range| {
                self.tables
                    .scan(Table::Meta, Span::Keys(range), want, with.clone())
            })
            .transpose()?;
        let blocks = scope
            .blocks
            .map(|prefix| {
                self.tables
                    .scan(Table::Blocks, Span::Prefix(prefix), want, with)
            })
            .transpose()?;
        let others = others.into_iter().flatten();
        Ok(Box::new(others.chain(blocks.into_iter().flatten())))
    }
}

impl Engine for Redb {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let (table, key) = place(key);
        self.tables.get(table, key, |value| value.bytes())
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        let (table, key) = place(key);
        self.tables.get(table, key, |value| value.len())
    }

    fn has(&self, key: &Key) -> Result<bool> {
        let (table, key) = place(key);
        self.tables.has(table, key)
    }

    fn get_range(&self, key: &Key, range: std::ops::Range<u64>) -> Result<Option<Bytes>> {
        let (table, key) = place(key);
        self.tables.get(table, key, |value| value.range(range))
    }

    fn write(&self, batch: &Batch, flush: Flush) -> Result<()> {
        let writes: Vec<Write<'_>> = batch
            .ops()
            .iter()
            .map(|op| {
                let (table, key) = place(op.key());
                match op {
                    Op::Put(_, value) => (table, key, Some(&value[..])),
                    Op::Delete(_) => (table, key, None),
                }
            })
            .collect();
        self.tables.write(writes, flush)
    }

    fn flush(&self) -> Result<()> {
        self.tables.flush()
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'static>> {
        self.scan(prefix, Want::Values, |key, value| (key, value.bytes()))
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'static>> {
        self.scan(prefix, Want::Keys, |key, _| key)
    }

    fn check(&self) -> Result<()> {
        Tables::prove(NAME, &*self.disk, &file(&self.dir))
    }

    fn after_full(&self) -> AfterFull {
        AfterFull::ReopenToRead
    }

    fn compact(&mut self) -> Result<()> {
        self.tables.compact()
    }

    fn unseen(&self) -> Result<u64> {
        let waits = self.tables.unflushed();
        Ok(waits.saturating_mul(Cost::TWICE.per_byte))
    }

    fn disk_usage(&self) -> Result<u64> {
        usage::taken(&*self.disk, &self.dir)
    }

    fn close(&self) -> Result<()> {
        // Dropping the database then saves which pages are free, so that opening need not look.
        self.tables.flush()
    }
}

#[cfg(test)]
mod tests;
