//! The versions of the trees, proven before fjall reads them.
//!
//! ```text
//! keyspaces/1/current    number of a version: 8 bytes · sum of its file: 16 bytes · kind of sum: 1 byte
//! keyspaces/1/v0, v1 …   which tables and blob files the tree consists of
//! ```
//!
//! All numbers are little-endian, and the sum is XXH3 of 128 bits. fjall 3.1 writes it and does
//! not look at it. So one flipped bit could hide all tables; in a part that fjall asserts, it ends
//! the process, because a second panic follows while the first is cleaned up.

use std::fs;
use std::io;
use std::path::Path;

use datastore::{Error, Result};
use xxhash_rust::xxh3::xxh3_128;

/// The kind of sum that fjall has so far.
const XXH3: u8 = 0;

/// Proves the versions of all trees of the database in `dir`. Only a crash leaves a tree without one.
///
/// # Errors
/// [`Error::Corrupt`] if one is not what was written, or missing where it must be.
pub fn check(dir: &Path, unclean: bool) -> Result<()> {
    let format = dir.join("version");
    if !unclean && !fs::exists(&format).map_err(|error| Error::io("look for", &format, error))? {
        return missing(&format);
    }
    let keyspaces = dir.join("keyspaces");
    let entries = match fs::read_dir(&keyspaces) {
        Ok(entries) => entries,
        // What else is missing fjall says.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("list", &keyspaces, error)),
    };
    for entry in entries {
        let tree = entry
            .map_err(|error| Error::io("list", &keyspaces, error))?
            .path();
        let current = tree.join("current");
        match fs::read(&current) {
            Ok(bytes) => check_version(&tree, &current, &bytes)?,
            // A crash came before its first version: fjall begins it again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => match unclean {
                true => {}
                false => return missing(&current),
            },
            Err(error) => return Err(Error::io("read", &current, error)),
        }
    }
    Ok(())
}

fn missing(path: &Path) -> Result<()> {
    corrupt(path, "it is missing")
}

fn corrupt(path: &Path, what: &str) -> Result<()> {
    Err(Error::Corrupt {
        path: path.to_owned(),
        what: format!("{what}; salvage the store, or restore a backup"),
    })
}

fn check_version(tree: &Path, current: &Path, bytes: &[u8]) -> Result<()> {
    let [number @ .., kind] = bytes else {
        return corrupt(current, "it is empty");
    };
    let Some((number, sum)) = number.split_first_chunk::<8>() else {
        return corrupt(current, "it is too short");
    };
    let Ok(sum) = <[u8; 16]>::try_from(sum) else {
        return corrupt(current, "it has not the length of a version and its sum");
    };
    if *kind != XXH3 {
        return corrupt(current, "its sum is of no known kind");
    }
    let version = tree.join(format!("v{}", u64::from_le_bytes(*number)));
    match fs::read(&version) {
        Ok(bytes) if xxh3_128(&bytes) == u128::from_le_bytes(sum) => Ok(()),
        Ok(_) => corrupt(&version, "it is not what was written"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => missing(&version),
        Err(error) => Err(Error::io("read", &version, error)),
    }
}
