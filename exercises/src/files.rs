//! Files, with errors that name them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// The text of a file.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))
}

/// The text of a file, or `None` where there is none.
pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, &error)),
    }
}

/// Writes a file, and the folders above it, unless it has this text already: cargo builds anew what
/// was written anew.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if matches!(fs::read(path), Ok(bytes) if bytes == text.as_bytes()) {
        return Ok(());
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(|error| Error::io("make", dir, &error))?;
    }
    fs::write(path, text).map_err(|error| Error::io("write", path, &error))
}

/// Writes a file so that a power cut leaves the old one or the new one: exercise 01-3, used.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    let steps = || -> io::Result<()> {
        let dir = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir)?;
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        drop(file);
        fs::rename(&new, path)?;
        // Windows opens no folder, and needs no such flush.
        match File::open(dir) {
            Ok(dir) if cfg!(unix) => dir.sync_all(),
            _ => Ok(()),
        }
    };
    steps().map_err(|error| Error::io("write", path, &error))
}

/// FNV-1a, in hexadecimal: enough to see that a text is not the one it was.
pub fn hash(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
