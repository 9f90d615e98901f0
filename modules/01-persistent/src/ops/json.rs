//! Small files of JSON in the folder of a store, each with what says that it is ours.

use std::path::Path;

use datastore::Disk;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Error, Result};

/// What the file at `path` says, if it is one of at most `most` bytes and of this form. Anything
/// else is `None`, and is not ours.
///
/// # Errors
/// Those of reading.
pub(super) fn read<T: DeserializeOwned>(
    disk: &dyn Disk,
    path: &Path,
    most: u64,
) -> Result<Option<T>> {
    let failed = |error| Error::io("read", path, error);
    let meta = disk.look(path).map_err(failed)?;
    if !meta.is_some_and(|meta| meta.is_file() && meta.len <= most) {
        return Ok(None);
    }
    let text = disk.read(path).map_err(failed)?.unwrap_or_default();
    Ok(serde_json::from_slice(&text).ok())
}

/// Writes the file at `path`, durably; a crash leaves what was there, or this.
///
/// # Errors
/// Those of writing.
pub(super) fn write(disk: &dyn Disk, path: &Path, what: &impl Serialize) -> Result<()> {
    serde_json::to_vec(what)
        .map_err(std::io::Error::other)
        .and_then(|text| disk.write_whole(path, &text))
        .map_err(|error| Error::io("write", path, error))
}
