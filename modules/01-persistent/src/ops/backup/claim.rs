//! The file that a backup is written to before it gets its name.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use block_cid::{Cid, car};

use super::contents;
use crate::ops::within::refuse_within;
use crate::ops::{Error, Result};
use crate::{Persistent, lock};

/// The name of a file with `.new` behind.
pub(crate) fn new_name(file: &Path) -> PathBuf {
    named(file, ".new")
}

fn named(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The root that the header of a backup names until the backup is whole: that of nothing.
///
/// # Errors
/// None that is known.
pub(crate) fn no_root() -> Result<Cid> {
    let nothing = contents::block(&()).map_err(|why| Error::refused("header", why))?;
    Ok(*nothing.cid())
}

/// Keeps a second backup from writing to the same file: a lock on it, as on a store. What a
/// killed backup leaves is locked by nobody, and is written anew; what does not begin as that
/// does is somebody else's, and is left alone. So is what a backup left that was killed when it was
/// whole and had no name yet.
#[derive(Debug)]
pub(crate) struct Claim {
    /// The file.
    pub path: PathBuf,
    _lock: File,
}

impl Claim {
    /// Makes and locks a file beside `file`, under the first name that is free, or that of a killed
    /// backup.
    ///
    /// # Errors
    /// [`Error::Refused`] if another process writes there, or if it would be in the folder of
    /// `store`.
    pub fn of(store: &Persistent, file: &Path) -> Result<Claim> {
        let more = (2..100).map(|n| named(file, &format!(".new-{n}")));
        for path in std::iter::once(new_name(file)).chain(more) {
            refuse_within(store, &path)?;
            if let Some(lock) = take(&path)? {
                return Ok(Claim { path, _lock: lock });
            }
        }
        let why = "every name is taken that a backup could be written under until it is whole: \
                   remove what begins with this name and .new";
        Err(Error::refused(file, why))
    }
}

/// The locked file, or `None` if `path` is somebody else's.
fn take(path: &Path) -> Result<Option<File>> {
    let failed = |action, error| Error::io(action, path, error);
    let other = || Error::refused(path, "another backup is being written there: wait for it");
    match std::fs::symlink_metadata(path) {
        // A link, too: what it leads to is not ours.
        Ok(meta) if !meta.is_file() => return Ok(None),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed("look at", error));
        }
        _ => {}
    }
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    // It may have become a link since.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits() as i32,
    );
    let mut file = options.open(path).map_err(|e| failed("open", e))?;
    match fs2::FileExt::try_lock_exclusive(&file) {
        Ok(()) => {}
        Err(e) if e.raw_os_error() == fs2::lock_contended_error().raw_os_error() => {
            return Err(other());
        }
        // A medium without locks is no reason to have no backup.
        Err(e) if e.kind() == io::ErrorKind::Unsupported => {}
        Err(e) => return Err(failed("lock", e)),
    }
    // The other may just have given it its name.
    if !lock::same_file(&file, path)? {
        return Err(other());
    }
    let ours = car::Writer::new(Vec::new(), &[no_root()?])?.finish()?;
    let mut begins = Vec::new();
    let read = (&mut file).take(ours.len() as u64).read_to_end(&mut begins);
    read.map_err(|e| failed("read", e))?;
    Ok(ours.starts_with(&begins).then_some(file))
}
