//! What is in a folder of the file system.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use super::Filter;
use crate::{Error, Result};

/// The entries of a folder that are not left out, by name.
pub struct Listing {
    path: PathBuf,
    entries: std::vec::IntoIter<(OsString, FileType)>,
}

/// One of them.
pub struct Entry {
    /// Its name, in bytes.
    pub name: Vec<u8>,
    /// Where it is.
    pub path: PathBuf,
    /// What it is; a symbolic link is one.
    pub kind: FileType,
}

impl Listing {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn read(path: PathBuf, filter: &Filter) -> Result<Listing> {
        let entries = list(&path, filter).map_err(|error| Error::io("list", &path, error))?;
        Ok(Listing {
            path,
            entries: entries.into_iter(),
        })
    }

    /// Whether there are no more.
    pub fn is_empty(&self) -> bool {
        self.entries.len() == 0
    }
}

fn list(path: &Path, filter: &Filter) -> std::io::Result<Vec<(OsString, FileType)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        if !filter.excludes(name.as_encoded_bytes()) {
            entries.push((name, entry.file_type()?));
        }
    }
    // By bytes, as Go sorts; the order in which the system gives them is any.
    entries.sort_unstable_by(|(a, _), (b, _)| a.as_encoded_bytes().cmp(b.as_encoded_bytes()));
    Ok(entries)
}

impl Iterator for Listing {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let (name, kind) = self.entries.next()?;
        Some(Entry {
            path: self.path.join(&name),
            name: name.into_encoded_bytes(),
            kind,
        })
    }
}
