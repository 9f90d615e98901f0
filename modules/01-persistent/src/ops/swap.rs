//! The swap: a store that was filled beside another takes its place.
//!
//! ```text
//! store                  the store that is in use
//! store.restoring        the new one; restore.json in it is the journal of the swap
//! store.before-restore   the old one, once the new one is in place
//! ```
//!
//! The journal moves with the new store, so each state of the names says what was done:
//!
//! | journal | `store` | `store.restoring` | then |
//! | --- | --- | --- | --- |
//! | in `store.restoring`, not ready | old | being filled | the next restore begins anew |
//! | in `store.restoring`, ready | old | new | the two change places, in one step where the file system can |
//! | in `store.restoring`, ready | absent | new | the new one gets its name |
//! | in `store` | new | old | the old one gets its name |
//! | in `store` | new | absent | the journal is removed |
//!
//! From `ready` on the swap goes on, whoever finds it: the restore itself, the next one, or the next
//! open that may write. A read-only open reads the store that has the name, the old or the new one,
//! which is whole, and leaves the rest to a writer; only where none has the name it gives it to the
//! new one. Each step is made durable before the next one, and can be made again. Who makes them holds
//! the locks of both folders, and a lock moves with its folder.

use std::io;
use std::path::{Path, PathBuf};

use datastore::Disk;
use datastore::disk::Kind;
use serde::{Deserialize, Serialize};

use crate::lock::{Lock, Mode};
use crate::{Config, Error};

/// The name of the journal in the folder of the new store.
pub(crate) const JOURNAL: &str = "restore.json";

/// The name of a journal that is being written.
pub(crate) const JOURNAL_NEW: &str = "restore.json.new";

const VERSION: u64 = 1;

/// More than any journal has.
const MAX_LEN: u64 = 64 << 10;

/// Where a swap takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// The store.
    pub store: PathBuf,
    /// The new store, until it is in place.
    pub fresh: PathBuf,
}

impl Site {
    /// Around the store at `path`; a link leads to the folder that is swapped. `None` for a
    /// folder that has no name, such as `/`.
    pub fn of(path: &Path) -> Option<Site> {
        let store = match std::fs::canonicalize(path) {
            Ok(store) => store,
            // Between two renames a link may lead nowhere.
            Err(_) => match std::fs::read_link(path) {
                Ok(to) => path.parent().unwrap_or(Path::new("")).join(to),
                Err(_) => path.to_owned(),
            },
        };
        store.file_name()?;
        let fresh = beside(&store, "restoring");
        Some(Site { store, fresh })
    }

    /// The folder of both.
    pub fn parent(&self) -> &Path {
        self.store.parent().unwrap_or(Path::new(""))
    }
}

/// `store` with `.what` behind.
pub(crate) fn beside(store: &Path, what: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    PathBuf::from(name)
}

/// The journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    cairn: String,
    version: u64,
    /// Whether the new store is whole, and on disk.
    pub ready: bool,
    /// The name that the old store gets; none if there is only an empty folder.
    pub keep: Option<String>,
}

impl Journal {
    /// The journal of a store that is being filled.
    pub fn filling() -> Journal {
        Journal {
            cairn: "restore".into(),
            version: VERSION,
            ready: false,
            keep: None,
        }
    }

    /// The journal of a store that is whole.
    pub fn ready(keep: Option<String>) -> Journal {
        Journal {
            ready: true,
            keep,
            ..Journal::filling()
        }
    }

    /// The journal in the folder `store`, if there is one.
    pub fn read(disk: &dyn Disk, store: &Path) -> Result<Option<Journal>, Error> {
        let path = store.join(JOURNAL);
        let failed = |e| datastore::Error::io("read", &path, e);
        let odd = |what: String| Error::Interrupted {
            path: path.clone(),
            what,
        };
        let there = disk.look(&path).map_err(failed)?;
        let Some(meta) = there.filter(|meta| meta.is_file()) else {
            return Ok(None);
        };
        if meta.len > MAX_LEN {
            return Err(odd("it is longer than any journal".into()));
        }
        let Some(text) = disk.read(&path).map_err(failed)? else {
            return Ok(None);
        };
        let journal: Journal =
            serde_json::from_slice(&text).map_err(|e| odd(format!("it is damaged: {e}")))?;
        if journal.cairn != "restore" || journal.version != VERSION {
            return Err(odd("it is of another release: use that one".into()));
        }
        match &journal.keep {
            Some(name) if name.is_empty() || name.contains('/') || name == ".." => {
                Err(odd("it is damaged: no folder has such a name".into()))
            }
            _ => Ok(Some(journal)),
        }
    }

    /// Writes the journal into the folder `store`; a crash leaves the old one or this.
    pub fn write(&self, disk: &dyn Disk, store: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        disk.write_whole(&store.join(JOURNAL), &text)
    }
}

/// Finishes a swap that a crash has interrupted, if there is one: called before anything else is
/// done with the store at `path`, by every open and every restore. Read-only it does so only if
/// there is no store at `path`: between two renames.
///
/// # Errors
/// [`Error::Locked`] if a restore is under way; [`Error::Interrupted`] if what is there is not
/// what a swap leaves; those of the system.
pub fn recover(config: &Config, path: &Path) -> Result<(), Error> {
    let disk = &*config.disk;
    let Some(site) = Site::of(path) else {
        return Ok(());
    };
    if !is_pending(disk, &site)? {
        return Ok(());
    }
    let failed = |e| datastore::Error::io("look at", &site.store, e);
    if config.read_only && disk.look(&site.store).map_err(failed)?.is_some() {
        // The old store or the new one, and whole.
        return Ok(());
    }
    let _locks = lock(&site)?;
    finish(disk, &site)
}

/// Whether a swap was begun and is not finished.
pub(crate) fn is_pending(disk: &dyn Disk, site: &Site) -> Result<bool, Error> {
    let ready = |dir| Ok::<_, Error>(Journal::read(disk, dir)?.is_some_and(|j| j.ready));
    Ok(ready(&site.store)? || ready(&site.fresh)?)
}

/// Locks those of the two folders that are there.
pub(crate) fn lock(site: &Site) -> Result<Vec<Lock>, Error> {
    let there = [&site.store, &site.fresh].into_iter();
    there
        .filter(|dir| dir.is_dir())
        .map(|dir| Lock::folder_only(dir, Mode::Exclusive))
        .collect()
}

/// Makes the steps of the swap that are left. The caller holds the locks.
///
/// # Errors
/// As [`recover`]. A step that failed can be made again.
pub(crate) fn finish(disk: &dyn Disk, site: &Site) -> Result<(), Error> {
    if let Some(journal) = Journal::read(disk, &site.fresh)?.filter(|j| j.ready) {
        put_in_place(disk, site, &journal)?;
    }
    if let Some(journal) = Journal::read(disk, &site.store)?.filter(|j| j.ready) {
        put_away(disk, site, &journal)?;
    }
    Ok(())
}

/// The new store gets the name of the old one.
fn put_in_place(disk: &dyn Disk, site: &Site, journal: &Journal) -> Result<(), Error> {
    let Site { store, fresh } = site;
    let failed = |e| datastore::Error::io("swap", store, e);
    let present = disk.look(store).map_err(failed)?.is_some();
    let keep = keep(site, journal);
    match (&keep, present) {
        (_, false) => disk.rename(fresh, store).map_err(failed)?,
        (None, true) => {
            disk.remove_dir(store).map_err(failed)?;
            sync(disk, site)?;
            disk.rename(fresh, store).map_err(failed)?;
        }
        (Some(keep), true) => {
            refuse_taken(disk, keep)?;
            match disk.exchange(store, fresh) {
                Err(e) if e.kind() == io::ErrorKind::Unsupported => {
                    disk.rename(store, keep).map_err(failed)?;
                    sync(disk, site)?;
                    disk.rename(fresh, store).map_err(failed)?;
                }
                done => done.map_err(failed)?,
            }
        }
    }
    sync(disk, site)
}

/// The old store gets a name of its own, and the swap is over.
fn put_away(disk: &dyn Disk, site: &Site, journal: &Journal) -> Result<(), Error> {
    let Site { store, fresh } = site;
    let failed = |e| datastore::Error::io("swap", store, e);
    if let Some(keep) = keep(site, journal)
        && disk.look(fresh).map_err(failed)?.is_some()
    {
        refuse_taken(disk, &keep)?;
        disk.rename(fresh, &keep).map_err(failed)?;
        sync(disk, site)?;
    }
    disk.remove_file(&store.join(JOURNAL))
        .and_then(|()| disk.sync_dir(store))
        .map_err(|e| failed(e).into())
}

/// Removes a new store that is not wanted. The journal goes last: it says whose folder this is.
pub(crate) fn discard(disk: &dyn Disk, fresh: &Path) -> io::Result<()> {
    discard_last(disk, fresh, JOURNAL)
}

/// Removes the folder `dir`; its file `last` goes when everything else is gone, durably.
pub(crate) fn discard_last(disk: &dyn Disk, dir: &Path, last: &str) -> io::Result<()> {
    let names = disk.list(dir)?;
    for (name, kind) in names.iter().filter(|(name, _)| name != last) {
        match kind {
            Kind::Folder => disk.remove_tree(&dir.join(name))?,
            Kind::File | Kind::Other => disk.remove_file(&dir.join(name))?,
        }
    }
    disk.sync_dir(dir)?;
    if names.iter().any(|(name, _)| name == last) {
        disk.remove_file(&dir.join(last))?;
    }
    disk.remove_dir(dir)
}

fn keep(site: &Site, journal: &Journal) -> Option<PathBuf> {
    Some(site.parent().join(journal.keep.as_ref()?))
}

fn refuse_taken(disk: &dyn Disk, keep: &Path) -> Result<(), Error> {
    let there = disk.look(keep);
    match there.map_err(|e| datastore::Error::io("look at", keep, e))? {
        None => Ok(()),
        Some(_) => Err(Error::Interrupted {
            path: keep.to_owned(),
            what: "the store that was replaced was to get this name, which is taken: rename it"
                .into(),
        }),
    }
}

fn sync(disk: &dyn Disk, site: &Site) -> Result<(), Error> {
    let synced = disk.sync_dir(site.parent());
    synced.map_err(|e| datastore::Error::io("flush", site.parent(), e).into())
}
