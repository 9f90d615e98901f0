//! Files that are to be written, and may not be the store's own.

use std::io;
use std::path::Path;

use super::{Error, Result};
use crate::Persistent;

/// Refuses a file in the folder of `store`, by whatever links: writing there would replace what is
/// read.
///
/// # Errors
/// [`Error::Refused`], and those of looking for the file's folder.
pub fn refuse_within(store: &Persistent, file: &Path) -> Result<()> {
    let Some(home) = store.path() else {
        return Ok(());
    };
    let real = |path: &Path| path.canonicalize();
    let home = real(home).map_err(|e| Error::io("look for", home, e))?;
    let target = match real(file) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => real(folder(file)),
        found => found,
    };
    match target {
        Ok(target) if target.starts_with(home) => {
            let why = "it is in the folder of the store: name a file outside of it";
            Err(Error::refused(file, why))
        }
        Ok(_) => Ok(()),
        // Nothing can be written there.
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Error::io("look for", file, e)),
    }
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
