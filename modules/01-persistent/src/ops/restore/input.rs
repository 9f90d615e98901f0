//! The file of a backup, and what is asked of it.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use block_cid::car;
use datastore::disk::Mode;
use datastore::{Datastore, Disk, DiskFile, Key, MemStore};

use super::reader::{MAX_BIG, Reader, Sink};
use super::{Restore, Restored};
use crate::guard::{Cost, Guard};
use crate::ops::backup::contents::Root;
use crate::ops::swap::Site;
use crate::ops::{Error, Result, Watch};
use crate::{Config, Persistent};
use datastore::disk::Cursor;

/// A backup to be read.
pub(super) struct Input<'a> {
    path: &'a Path,
    file: Box<dyn DiskFile>,
    len: u64,
}

impl<'a> Input<'a> {
    pub fn open(disk: &dyn Disk, path: &'a Path) -> Result<Input<'a>> {
        let file = disk.open(path, Mode::Read);
        let file = file.map_err(|e| Error::io("open", path, e))?;
        let meta = file.look().map_err(|e| Error::io("look at", path, e))?;
        if !meta.is_file() {
            return Err(Error::refused(path, "it is no file: name a backup"));
        }
        let len = meta.len;
        Ok(Input { path, file, len })
    }

    /// Refuses if there is no room for what is in the backup. What the engine takes beyond that is
    /// refused when it comes to it.
    pub fn fits(&self, config: &Config, site: &Site) -> Result<()> {
        if config.compression != crate::Compression::None {
            return Ok(());
        }
        let guard = Guard::new(
            MemStore::new(),
            if site.parent().as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                site.parent().to_owned()
            },
            config.min_free,
            None,
            Cost::PLAIN,
        );
        Ok(guard.admit(self.len, 0)?)
    }

    /// Reads it to its end.
    pub fn read(&self, how: Restore, watch: &dyn Watch, sink: Sink<'_>) -> Result<Restored> {
        watch.expect(0, self.len);
        let buffered = BufReader::with_capacity(1 << 20, Cursor::new(&*self.file));
        let mut reader = Reader {
            file: self.path,
            max_section: if how.big { MAX_BIG } else { car::MAX_SECTION },
            watch,
            sink,
        };
        if how.plain {
            let (blocks, bytes) = reader.plain(buffered)?;
            return Ok(Restored {
                root: None,
                engine: String::new(),
                time: String::new(),
                blocks,
                bytes,
                keys: 0,
                damaged: 0,
                unlisted: 0,
                kept: None,
            });
        }
        let (cid, root) = reader.run(buffered)?;
        let Root {
            engine,
            time,
            blocks,
            bytes,
            keys,
            damaged,
            unlisted,
            ..
        } = root;
        Ok(Restored {
            root: Some(cid),
            engine,
            time,
            blocks,
            bytes,
            keys,
            damaged,
            unlisted,
            kept: None,
        })
    }

    /// Whether the new store has as many blocks and keys as the backup says. A backup that was
    /// made to have one twice has fewer.
    pub fn count(&self, store: &Persistent, restored: &Restored) -> Result<()> {
        let (mut blocks, mut keys) = (0, 0);
        for key in store.keys(&Key::root())? {
            match key?.as_block() {
                Some(_) => blocks += 1,
                None => keys += 1,
            }
        }
        if (blocks, keys) == (restored.blocks, restored.keys) {
            return Ok(());
        }
        Err(Error::Damaged {
            path: self.path.to_owned(),
            what: format!(
                "it holds {blocks} blocks and {keys} other keys, and its root says {} and {}; \
                 nothing was replaced: use another copy of it",
                restored.blocks, restored.keys
            ),
        })
    }
}
