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
//! goes on: half of a store is worth saving, and the root says how much is missing. What the engine
//! does not list is asked for by the ledger of acknowledgements: what it gives after all is saved,
//! and what it does not is named as missing.

mod archive;
mod claim;
pub(crate) mod contents;
mod room;

use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use block_cid::{Cid, car};
use datastore::disk::Mode;
use datastore::{Disk, Os};

use super::within::{refuse_within, target};
use super::{Error, Result, Watch};
use crate::Persistent;
use crate::config::DEFAULT_MIN_FREE;
use archive::Archive;
use claim::{Claim, new_name, no_root};
use contents::Root;
use datastore::disk::Cursor;
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
    /// Blocks that were acknowledged and not deleted, and that the store does not have.
    pub missing: u64,
    /// Listings that the engine broke off: what comes behind may be missing, and nobody can name
    /// it unless it was acknowledged.
    pub unlisted: u64,
    /// What is wrong with the record of what was acknowledged: blocks may be missing that nobody
    /// can name.
    pub ledger: Option<String>,
    /// The length of the file in bytes.
    pub len: u64,
}

impl Saved {
    /// Whether everything is in the backup that was acknowledged, as far as can be known.
    pub fn is_whole(&self) -> bool {
        self.damaged + self.missing + self.unlisted == 0 && self.ledger.is_none()
    }
}

/// A block or a key that was left out, for whoever is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The CID of the block, or the key.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

/// Saves `store` in `file`, which is there whole or not at all. What is damaged or missing is told
/// to `left_out`, and is not in the backup. In memory it takes about 16 bytes a block.
///
/// # Errors
/// [`Error::Refused`] if there is such a file, if it would be one of the store's own, or another
/// backup is written there; [`Error::Stopped`], and nothing is left: the same call begins anew; a
/// [`StorageFull`](datastore::Error::StorageFull) error of the medium, and nothing is left;
/// [`Error::Damaged`] if the store lists nothing and gives nothing.
pub fn backup(
    store: &Persistent,
    file: &Path,
    how: &Backup,
    watch: &dyn Watch,
    left_out: &mut dyn FnMut(LeftOut),
) -> Result<Saved> {
    let _held = store.hold_compaction();
    let disk = &*how.disk;
    refuse_odd(disk, file)?;
    refuse_present(disk, file, how.force)?;
    // A link leads to the file that is replaced.
    let file = &target(file).map_err(|e| Error::io("look for", file, e))?;
    let claim = if disk.is_os() {
        refuse_within(store, file)?;
        Some(Claim::of(store, file)?)
    } else {
        None
    };
    let new = match &claim {
        Some(claim) => &claim.path,
        None => &new_name(file),
    };
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
    store: &Persistent,
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
    let output = BufWriter::with_capacity(1 << 20, Cursor::new(&*file));
    let car = car::Writer::new(output, &[no_root()?]).map_err(|e| room.told(new, e))?;
    let root = Root::new(&how.engine, time);
    let mut archive = Archive::new(new, room, car, root, watch, left_out);
    archive.save(store)?;
    let (root, mut saved) = archive.end()?;
    let header = car::Writer::new(Vec::new(), &[root]).and_then(car::Writer::finish);
    let header = header.map_err(|e| room.told(new, e))?;
    file.write_all_at(&header, 0).map_err(failed)?;
    file.sync().map_err(failed)?;
    saved.len = file.len().map_err(failed)?;
    Ok(saved)
}
