//! The source, removed once it is proven to be elsewhere.
//!
//! Its folder is renamed first, so that a crash leaves it whole under its name, or what is left of
//! it under one that nobody opens: `.NAME.removed`, beside it. Then the destination notes where
//! it came from, and only then it goes. The next call finishes what a crash left.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use datastore::Disk;

use super::note;
use super::places::Places;
use super::{Error, Result};
use crate::engines::tables::parent;
use crate::ops::old;
use crate::{Config, Kind, Persistent, manifest};

/// Refuses a folder that is not the store's alone.
pub(super) fn look(disk: &dyn Disk, kind: Kind, path: &Path) -> Result<()> {
    let there = disk.look(&path.join(manifest::NAME));
    let there = there.map_err(|error| Error::io("look for a store in", path, error))?;
    if there.is_none() {
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
    let held = source.close_and_hold()?;
    // What came in meanwhile stays, too.
    look(disk, from.kind, path)?;
    let going = going(path);
    disk.rename(path, &going)
        .and_then(|()| disk.sync_dir(parent(path)))
        .map_err(|error| Error::io("rename", path, error))?;
    drop(held);
    finish(disk, to, places).map(drop)
}

/// What an earlier call did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// Nothing that is known.
    Nothing,
    /// It had begun to remove the source, which is removed now.
    Begun,
    /// It had removed the source.
    Done,
}

/// Removes what an earlier removal left, if it had begun.
pub(super) fn finish(disk: &dyn Disk, to: &Config, places: &Places) -> Result<Earlier> {
    let (path, going) = (&*places.home, going(&places.home));
    let look = |path: &Path| {
        let found = disk.look(path);
        found.map_err(|error| Error::io("look for", path, error))
    };
    let link = places.link(disk)?;
    let paths: Vec<PathBuf> = [Some(places.home.clone()), link.clone()]
        .into_iter()
        .flatten()
        .collect();
    let (begun, gone) = (look(&going)?.is_some(), look(path)?.is_none());
    if begun {
        if gone && is_ours(to, places)? {
            note::write(&*to.disk, &places.to, &paths)?;
        }
        disk.remove_tree(&going)
            .and_then(|()| disk.sync_dir(parent(path)))
            .map_err(|error| Error::io("remove", &going, error))?;
    }
    let done = gone && is_ours(to, places)? && note::tells(&*to.disk, &places.to, &paths)?;
    if !gone || !(begun || done) {
        return Ok(Earlier::Nothing);
    }
    if let Some(link) = link {
        // It leads nowhere now.
        match disk.remove_file(&link) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::io("remove", link, error));
            }
            _ => {}
        }
    }
    Ok(if begun { Earlier::Begun } else { Earlier::Done })
}

/// Whether the destination is a store that takes notes; Kubo's are not written to.
fn is_ours(to: &Config, places: &Places) -> Result<bool> {
    let manifest = manifest::Manifest::read(&*to.disk, &places.to, to.kind)?;
    Ok(manifest.is_some())
}

fn going(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.removed"))
}
