//! `meta.redb`: values that are no blocks.
//!
//! A folder of blocks has no place for other keys: their order would be lost, and Kubo, which
//! may own the folder, would not know them. They go into a small redb file beside it, which is
//! made when the first is written, and not before: looking into Kubo's repository adds nothing.
//!
//! No hash stands over these values, so the file is opened through a check of every page. Opened
//! for reading it is checked in a copy in memory, which needs as much memory as it has bytes. A file
//! that is refused is refused for as long as the engine is open; what needs none of it goes on.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use datastore::error::chain;
use datastore::{Disk, Error, Key, Result};

use crate::engine::Flush;
use crate::engines::tables::{Check, Span, Table, Tables, Value, Want, Write};
use crate::live::caught;

/// Its name.
pub(crate) const NAME: &str = "meta.redb";

/// The name that it is made under.
pub(crate) const NEW: &str = "meta.redb.new";

/// Bytes of memory for its pages. It holds pins, roots and settings: little.
const CACHE: u64 = 8 << 20;

/// Some of the entries.
pub(crate) type Part<T> = Box<dyn Iterator<Item = Result<T>> + Send>;

/// The file beside the folder of blocks, opened when it is first needed.
pub(crate) struct Meta {
    engine: &'static str,
    disk: Arc<dyn Disk>,
    path: PathBuf,
    read_only: bool,
    tables: OnceLock<Tables>,
    /// Why it is refused.
    refused: OnceLock<Error>,
    /// Held while opening, so that only one thread does.
    opening: Mutex<()>,
}

impl Meta {
    /// That of this engine, at `path`.
    pub(crate) fn new(
        engine: &'static str,
        disk: Arc<dyn Disk>,
        path: PathBuf,
        read_only: bool,
    ) -> Meta {
        Meta {
            engine,
            disk,
            path,
            read_only,
            tables: OnceLock::new(),
            refused: OnceLock::new(),
            opening: Mutex::new(()),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The open file; `None` if there is none, and `create` does not ask for it.
    pub(crate) fn tables(&self, create: bool) -> Result<Option<&Tables>> {
        if let Some(tables) = self.tables.get() {
            return Ok(Some(tables));
        }
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tables) = self.tables.get() {
            return Ok(Some(tables));
        }
        if let Some(error) = self.refused.get() {
            return Err(error.clone());
        }
        let disk = &*self.disk;
        let found = disk.look(&self.path);
        let found = found.map_err(|error| Error::io("look for", &self.path, error))?;
        if found.is_none() && !create {
            return Ok(None);
        }
        // Of a damaged file redb may panic, which has to end no more than this.
        let tables = caught(&self.path, || match self.read_only {
            true => Tables::open_copy(self.engine, disk, &self.path),
            false => Tables::open(self.engine, disk, &self.path, CACHE, Check::Whole),
        });
        match tables {
            Ok(tables) => Ok(Some(self.tables.get_or_init(|| tables))),
            Err(error @ Error::Corrupt { .. }) => Err(self.refused.get_or_init(|| error).clone()),
            Err(error) => Err(error),
        }
    }

    /// Refuses a write of other keys, or a delete of a block that one of them may name, if they
    /// cannot be read. Nothing has been written then.
    pub(crate) fn refuse_if_damaged(&self) -> Result<()> {
        match self.tables(false) {
            Err(error @ Error::Corrupt { .. }) => Err(Error::ReadOnly {
                path: self.path.clone(),
                reason: format!(
                    "{}; keys in it may name blocks, so that no block is deleted until they can be read: \
                     restore a backup, or move the file away and give those keys up",
                    chain(&error)
                ),
            }),
            // To write may need what is lacking now.
            _ => Ok(()),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.tables.get().is_some()
    }

    /// What `with` makes of the value under `key`.
    pub(crate) fn get<T>(
        &self,
        key: &[u8],
        with: impl FnOnce(Value<'_>) -> T,
    ) -> Result<Option<T>> {
        match self.tables(false)? {
            Some(tables) => tables.get(Table::Meta, key, with),
            None => Ok(None),
        }
    }

    /// What `with` makes of the keys below `prefix` and their values: of those that are no blocks,
    /// and of those of blocks that the engine keeps here.
    pub(crate) fn below<T: 'static>(
        &self,
        prefix: &Key,
        with: impl Fn(Key, Value<'_>) -> T + Clone + Send + 'static,
    ) -> Result<(Part<T>, Part<T>)> {
        let Some(tables) = self.tables(false)? else {
            return Ok((Box::new(std::iter::empty()), Box::new(std::iter::empty())));
        };
        let scope = prefix.scope();
        let part = |range: Option<Range<Vec<u8>>>, blocks: bool| -> Result<Part<T>> {
            let Some(range) = range else {
                return Ok(Box::new(std::iter::empty()));
            };
            let with = with.clone();
            let one = move |key: Key, value: Value<'_>| {
                (key.as_block().is_some() == blocks).then(|| with(key, value))
            };
            let found = tables.scan(Table::Meta, Span::Keys(range), Want::Values, one)?;
            Ok(Box::new(found.filter_map(Result::transpose)))
        };
        let blocks = scope.blocks.map(|_| match prefix.as_bytes() {
            b"/" => Key::blocks().range(),
            _ => prefix.range(),
        });
        Ok((part(scope.others, false)?, part(blocks, true)?))
    }

    pub(crate) fn write(&self, writes: Vec<Write<'_>>, flush: Flush) -> Result<()> {
        if writes.is_empty() {
            return Ok(());
        }
        // To delete from a file that is not there, none needs to be made.
        let create = writes.iter().any(|(_, _, value)| value.is_some());
        match self.tables(create)? {
            Some(tables) => tables.write(writes, flush),
            None => Ok(()),
        }
    }

    pub(crate) fn compact(&mut self) -> Result<()> {
        match self.tables(false) {
            // Nothing was written, and nothing has failed.
            Err(error @ Error::Corrupt { .. }) => {
                return Err(Error::ReadOnly {
                    path: self.path.clone(),
                    reason: format!(
                        "{}; all else is compacted: restore a backup, or move the file away and give \
                         the keys in it up",
                        chain(&error)
                    ),
                });
            }
            tables => tables?,
        };
        self.tables.get_mut().map_or(Ok(()), Tables::compact)
    }

    pub(crate) fn flush(&self) -> Result<()> {
        // One that is not open has nothing to flush.
        self.tables.get().map_or(Ok(()), |tables| tables.flush())
    }
}
