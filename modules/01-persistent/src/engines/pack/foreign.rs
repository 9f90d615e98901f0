//! What in a folder of blocks is not ours.

use std::path::{Path, PathBuf};

use datastore::disk::Kind;
use datastore::{Disk, Error, Result};

use super::torn::{self, TORN};
use super::{run, segment};

/// The first file or folder in the folder of blocks `root` that this engine did not make: it makes
/// segments, runs, and in `torn/` copies of what it cut off.
///
/// # Errors
/// Those of listing.
pub(crate) fn foreign(disk: &dyn Disk, root: &Path) -> Result<Option<PathBuf>> {
    let list = |dir: &Path| {
        let names = disk.list(dir);
        names.map_err(|error| Error::io("list", dir, error))
    };
    for (name, kind) in list(root)? {
        let path = root.join(&name);
        match kind {
            Kind::File if is_file(&name) => {}
            Kind::Folder if name == TORN => {
                let is_ours = |name: &str| torn::is_ours(finished(name));
                let mut files = list(&path)?.into_iter();
                let other = files.find(|(name, kind)| *kind != Kind::File || !is_ours(name));
                if let Some((name, _)) = other {
                    return Ok(Some(path.join(name)));
                }
            }
            _ => return Ok(Some(path)),
        }
    }
    Ok(None)
}

/// Whether a segment or a run has this name, or gets it when it is written.
fn is_file(name: &str) -> bool {
    segment::number(name).is_some() || run::stretch(finished(name)).is_some()
}

/// The name that a file gets when it is written.
fn finished(name: &str) -> &str {
    name.strip_suffix(".new").unwrap_or(name)
}
