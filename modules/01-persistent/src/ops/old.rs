//! A store's folder that is not wanted any more, removed if nothing in it is anybody else's.

use std::io::ErrorKind;
use std::path::Path;

use datastore::Disk;
use datastore::disk::Kind as What;

use super::salvage::mark;
use super::swap::{JOURNAL, JOURNAL_NEW};
use super::{Error, Result, quarantine};
use crate::engines::foreign::foreign;
use crate::engines::meta;
use crate::place::parent;
use crate::{Config, Kind, acks, ballast, engines, lock, manifest};

/// Removes the folder `path` of a store of the engine of `config`, on its disk.
///
/// # Errors
/// [`Error::Refused`] if something in it is not the store's, or if its `quarantine/` is not empty:
/// it may hold the only copy of what is in there. Nothing is removed then.
pub fn remove_old(config: &Config, path: &Path) -> Result<()> {
    let disk = &*config.disk;
    let _lock = lock::Lock::folder_only(path, lock::Mode::Exclusive)?;
    look(disk, config.kind, path)?;
    disk.remove_tree(path)
        .and_then(|()| disk.sync_dir(parent(path)))
        .map_err(|error| Error::io("remove", path, error))
}

/// Refuses a folder that is not the store's alone, by the first name that is not its own.
pub(super) fn look(disk: &dyn Disk, kind: Kind, path: &Path) -> Result<()> {
    for (name, what) in list(disk, path)? {
        let here = path.join(&name);
        match what {
            What::File if is_ours(kind, &name) => {}
            What::Folder if name == quarantine::NAME || is_aside(&name) => {
                if let Some((name, _)) = list(disk, &here)?.first() {
                    let why = "it may be the only copy of these bytes: move it away first";
                    return Err(Error::refused(here.join(name), why));
                }
            }
            What::Folder if is_engines(kind, path, &here) => {
                if let Some(foreign) = foreign(disk, kind, &here)? {
                    return Err(refused(&foreign));
                }
            }
            What::Folder if name == ballast::NAME => {
                for (name, what) in list(disk, &here)? {
                    if what != What::File || !ballast::is_ours(&name) {
                        return Err(refused(&here.join(name)));
                    }
                }
            }
            _ => return Err(refused(&here)),
        }
    }
    Ok(())
}

/// The names of the files that a store has beside the data of its engine.
fn is_ours(kind: Kind, name: &str) -> bool {
    let always = [
        manifest::NAME,
        manifest::TEMPORARY,
        lock::NAME,
        lock::OLD_NAME,
        JOURNAL,
        JOURNAL_NEW,
        acks::NAME,
        acks::NEW,
        super::migrate::JOURNAL,
        super::migrate::JOURNAL_NEW,
        super::migrate::NOTE,
        super::migrate::NOTE_NEW,
        mark::NAME,
        mark::NEW,
    ];
    let has_meta = matches!(kind, Kind::File | Kind::Pack);
    let meta = has_meta && (name == meta::NAME || name == meta::NEW);
    always.contains(&name) || meta || is_aside(name)
}

/// What was no record of acknowledgements, and was given another name.
fn is_aside(name: &str) -> bool {
    let number = name.strip_prefix("acks.damaged-");
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The folder of the engine's data, or that which it is made under.
fn is_engines(kind: Kind, store: &Path, path: &Path) -> bool {
    let data = engines::data_dir(kind, store);
    path == data || (kind == Kind::Fjall && path == data.with_extension("new"))
}

fn list(disk: &dyn Disk, path: &Path) -> Result<Vec<(String, What)>> {
    match disk.list(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(|error| Error::io("list", path, error)),
    }
}

fn refused(path: &Path) -> Error {
    Error::refused(
        path,
        "it is no part of the store, and would be removed with it: move it away first",
    )
}
