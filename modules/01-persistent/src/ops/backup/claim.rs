//! The file that a backup is written to before it gets its name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::ops::{Error, Result};

/// The name of a file with `.new` behind.
pub(crate) fn new_name(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// Keeps a second backup from writing to the same file: a lock on it, as on a store. What a
/// killed backup leaves is locked by nobody, and is written anew.
#[derive(Debug)]
pub(crate) struct Claim(#[allow(dead_code, reason = "held, never used")] Option<File>);

impl Claim {
    /// Makes the file if there is none, and locks it.
    ///
    /// # Errors
    /// [`Error::Refused`] if another process has it.
    pub fn of(new: &Path) -> Result<Claim> {
        let failed = |action, error| Error::io(action, new, error);
        let other = || Error::refused(new, "another backup is being written there: wait for it");
        if std::fs::metadata(new).is_ok_and(|meta| !meta.is_file()) {
            return Err(Error::refused(new, "it is no file: remove it"));
        }
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(new)
            .map_err(|e| failed("open", e))?;
        match fs2::FileExt::try_lock_exclusive(&file) {
            Ok(()) => {}
            Err(e) if e.raw_os_error() == fs2::lock_contended_error().raw_os_error() => {
                return Err(other());
            }
            // A medium without locks is no reason to have no backup.
            Err(e) if e.kind() == io::ErrorKind::Unsupported => return Ok(Claim(None)),
            Err(e) => return Err(failed("lock", e)),
        }
        // The other may just have given it its name.
        if !crate::lock::same_file(&file, new)? {
            return Err(other());
        }
        Ok(Claim(Some(file)))
    }
}
