//! `restore`: a store from a backup, which is proven whole before it replaces anything.
//!
//! ```text
//! 1  lock the store                    store
//! 2  read the backup, hash every       store, store.restoring
//!    block, fill a new store with it
//! 3  count what is in the new store,
//!    close it, flush it
//! 4  swap (see `swap`)                 store, store.before-restore
//! ```
//!
//! Until step 4 the store that is there is only locked: not a byte of it is read or written, so
//! that it may be damaged as it likes. It is kept, and removing it is left to its owner.

mod input;
mod reader;

use std::path::{Path, PathBuf};

use block_cid::Cid;
use datastore::{Datastore, Disk};

use super::swap::{self, JOURNAL_NEW, Journal, Site, beside};
use super::{Error, Result, Watch};
use crate::lock::{Lock, Mode};
use crate::manifest::{self, Manifest};
use crate::{Config, Durability, Persistent, kubo};
use input::Input;

/// How a backup is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restore {
    /// Take the blocks of any CAR. Nothing says then how many there should be.
    pub plain: bool,
    /// Take blocks of up to 1 GiB instead of 4 MiB.
    pub big: bool,
}

/// What a backup holds, and what became of the store that was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The root; none of a plain CAR.
    pub root: Option<Cid>,
    /// The engine of the store that was saved; empty for a plain CAR.
    pub engine: String,
    /// When the backup began, as RFC 3339; empty for a plain CAR.
    pub time: String,
    /// Blocks.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Keys that are no blocks.
    pub keys: u64,
    /// Blocks and keys that were damaged or missing when the backup was made, and are not in it.
    pub damaged: u64,
    /// Listings that the engine broke off then: what comes behind may not be in it.
    pub unlisted: u64,
    /// Where the old store is now, if there was one.
    pub kept: Option<PathBuf>,
}

/// Proves a backup from its first byte to its last, and does nothing with it.
///
/// # Errors
/// Those of [`restore`] that are of the backup.
pub fn check(file: &Path, how: Restore, watch: &dyn Watch) -> Result<Restored> {
    let input = Input::open(&datastore::Os, file)?;
    input.read(how, watch, &mut |_| Ok(()))
}

/// Puts a store of what is in the backup `file` in the place that `config` names. A store that is
/// there is kept under another name.
///
/// # Errors
/// [`Error::Damaged`] if the backup is not what was written; [`Error::Refused`] if it is no backup,
/// if it has a block of more than 4 MiB and they are not asked for, or if what is in the store's place cannot be replaced;
/// [`Error::Stopped`]; a [`StorageFull`](datastore::Error::StorageFull) error; those of opening a
/// store. After each of them the store that was there is there, as it was, and the same call begins
/// anew.
pub fn restore(file: &Path, config: &Config, how: Restore, watch: &dyn Watch) -> Result<Restored> {
    config.check()?;
    let path = place(config)?;
    let disk = &*config.disk;
    let input = Input::open(disk, file)?;
    swap::recover(config, &path)?;
    let no_name = || Error::refused(&path, "a restore needs a folder with a name: name another");
    let site = Site::of(&path).ok_or_else(no_name)?;
    refuse_mounted(&site.store)?;
    let made = disk.look(&site.store);
    let made = made.map_err(|e| Error::io("look at", &path, e))?.is_none();
    disk.make_dir(&site.store)
        .map_err(|e| Error::io("make the folder", &path, e))?;
    let mut end = replace(&input, config, &site, how, watch);
    if let Ok(Restored {
        kept: Some(kept), ..
    }) = &mut end
        && path.file_name() == site.store.file_name()
        && let Some(name) = kept.file_name()
    {
        // As the caller names things, unless a link leads elsewhere.
        *kept = path.with_file_name(name);
    }
    if end.is_err() && made {
        // If it is not empty it is not ours alone any more.
        let _ = disk.remove_dir(&site.store);
    }
    end
}

/// The folder of the store.
fn place(config: &Config) -> Result<PathBuf> {
    let path = config.path.clone().or_else(|| config.kind.default_path());
    let Some(path) = path else {
        let why = "memory forgets what is restored: name an engine on disk (--backend)";
        return Err(Error::refused("memory", why));
    };
    if config.read_only {
        let why = "a restore replaces the store, and it is to be opened read-only";
        return Err(Error::refused(path, why));
    }
    Ok(path)
}

/// Fills a new store, and swaps it with what is at the `site`.
fn replace(
    input: &Input<'_>,
    config: &Config,
    site: &Site,
    how: Restore,
    watch: &dyn Watch,
) -> Result<Restored> {
    let disk = &*config.disk;
    let _lock = Lock::folder_only(&site.store, Mode::Exclusive)?;
    let keep = keep(config, site)?;
    clear(disk, &site.fresh)?;
    input.fits(config, site)?;
    let ready = fill(input, config, site, how, watch).and_then(|restored| {
        make_ready(config, site, keep.as_deref()).map(|lock| (restored, lock))
    });
    let (mut restored, _fresh) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            // If it cannot be removed, the next restore does it.
            let _ = swap::discard(disk, &site.fresh);
            return Err(error);
        }
    };
    if let Err(error) = swap::finish(disk, site) {
        give_up(disk, site);
        return Err(error.into());
    }
    restored.kept = keep.map(|name| site.parent().join(name));
    Ok(restored)
}

/// The name that what is there gets, or none if that is an empty folder.
fn keep(config: &Config, site: &Site) -> Result<Option<String>> {
    let (disk, store) = (&*config.disk, &site.store);
    let names = disk.list(store).map_err(|e| Error::io("list", store, e))?;
    if names.is_empty() {
        return Ok(None);
    }
    match Manifest::read(disk, store, config.kind) {
        Ok(Some(_)) | Err(crate::Error::Manifest { .. }) => {}
        Err(other) => return Err(other.into()),
        Ok(None) if manifest::was_ours(disk, store)? => {}
        Ok(None) => match manifest::foreign_entry(disk, store)? {
            None => {}
            Some(_) if kubo::is_flatfs(store) || kubo::is_flatfs(&store.join("blocks")) => {
                let why = "it is Kubo's, and other programs know it by its files: name a new \
                           folder, or have Kubo read the backup itself (ipfs dag import)";
                return Err(Error::refused(store, why));
            }
            Some(entry) => {
                let hint = format!(
                    "there is {}; name an empty or a new folder",
                    entry.display()
                );
                let path = store.clone();
                return Err(crate::Error::NotAStore { path, hint }.into());
            }
        },
    }
    let first = "before-restore".to_owned();
    let more = (2..).map(|n| format!("before-restore-{n}"));
    for what in std::iter::once(first).chain(more) {
        let kept = beside(store, &what);
        let there = disk.look(&kept);
        if there.map_err(|e| Error::io("look at", &kept, e))?.is_none() {
            let name = kept.file_name().and_then(|name| name.to_str());
            let odd = || Error::refused(store, "its name is no text: name another folder");
            return Ok(Some(name.ok_or_else(odd)?.to_owned()));
        }
    }
    Ok(None)
}

/// Removes what an interrupted restore left.
fn clear(disk: &dyn Disk, fresh: &Path) -> Result<()> {
    let failed = |e| Error::io("clear", fresh, e);
    if disk.look(fresh).map_err(failed)?.is_none() {
        return Ok(());
    }
    let _lock = Lock::folder_only(fresh, Mode::Exclusive)?;
    let ours = match Journal::read(disk, fresh)? {
        Some(journal) => !journal.ready,
        None => {
            let names = disk.list(fresh).map_err(failed)?;
            names.iter().all(|(name, _)| name == JOURNAL_NEW)
        }
    };
    if !ours {
        let why = "a restore fills a new store under this name, and there is something else: \
                   rename or remove it";
        return Err(Error::refused(fresh, why));
    }
    swap::discard(disk, fresh).map_err(failed)
}

/// A new store of what is in the backup, closed and on disk.
fn fill(
    input: &Input<'_>,
    config: &Config,
    site: &Site,
    how: Restore,
    watch: &dyn Watch,
) -> Result<Restored> {
    let (disk, fresh) = (&*config.disk, &site.fresh);
    disk.make_dir(fresh)
        .and_then(|()| Journal::filling().write(disk, fresh))
        .map_err(|e| Error::io("begin a restore in", fresh, e))?;
    let config = config
        .clone()
        .with_path(fresh)
        .with_durability(Durability::Batch);
    let store = Persistent::open(&config)?;
    let end = input
        .read(how, watch, &mut |batch| Ok(store.apply(batch)?))
        .and_then(|restored| {
            store.sync()?;
            if !how.plain {
                input.count(&store, &restored)?;
            }
            Ok(restored)
        });
    let closed = store.close();
    let restored = end?;
    closed?;
    disk.sync_tree(fresh)
        .map_err(|e| Error::io("flush", fresh, e))?;
    Ok(restored)
}

/// From here on the new store takes the place of the old one, whoever finishes it.
fn make_ready(config: &Config, site: &Site, keep: Option<&str>) -> Result<Lock> {
    let lock = Lock::folder_only(&site.fresh, Mode::Exclusive)?;
    if config.disk.is_os()
        && let Ok(old) = std::fs::metadata(&site.store)
    {
        // Whoever could enter the old one can enter the new one; if not, its owner sees to it.
        let _ = std::fs::set_permissions(&site.fresh, old.permissions());
    }
    Journal::ready(keep.map(str::to_owned))
        .write(&*config.disk, &site.fresh)
        .map_err(|e| Error::io("end the restore in", &site.fresh, e))?;
    Ok(lock)
}

/// After a swap that failed: if nothing has moved, nothing shall.
fn give_up(disk: &dyn Disk, site: &Site) {
    let stays = matches!(disk.look(&site.store), Ok(Some(_)))
        && matches!(Journal::read(disk, &site.fresh), Ok(Some(_)));
    if stays && Journal::filling().write(disk, &site.fresh).is_ok() {
        // What is left is what an interrupted restore leaves, and the next one removes it.
        let _ = swap::discard(disk, &site.fresh);
    }
}

/// Where another file system begins, nothing can be renamed.
#[cfg(target_os = "linux")]
fn refuse_mounted(store: &Path) -> Result<()> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    // An old kernel that does not know says nothing, and then the swap itself fails.
    let mounted = statx(CWD, store, AtFlags::empty(), StatxFlags::empty())
        .is_ok_and(|stat| stat.stx_attributes.contains(StatxAttributes::MOUNT_ROOT));
    if mounted {
        let why = "a file system is mounted there, which nothing can be swapped with: name a \
                   folder in it";
        return Err(Error::refused(store, why));
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn refuse_mounted(_store: &Path) -> Result<()> {
    Ok(())
}
