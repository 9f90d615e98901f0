//! The source, removed once it is proven to be elsewhere.
//!
//! Its folder is renamed first, so that a crash leaves it whole under its name, or what is left of
//! it under one that nobody opens: `.NAME.removed`, beside it. The next call removes that.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use datastore::Disk;

use super::{Error, Result};
use crate::engines::tables::parent;
use crate::{Kind, Persistent, engines, manifest};

/// How the names begin that a store's folder may have beside that of its data.
const OURS: [&str; 7] = [
    "store.json",
    "lock",
    ".lock",
    "meta.redb",
    "acks",
    "ballast",
    "quarantine",
];

/// Refuses a folder that is not the store's alone.
pub(super) fn look(disk: &dyn Disk, kind: Kind, path: &Path) -> Result<()> {
    let entries = disk.list(path);
    let entries = entries.map_err(|error| Error::io("list", path, error))?;
    if !entries.iter().any(|(name, _)| name == manifest::NAME) {
        return Err(Error::refused(
            path,
            "it is not a store of ours, and is not removed: leave --remove-source out",
        ));
    }
    let data = engines::data_dir(kind, path);
    let is_data = |name: &str| data.file_name().is_some_and(|data| data == name);
    let foreign = entries.iter().map(|(name, _)| name);
    let mut foreign =
        foreign.filter(|name| !is_data(name) && !OURS.iter().any(|ours| name.starts_with(ours)));
    match foreign.next() {
        None => Ok(()),
        Some(name) => Err(Error::refused(
            path.join(name),
            "it is no part of the store, and would be removed with it: move it away first",
        )),
    }
}

/// Closes the source and removes it.
pub(super) fn run(disk: &dyn Disk, source: &Persistent, path: &Path) -> Result<()> {
    // Nobody opens it between its close and its end.
    let held = source.close_and_hold()?;
    let going = going(path);
    disk.rename(path, &going)
        .and_then(|()| disk.sync_dir(parent(path)))
        .map_err(|error| Error::io("rename", path, error))?;
    drop(held);
    finish(disk, path).map(drop)
}

/// Removes what an earlier removal left; true if that is all there is.
pub(super) fn finish(disk: &dyn Disk, path: &Path) -> Result<bool> {
    let going = going(path);
    let removed = disk.remove_tree(&going);
    match removed.and_then(|()| disk.sync_dir(parent(path))) {
        Ok(()) => {
            let left = disk.look(path);
            let left = left.map_err(|error| Error::io("look for", path, error))?;
            Ok(left.is_none())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io("remove", &going, error)),
    }
}

fn going(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.removed"))
}
