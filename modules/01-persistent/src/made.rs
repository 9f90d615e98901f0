//! The folder that a new store gets, and that goes again if the store is refused.

use std::io;
use std::path::{Path, PathBuf};

use datastore::Disk;

use crate::{Config, Error, lock};

/// What an open has made that may yet be refused; removed when it is dropped.
pub(crate) struct Made<'a> {
    disk: &'a dyn Disk,
    // The deepest first.
    folders: Vec<PathBuf>,
    lock: Option<PathBuf>,
    is_locked: bool,
}

impl<'a> Made<'a> {
    /// Makes the store's folder and those above it, unless it is only read.
    pub fn folder(config: &'a Config, path: &Path) -> Result<Made<'a>, Error> {
        let disk = &*config.disk;
        let is_absent = |path: &Path| {
            let found = disk.look(path);
            found.is_ok_and(|meta| meta.is_none())
        };
        let lock = path.join(lock::NAME);
        let mut made = Made {
            disk,
            folders: Vec::new(),
            lock: Some(lock).filter(|lock| is_absent(lock)),
            is_locked: false,
        };
        if !config.read_only {
            let above = path.ancestors().filter(|path| !path.as_os_str().is_empty());
            let absent = above.take_while(|path| is_absent(path));
            made.folders = absent.map(Path::to_owned).collect();
            disk.make_dir(path).map_err(|e| creating(path, e))?;
        }
        Ok(made)
    }

    /// The lock file is held, and goes, too, if it was made.
    pub fn with_lock(mut self) -> Made<'a> {
        self.is_locked = true;
        self
    }

    /// Nothing goes.
    pub fn keep(mut self) {
        self.folders.clear();
        self.is_locked = false;
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        // What cannot be removed, since others have put something there, stays.
        if let (Some(lock), true) = (&self.lock, self.is_locked) {
            let _ = self.disk.remove_file(lock);
        }
        for folder in &self.folders {
            let _ = self.disk.remove_dir(folder);
        }
    }
}

/// An error of making the store's folder.
pub(crate) fn creating(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => Error::NotAFolder {
            path: path.to_owned(),
        },
        _ => datastore::Error::io("make the folder", path, error).into(),
    }
}
