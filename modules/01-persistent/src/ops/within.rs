//! Files that are to be written, and may not be the store's own.

use std::io;
use std::path::{Path, PathBuf};

use super::{Error, Result};
use crate::place::parent;
use crate::{Persistent, engines};

/// More links than any system follows.
const MAX_LINKS: usize = 40;

/// Refuses a file in the folder of `store`, by whatever links: writing there would replace what is
/// read. The folder of the engine may itself be a link.
///
/// # Errors
/// [`Error::Refused`], and those of looking for the file's folder.
pub fn refuse_within(store: &Persistent, file: &Path) -> Result<()> {
    let Some(home) = store.path() else {
        return Ok(());
    };
    let real = |path: &Path| path.canonicalize();
    let data = real(&engines::data_dir(store.kind(), home)).ok();
    let home = real(home).map_err(|e| Error::io("look for", home, e))?;
    let failed = |e| Error::io("look for", file, e);
    let named = target(file).map_err(failed)?;
    let target = match real(&named) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => real(parent(&named)),
        found => found,
    };
    let of_store = |target: &Path| {
        target.starts_with(&home) || data.as_ref().is_some_and(|data| target.starts_with(data))
    };
    match target {
        Ok(target) if of_store(&target) => {
            let why = "it is in the folder of the store: name a file outside of it";
            Err(Error::refused(file, why))
        }
        Ok(_) => Ok(()),
        // Nothing can be written there.
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(failed(e)),
    }
}

/// The file that is written to under the name `file`: where a link leads, be it there or not.
///
/// # Errors
/// Those of the system, such as for links that lead to each other.
pub fn target(file: &Path) -> io::Result<PathBuf> {
    let mut file = file.to_owned();
    for _ in 0..MAX_LINKS {
        match file.canonicalize() {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            found => return found,
        }
        match file.read_link() {
            Ok(to) => file = parent(&file).join(to),
            // There is nothing yet.
            Err(_) => return Ok(file),
        }
    }
    Err(io::Error::other("too many links"))
}
