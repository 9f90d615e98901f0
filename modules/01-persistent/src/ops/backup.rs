//! `backup`: a whole store in one file, which any tool for CARs can read.
//!
//! ```text
//! header     {"roots": [CID of the root], "version": 1}
//! section    page of keys that are no blocks      dag-cbor, see `contents`
//! section…   blocks                               raw
//! section    page that lists these blocks         dag-cbor
//! …
//! section    root: counts, and the pages          dag-cbor, always the last
//! ```
//!
//! A CARv1 does not say where it ends. Here the root is its last block, so what was cut off has no
//! root, wherever it was cut. The header comes before the root is known: room is left for it, which
//! a CID of this form always fills, and it is written in place before the file gets its name.
//!
//! **What is in it**: everything that was acknowledged before the backup began and not deleted
//! since. Of what is put or deleted meanwhile, some. Other keys are read before blocks, so that a
//! key which names a block finds it in the backup, unless it was deleted.
//!
//! Every block is hashed as it is read. One that is damaged is left out and named, and the backup
//! goes on: half of a store is worth saving, and the root says how much is missing.

mod claim;
pub(crate) mod contents;
pub(crate) mod cursor;
mod room;

use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use block_cid::{Block, Cid, binary, car, codec};
use bytes::Bytes;
use datastore::disk::Mode;
use datastore::{Datastore, Disk, Key, Os};
use serde::Serialize;
use serde_bytes::ByteBuf;

use super::proof::{self, GROUP_BYTES, GROUP_ENTRIES};
use super::{Error, Result, Watch};
use crate::config::DEFAULT_MIN_FREE;
use claim::{Claim, new_name};
use contents::{Entry, Links, MAX_PAGES, PAGE, Page, Root};
use cursor::Cursor;
use room::Room;

/// How a backup is made. Start from [`Backup::of`].
#[derive(Clone, Debug)]
pub struct Backup {
    /// The engine of the store, by name; for whoever reads the backup.
    pub engine: String,
    /// Replace a file of this name.
    pub force: bool,
    /// Leave at least this many bytes of the medium free.
    pub min_free: u64,
    /// Where the file is; by default the system's own disk.
    pub disk: Arc<dyn Disk>,
}

impl Backup {
    /// A backup of a store with this engine.
    pub fn of(engine: impl Into<String>) -> Backup {
        Backup {
            engine: engine.into(),
            force: false,
            min_free: DEFAULT_MIN_FREE,
            disk: Arc::new(Os),
        }
    }
}

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The CID of the root, which names every byte of the backup.
    pub root: Cid,
    /// Blocks.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Keys that are no blocks.
    pub keys: u64,
    /// Blocks and keys that could not be read, and were left out.
    pub damaged: u64,
    /// The length of the file in bytes.
    pub len: u64,
}

/// A block or a key that was left out, for whoever is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The CID of the block, or the key.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

/// Saves `store` in `file`, which is there whole or not at all. What is damaged is told to
/// `left_out`, and is not in the backup.
///
/// # Errors
/// [`Error::Refused`] if there is such a file, or another backup is written there;
/// [`Error::Stopped`], and nothing is left; a
/// [`StorageFull`](datastore::Error::StorageFull) error of the medium, and nothing is left; those
/// of the store where it cannot even be listed.
pub fn backup(
    store: &dyn Datastore,
    file: &Path,
    how: &Backup,
    watch: &dyn Watch,
    left_out: &mut dyn FnMut(LeftOut),
) -> Result<Saved> {
    let disk = &*how.disk;
    refuse_odd(disk, file)?;
    refuse_present(disk, file, how.force)?;
    // A link leads to the file that is replaced.
    let linked = std::fs::canonicalize(file).ok();
    let file = linked.as_deref().unwrap_or(file);
    let new = &new_name(file);
    let _claim = disk.is_os().then(|| Claim::of(new)).transpose()?;
    let end = write(store, new, how, watch, left_out).and_then(|saved| {
        // It may have come meanwhile.
        refuse_present(disk, file, how.force)?;
        let named = disk
            .rename(new, file)
            .and_then(|()| disk.sync_dir(file.parent().unwrap_or(Path::new(""))));
        named.map_err(|e| Error::io("name the backup", file, e))?;
        Ok(saved)
    });
    if end.is_err() {
        // What is left is no backup; if it cannot be removed, the next one replaces it.
        let _ = disk.remove_file(new);
    }
    end
}

fn refuse_odd(disk: &dyn Disk, file: &Path) -> Result<()> {
    if file == Path::new("-") {
        let why = "a backup begins with what is known only at its end: name a file";
        return Err(Error::refused(file, why));
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => disk.look(folder),
        _ => return Ok(()),
    };
    match folder.map_err(|e| Error::io("look at", file, e))? {
        Some(meta) if meta.is_folder() => Ok(()),
        _ => {
            let why = "there is no such folder: make it, or name another file";
            Err(Error::refused(file, why))
        }
    }
}

fn refuse_present(disk: &dyn Disk, file: &Path, force: bool) -> Result<()> {
    let there = disk.look(file);
    match there.map_err(|e| Error::io("look at", file, e))? {
        None => Ok(()),
        Some(meta) if meta.is_file() && force => Ok(()),
        Some(meta) if meta.is_file() => {
            let why = "it is there already: name another file, or replace it (--force)";
            Err(Error::refused(file, why))
        }
        Some(_) => Err(Error::refused(file, "it is no file: name another")),
    }
}

fn write(
    store: &dyn Datastore,
    new: &Path,
    how: &Backup,
    watch: &dyn Watch,
    left_out: &mut dyn FnMut(LeftOut),
) -> Result<Saved> {
    let time = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let room = &Room::of(how, new);
    let failed = |error| room.told_io(new, error);
    let file = how.disk.open(new, Mode::Create).map_err(failed)?;
    file.set_len(0).map_err(failed)?;
    let some_root = contents::block(&()).map_err(|why| Error::refused(new, why))?;
    let output = BufWriter::with_capacity(1 << 20, Cursor::new(&*file));
    let mut archive = Archive {
        path: new,
        room,
        car: car::Writer::new(output, &[*some_root.cid()]).map_err(|e| room.told(new, e))?,
        links: Links::default(),
        root: Root::new(&how.engine, time),
        watch,
        left_out,
    };
    archive.keys(store)?;
    archive.blocks(store)?;
    let (root, mut saved) = archive.end()?;
    let header = car::Writer::new(Vec::new(), &[root]).and_then(car::Writer::finish);
    let header = header.map_err(|e| room.told(new, e))?;
    file.write_all_at(&header, 0).map_err(failed)?;
    file.sync().map_err(failed)?;
    saved.len = file.len().map_err(failed)?;
    Ok(saved)
}

/// A backup that is being written.
struct Archive<'a> {
    path: &'a Path,
    room: &'a Room,
    car: car::Writer<BufWriter<Cursor<'a>>>,
    // The blocks since the last page.
    links: Links,
    root: Root,
    watch: &'a dyn Watch,
    left_out: &'a mut dyn FnMut(LeftOut),
}

impl Archive<'_> {
    /// Every key that is no block, with its value.
    fn keys(&mut self, store: &dyn Datastore) -> Result<()> {
        let (mut page, mut size) = (Vec::new(), 0);
        for key in store.keys(&Key::root())? {
            let key = key?;
            if key.as_block().is_some() {
                // The others come first.
                break;
            }
            self.go_on()?;
            let value = match store.get(&key) {
                Ok(Some(value)) => value,
                // Removed since it was listed.
                Ok(None) => continue,
                Err(error) => {
                    self.leave_out(key.to_string(), chain(&error));
                    continue;
                }
            };
            self.root.keys += 1;
            let mut rest = &value[..];
            loop {
                let (part, after) = rest.split_at_checked(PAGE).unwrap_or((rest, &[]));
                rest = after;
                let more = !rest.is_empty();
                size += key.as_bytes().len() + part.len() + 16;
                page.push(Entry(
                    ByteBuf::from(key.as_bytes()),
                    ByteBuf::from(part),
                    more,
                ));
                if size >= PAGE / 2 {
                    self.page(&Page::Keys(std::mem::take(&mut page)))?;
                    size = 0;
                }
                if !more {
                    break;
                }
            }
        }
        if !page.is_empty() {
            self.page(&Page::Keys(page))?;
        }
        Ok(())
    }

    /// Every block, hashed.
    fn blocks(&mut self, store: &dyn Datastore) -> Result<()> {
        let count = store.keys(&Key::blocks())?.filter(|key| key.is_ok());
        self.watch.expect(count.count() as u64, 0);
        let (mut group, mut size) = (Vec::new(), 0);
        for key in store.keys(&Key::blocks())? {
            self.go_on()?;
            let key = key?;
            match store.get(&key) {
                Ok(Some(data)) => {
                    size += data.len();
                    group.push((key, data));
                }
                // Removed since it was listed.
                Ok(None) => {}
                Err(error) => {
                    let why = format!("it cannot be read: {}", chain(&error));
                    self.leave_out(proof::name(&key), why);
                }
            }
            if size >= GROUP_BYTES || group.len() >= GROUP_ENTRIES {
                self.group(std::mem::take(&mut group))?;
                size = 0;
            }
        }
        self.group(group)?;
        self.list()
    }

    /// Proves these blocks and writes those that are good.
    fn group(&mut self, group: Vec<(Key, Bytes)>) -> Result<()> {
        let (proven, wrong) = proof::prove(group);
        for (key, why) in wrong {
            self.leave_out(proof::name(&key), why);
        }
        for (key, data) in proven {
            self.go_on()?;
            let multihash = binary::multihash(key.as_block().unwrap_or_default())?;
            let (cid, len) = (Cid::new_v1(codec::RAW, multihash), data.len() as u64);
            if self.links.is_full() {
                self.list()?;
            }
            self.put(&Block::trusted(cid, data))?;
            self.links.push(cid);
            self.root.blocks += 1;
            self.root.bytes += len;
            self.watch.did(1, len);
        }
        Ok(())
    }

    /// A page of the blocks since the last one, if there are any.
    fn list(&mut self) -> Result<()> {
        match self.links.take() {
            none if none.is_empty() => Ok(()),
            cids => self.page(&Page::Blocks(cids)),
        }
    }

    fn page(&mut self, page: &Page) -> Result<()> {
        if self.root.pages.len() == MAX_PAGES {
            let why = "the store has more than a backup can list: move it with `migrate` instead";
            return Err(Error::refused(self.path, why));
        }
        let cid = self.own(page)?;
        self.root.pages.push(cid);
        Ok(())
    }

    /// Writes the root; its CID, and what is in the backup but for the length of the file.
    fn end(mut self) -> Result<(Cid, Saved)> {
        let root = self.own(&self.root.clone())?;
        self.car
            .finish()
            .map_err(|e| self.room.told(self.path, e))?;
        let saved = Saved {
            root,
            blocks: self.root.blocks,
            bytes: self.root.bytes,
            keys: self.root.keys,
            damaged: self.root.damaged,
            len: 0,
        };
        Ok((root, saved))
    }

    fn own(&mut self, value: &impl Serialize) -> Result<Cid> {
        let block = contents::block(value).map_err(|why| Error::refused(self.path, why))?;
        self.put(&block)?;
        Ok(*block.cid())
    }

    fn put(&mut self, block: &Block) -> Result<()> {
        self.room.admit(block.len() as u64)?;
        let put = self.car.put(block);
        put.map(drop).map_err(|e| self.room.told(self.path, e))
    }

    fn leave_out(&mut self, name: String, why: String) {
        self.root.damaged += 1;
        (self.left_out)(LeftOut { name, why });
    }

    fn go_on(&self) -> Result<()> {
        if self.watch.stops() {
            return Err(Error::Stopped);
        }
        Ok(())
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
