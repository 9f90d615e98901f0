//! The source, removed once it is proven to be elsewhere.
//!
//! ```text
//! 1  a journal in the source names the destination        s, whole
//! 2  the source gets a name that nobody opens             .s.removed, whole
//! 3  the destination notes where it came from
//! 4  the journal says that what follows removes
//! 5  all goes, the journal last                           .s.removed, a part of it
//! ```
//!
//! Each step is durable before the next one. What the next call finds before step 4 gets its name
//! back, and is moved once more, wherever that call moves it to. After it the destination that the
//! journal names has everything, and only a call that names it, too, removes what is left. A folder
//! of that name without a journal is not ours, and stays.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use datastore::{Datastore, Disk};

use super::journal::{JOURNAL, Journal};
use super::note;
use super::places::Places;
use super::{Error, Result};
use crate::lock::{Lock, Mode};
use crate::ops::{old, swap};
use crate::place::parent;
use crate::{Config, Kind, Persistent, kubo, manifest};

/// Refuses a folder that is not the store's alone.
pub(super) fn look(disk: &dyn Disk, kind: Kind, path: &Path) -> Result<()> {
    if !is_there(disk, &path.join(manifest::NAME))? {
        return Err(Error::refused(
            path,
            "it is not a store of ours, and is not removed: leave --remove-source out",
        ));
    }
    old::look(disk, kind, path)
}

/// Closes the source and removes it.
pub(super) fn run(from: &Config, source: &Persistent, to: &Config, places: &Places) -> Result<()> {
    let (disk, path) = (&*from.disk, &*places.home);
    // Nobody opens it between its close and its end.
    let _held = source.close_and_hold()?;
    // What came in meanwhile stays, too.
    look(disk, from.kind, path)?;
    let going = going(path);
    if is_there(disk, &going)? {
        return Err(in_the_way(&going));
    }
    let journal = Journal::of(to, places);
    journal.write(disk, path)?;
    let renamed = disk
        .rename(path, &going)
        .and_then(|()| disk.sync_dir(parent(path)))
        .map_err(|error| Error::io("rename", path, error));
    let noted = renamed.and_then(|()| {
        if is_ours(to, places)? {
            note::write(&*to.disk, &places.to, &places.names(disk)?)?;
        }
        journal.begun().write(disk, &going)
    });
    if let Err(error) = noted {
        // If that fails, too, the next call does it.
        let _ = put_back(disk, path, &going);
        return Err(error);
    }
    remove(disk, &going)?;
    unlink(disk, places)
}

/// What an earlier call did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// Nothing that is left to see: the source, if there is one, is whole and has its name.
    Nothing,
    /// It had begun to remove the source, which is removed now.
    Begun,
    /// It had removed the source.
    Done,
}

/// Finishes what an earlier removal began, or undoes it.
///
/// # Errors
/// [`Error::Refused`] for what is left of a store that another destination has, and for what stands
/// where the source would be renamed to.
pub(super) fn finish(disk: &dyn Disk, to: &Config, places: &Places) -> Result<Earlier> {
    let (path, going) = (&*places.home, going(&places.home));
    let gone = !is_there(disk, path)?;
    let mut begun = false;
    if is_there(disk, &going)? {
        let _lock = lock(disk, &going)?;
        match read(disk, &going)? {
            None if is_empty(disk, &going)? => rid(disk, &going)?,
            // Whatever it is, nobody needs its name.
            None if gone => {}
            None => return Err(in_the_way(&going)),
            Some(journal) if journal.removing => {
                if !(journal.names(to, places) && has_it(disk, to, places)?) {
                    return Err(left(&going, &journal));
                }
                // One that does not even open has nothing.
                Persistent::open(to)?.close()?;
                remove(disk, &going)?;
                begun = true;
            }
            Some(_) if gone => {
                put_back(disk, path, &going).map_err(|error| Error::io("rename", &going, error))?;
                return Ok(Earlier::Nothing);
            }
            Some(_) => {
                return Err(Error::refused(
                    &going,
                    "it is a whole store that was to be removed, and there is a new one of its \
                     name: migrate it by this name first",
                ));
            }
        }
    }
    if !gone || !(begun || (is_ours(to, places)? && has_it(disk, to, places)?)) {
        return Ok(Earlier::Nothing);
    }
    unlink(disk, places)?;
    Ok(if begun { Earlier::Begun } else { Earlier::Done })
}

/// Refuses a source whose removal was begun: without an end to that there is no store.
pub(super) fn refuse_begun(disk: &dyn Disk, places: &Places) -> Result<()> {
    let going = going(&places.home);
    if is_there(disk, &places.home)? || !is_there(disk, &going)? {
        return Ok(());
    }
    match read(disk, &going)? {
        None => Ok(()),
        Some(_) => Err(Error::refused(
            &going,
            "the store's removal was begun, and it has this name now: give --remove-source to go on",
        )),
    }
}

/// The journal in the folder `going`, which has to be one, and no link to one.
fn read(disk: &dyn Disk, going: &Path) -> Result<Option<Journal>> {
    let is_link = disk.is_os() && going.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
    match is_link {
        true => Ok(None),
        false => Journal::read(disk, going),
    }
}

fn is_there(disk: &dyn Disk, path: &Path) -> Result<bool> {
    let found = disk.look(path);
    Ok(found
        .map_err(|error| Error::io("look for", path, error))?
        .is_some())
}

fn is_empty(disk: &dyn Disk, going: &Path) -> Result<bool> {
    match disk.list(going) {
        Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(false),
        listed => Ok(listed
            .map_err(|error| Error::io("list", going, error))?
            .is_empty()),
    }
}

/// Whoever removes it has its lock. The locks are the system's, and so may be without a folder.
fn lock(disk: &dyn Disk, going: &Path) -> Result<Option<Lock>> {
    if !disk.is_os() && !going.is_dir() {
        return Ok(None);
    }
    Ok(Some(Lock::folder_only(going, Mode::Exclusive)?))
}

/// Gives a whole source its name back.
fn put_back(disk: &dyn Disk, path: &Path, going: &Path) -> std::io::Result<()> {
    if disk.look(going)?.is_some() {
        disk.rename(going, path)?;
    }
    disk.sync_dir(parent(path))?;
    disk.remove_file(&path.join(JOURNAL))?;
    disk.sync_dir(path)
}

fn remove(disk: &dyn Disk, going: &Path) -> Result<()> {
    swap::discard_last(disk, going, JOURNAL)
        .and_then(|()| disk.sync_dir(parent(going)))
        .map_err(|error| Error::io("remove", going, error))
}

/// Removes an empty folder.
fn rid(disk: &dyn Disk, going: &Path) -> Result<()> {
    disk.remove_dir(going)
        .and_then(|()| disk.sync_dir(parent(going)))
        .map_err(|error| Error::io("remove", going, error))
}

/// Removes the link by which the source was named: it leads nowhere now.
fn unlink(disk: &dyn Disk, places: &Places) -> Result<()> {
    let Some(link) = places.link(disk)? else {
        return Ok(());
    };
    match disk.remove_file(&link) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("remove", link, error)),
        _ => Ok(()),
    }
}

/// Whether the destination says that it has what was in the source; of Kubo's, which take no notes,
/// whether it is there.
fn has_it(disk: &dyn Disk, to: &Config, places: &Places) -> Result<bool> {
    if is_ours(to, places)? {
        return note::tells(&*to.disk, &places.to, &places.names(disk)?);
    }
    let kubos = [places.to.clone(), places.to.join("blocks")];
    Ok(to.disk.is_os() && kubos.iter().any(|dir| kubo::is_flatfs(dir)))
}

/// Whether the destination is a store that takes notes; Kubo's are not written to.
fn is_ours(to: &Config, places: &Places) -> Result<bool> {
    let manifest = manifest::Manifest::read(&*to.disk, &places.to, to.kind)?;
    Ok(manifest.is_some())
}

fn in_the_way(going: &Path) -> Error {
    Error::refused(
        going,
        "the source gets this name before it is removed, and there is something else: move it away",
    )
}

fn left(going: &Path, journal: &Journal) -> Error {
    let what = format!(
        "it is what is left of a store that was moved to {}:{}, and proven there: name that as \
         the destination, or remove this yourself",
        journal.kind,
        journal.to.display()
    );
    Error::refused(going, what)
}

/// The name under which a store is removed.
fn going(path: &Path) -> PathBuf {
    super::places::beside(path, "removed")
}
