//! The folder beside the new store in which a copy is opened.
//!
//! ```text
//! .fresh.salvage/salvage-copy     says that the folder is a salvage's, and may be removed
//! .fresh.salvage/redb/            the copy
//! ```
//!
//! The mark comes first and goes last: what has none and is not empty belongs to somebody else.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use datastore::Limit;

use super::{Error, Result};
use crate::engines::usage;

const MARK: &str = "salvage-copy";

const TEXT: &[u8] = b"a copy of a damaged store, which the next salvage removes\n";

/// A folder that goes when it is dropped.
pub(super) struct Copy(pub PathBuf);

impl Copy {
    /// Makes the folder, in place of one that a killed run left.
    ///
    /// # Errors
    /// [`Error::Refused`] if something else has its name.
    pub fn new(path: PathBuf) -> Result<Copy> {
        if is_left(&path)? {
            discard(&path).map_err(|error| Error::io("remove", &path, error))?;
        }
        fs::create_dir(&path).map_err(|error| Error::io("make", &path, error))?;
        let copy = Copy(path);
        let mark = copy.0.join(MARK);
        fs::File::create_new(&mark)
            .and_then(|mut file| file.write_all(TEXT))
            .map_err(|error| Error::io("write", &mark, error))?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // The next run removes it.
        let _ = discard(&self.0);
    }
}

/// Whether a killed run left a folder there.
fn is_left(path: &Path) -> Result<bool> {
    let failed = |error| Error::io("look at", path, error);
    let foreign = || {
        let why = "a salvage keeps a copy under this name, and there is something else: rename or \
                   remove it";
        Error::refused(path, why)
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
        Ok(meta) if !meta.is_dir() => return Err(foreign()),
        Ok(_) => {}
    }
    let mark = path.join(MARK);
    let marked = match fs::symlink_metadata(&mark) {
        // A kill may have cut it.
        Ok(meta) if meta.is_file() && meta.len() <= TEXT.len() as u64 => {
            TEXT.starts_with(&fs::read(&mark).map_err(failed)?)
        }
        _ => false,
    };
    if marked || fs::read_dir(path).map_err(failed)?.next().is_none() {
        return Ok(true);
    }
    Err(foreign())
}

/// Removes the folder, the mark last.
fn discard(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != MARK {
            fs::remove_file(entry.path())?;
        }
    }
    match fs::remove_file(path.join(MARK)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::remove_dir(path)
}

/// Refuses if a copy of `source` in a folder beside `to` would leave less than `min_free` bytes.
///
/// # Errors
/// [`StorageFull`](datastore::Error::StorageFull).
pub(super) fn refuse_no_room(source: &Path, to: &Path, min_free: u64) -> Result<()> {
    let source = source.canonicalize().unwrap_or(source.to_owned());
    let needed = usage::allocated(&source)?;
    let free = fs2::available_space(to);
    let free = free.map_err(|error| Error::io("measure the space of", to, error))?;
    let available = free.saturating_sub(min_free);
    if needed <= available {
        return Ok(());
    }
    Err(Error::Store(datastore::Error::StorageFull {
        path: to.to_owned(),
        available,
        needed,
        limit: Limit::Disk,
    }))
}
