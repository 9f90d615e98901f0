//! What is cut off the end of a log, kept where `salvage` finds it.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use datastore::{Disk, Error, Os, Result};
use xxhash_rust::xxh3::xxh3_64;

/// Where, in the folder of the database. `salvage` reads every file below that.
const FOLDER: &str = "damaged";

/// Keeps these bytes of the `log` of the database in `dir`, durably.
///
/// # Errors
/// [`Error::Io`]; then nothing may be cut off.
pub fn keep(dir: &Path, log: &Path, bytes: &[u8]) -> Result<()> {
    let folder = dir.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|error| Error::io("make", &folder, error))?;
    // The same bytes get the same name, however often the store is opened.
    let number = log.file_stem().unwrap_or_default().to_string_lossy();
    let name = folder.join(format!("{number}-{:016x}", xxh3_64(bytes)));
    let path = name.with_extension(log.extension().unwrap_or_default());
    let new = path.with_extension("new");
    File::create(&new)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&new, &path))
        .and_then(|()| Os.sync_dir(&folder))
        .and_then(|()| Os.sync_dir(dir))
        .map_err(|error| Error::io("write", &path, error))
}

/// What was kept of the database in `dir`.
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub fn kept(dir: &Path) -> Vec<Vec<u8>> {
    match fs::read_dir(dir.join(FOLDER)) {
        Ok(entries) => entries
            .map(|entry| fs::read(entry.unwrap().path()).unwrap())
            .collect(),
        Err(_) => Vec::new(),
    }
}
