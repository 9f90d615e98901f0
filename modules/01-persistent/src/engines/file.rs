//! One file a block: the layout of Kubo's flatfs, to the byte.
//!
//! ```text
//! blocks/
//!   SHARDING                 /repo/flatfs/shard/v1/next-to-last/2
//!   X3/                      the two characters before the last of the name
//!     CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data
//!   .temp/                   files that have no name yet
//! meta.redb                  other keys, once there are any
//!
//! a put: write .temp/temp-PID-N, flush it, rename it to X3/CIQ….data, flush X3/
//! ```
//!
//! The file system is the index. Nothing is simpler to look into, to back up or to repair, and
//! one flipped bit damages one block. A folder that Kubo made opens here, and ours there: names
//! are those of [`name`], folders those of [`shard`].
//!
//! - A batch is not all or nothing. Its blocks come first, then its other keys, then its deletes,
//!   so that after a crash in the middle what names a block still finds it.
//! - Files of others are passed over, and never deleted. What Kubo keeps for itself
//!   (`diskUsage.cache`, `_README`) stays as it is: its figure of what the folder takes is stale
//!   after we wrote, until that file is removed.
//! - A durable put of a block that is there writes it again: that heals a damaged one, and asking
//!   first would cost as much as the rename. One that is not durable yet looks first: it must not
//!   take the name of a block that is.
//! - The page cache of the system is the cache; `Options::cache` has no effect.
//! - An inode a block: a file system runs out of those before it runs out of bytes when blocks
//!   are small.

mod folder;
mod foreign;
pub mod name;
pub mod shard;
mod spare;
mod write;

use std::sync::Arc;

use bytes::Bytes;
use datastore::{Batch, Entries, Error, Key, Keys, Result};

use crate::engine::{AfterFull, Engine, Flush, Options};
use crate::engines::batch::last;
use crate::engines::meta::{self, Meta};
use crate::engines::redb::no_compression;
use crate::engines::tables::{Span, Table, Value, Want, Write};
use crate::engines::usage;
use folder::{Folder, MAX_VALUE};
pub(crate) use foreign::foreign;
use write::Writer;

/// The name that selects this engine.
pub const NAME: &str = "file";

/// Blocks as files, and other values in a small database beside them.
pub struct File {
    folder: Folder,
    meta: Meta,
    /// `None` if it was opened read-only.
    writer: Option<Writer>,
}

impl File {
    /// Opens the folder of blocks `options.dir`, with other keys in `meta.redb` beside it. An
    /// absent or empty folder is begun with Kubo's sharding.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if compression is asked for. [`Error::Corrupt`] if `SHARDING` names
    /// no known sharding, or if the folder has files in it but no `SHARDING`.
    pub fn open(options: &Options) -> Result<File> {
        no_compression(NAME, options.compression)?;
        let folder = Folder::open(&options.disk, &options.dir, options.read_only)?;
        let writer = if options.read_only {
            None
        } else {
            Some(Writer::open(folder.clone())?)
        };
        Ok(File {
            folder,
            meta: meta(options, options.read_only),
            writer,
        })
    }

    fn writer(&self) -> Result<&Writer> {
        self.writer.as_ref().ok_or_else(|| Error::ReadOnly {
            path: self.folder.root.clone(),
            reason: "it was opened for reading".to_owned(),
        })
    }

    /// What `with` makes of the other keys below `prefix` and their values.
    fn others<T: 'static>(
        &self,
        prefix: &Key,
        with: impl Fn(Key, Value<'_>) -> T + Send + 'static,
    ) -> Result<impl Iterator<Item = Result<T>> + Send + 'static> {
        let found = match (prefix.scope().others, self.meta.tables(false)?) {
            (Some(range), Some(tables)) => {
                Some(tables.scan(Table::Meta, Span::Keys(range), Want::Values, with)?)
            }
            _ => None,
        };
        Ok(found.into_iter().flatten())
    }

    /// The keys of the blocks below `prefix`.
    fn blocks(&self, prefix: &Key) -> Result<impl Iterator<Item = Result<Key>> + Send + use<>> {
        let tail = prefix.scope().blocks;
        let folder = self.folder.clone();
        let shards = match tail {
            Some(_) => folder.shards()?,
            None => Vec::new(),
        };
        let tail = tail.unwrap_or_default();
        // A folder at a time: a thousandth of the keys in memory, and no handle held meanwhile.
        Ok(shards.into_iter().flat_map(move |shard| {
            let (keys, failed) = match folder.blocks(&shard) {
                Ok(keys) => (keys, None),
                Err(error) => (Vec::new(), Some(Err(error))),
            };
            let tail = tail.clone();
            keys.into_iter()
                .filter(move |key| key.as_block().is_some_and(|hash| hash.starts_with(&tail)))
                .map(Ok)
                .chain(failed)
        }))
    }
}

/// Looks at every page of the other keys that are kept beside the folder of blocks. Blocks are not
/// looked at: their hashes, which are above this, say more.
///
/// # Errors
/// [`Error::Corrupt`] if a page is not what was written.
pub fn check_integrity(options: &Options) -> Result<()> {
    meta(options, false).tables(false).map(drop)
}

fn meta(options: &Options, read_only: bool) -> Meta {
    let path = options.dir.with_file_name(meta::NAME);
    Meta::new(NAME, Arc::clone(&options.disk), path, read_only)
}

impl Engine for File {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        match key.as_block() {
            Some(multihash) => self.folder.get(multihash),
            None => self.meta.get(key.as_bytes(), |value| value.bytes()),
        }
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        match key.as_block() {
            Some(multihash) => self.folder.size(multihash),
            None => self.meta.get(key.as_bytes(), |value| value.len()),
        }
    }

    fn get_range(&self, key: &Key, range: std::ops::Range<u64>) -> Result<Option<Bytes>> {
        match key.as_block() {
            Some(multihash) => self.folder.get_range(multihash, range),
            None => Ok(self
                .get(key)?
                .map(|value| datastore::store::slice(&value, range))),
        }
    }

    fn file_of(&self, key: &Key) -> Option<std::path::PathBuf> {
        Some(self.folder.path(&name::encode(key.as_block()?)?))
    }

    fn write(&self, batch: &Batch, flush: Flush) -> Result<()> {
        let writer = self.writer()?;
        let mut puts = Vec::new();
        let mut deletes = Vec::new();
        let mut others: Vec<Write<'_>> = Vec::new();
        for (key, value) in last(batch) {
            match (key.as_block(), value) {
                (Some(_), Some(value)) if value.len() as u64 > MAX_VALUE => {
                    return Err(Error::Unsupported {
                        engine: NAME,
                        feature: "room in one file for a value of more than 1 GiB",
                        remedy: "cut it into smaller blocks",
                    });
                }
                (Some(multihash), Some(value)) => {
                    puts.push((name::encode_new(key, multihash)?, &value[..]));
                }
                // One without a name was never written.
                (Some(multihash), None) => deletes.extend(name::encode(multihash)),
                (None, value) => {
                    others.push((Table::Meta, key.as_bytes(), value.map(|value| &value[..])));
                }
            }
        }
        writer.put(&puts, flush)?;
        self.meta.write(others, flush)?;
        writer.delete(&deletes, flush)?;
        match flush {
            // What earlier writes left for later is due now.
            Flush::Yes => self.flush(),
            Flush::No => Ok(()),
        }
    }

    fn flush(&self) -> Result<()> {
        if let Some(writer) = &self.writer {
            writer.flush()?;
        }
        self.meta.flush()
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'static>> {
        let others = self.others(prefix, |key, value| (key, value.bytes()))?;
        let folder = self.folder.clone();
        let blocks = self.blocks(prefix)?.filter_map(move |key| {
            let read = |key: Key| {
                let value = folder.get(key.as_block().unwrap_or_default())?;
                // One that was deleted meanwhile does not appear.
                Ok(value.map(|value| (key, value)))
            };
            key.and_then(read).transpose()
        });
        Ok(Box::new(others.chain(blocks)))
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'static>> {
        let others = self.others(prefix, |key, _| key)?;
        Ok(Box::new(others.chain(self.blocks(prefix)?)))
    }

    fn after_full(&self) -> AfterFull {
        match &self.writer {
            // redb answers nothing after a failed write.
            _ if self.meta.is_open() => AfterFull::ReopenToRead,
            Some(writer) if writer.has_failed() => AfterFull::ReopenToWrite,
            _ => AfterFull::Nothing,
        }
    }

    /// A deleted block leaves nothing behind; other keys do.
    fn compact(&mut self) -> Result<()> {
        self.meta.compact()
    }

    fn disk_usage(&self) -> Result<u64> {
        let disk = &*self.folder.disk;
        Ok(usage::taken(disk, &self.folder.root)? + usage::taken(disk, self.meta.path())?)
    }

    fn close(&self) -> Result<()> {
        self.flush()
    }
}

#[cfg(test)]
mod tests;
