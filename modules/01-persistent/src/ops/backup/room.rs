//! Room for a backup on its medium.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datastore::{Limit, MemStore};

use crate::guard::{Cost, Guard};
use crate::ops::{Backup, Error, Result};

/// Looks after the room on the medium of a file: the medium may be the disk of the store, which a
/// backup must not fill up.
pub(crate) struct Room {
    folder: PathBuf,
    guard: Option<Guard<MemStore>>,
}

impl Room {
    /// Room for `file`.
    pub fn of(how: &Backup, file: &Path) -> Room {
        let folder = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let above = || {
            let (store, folder) = (MemStore::new(), folder.clone());
            Guard::new(store, folder, how.min_free, None, Cost::PLAIN)
        };
        // Only the system's own disk can be asked.
        let guard = how.disk.is_os().then(above);
        Room { folder, guard }
    }

    /// Refuses if these bytes would leave too little.
    pub fn admit(&self, bytes: u64) -> Result<()> {
        match &self.guard {
            Some(guard) => Ok(guard.admit(bytes, 0)?),
            None => Ok(()),
        }
    }

    /// An error of writing the CAR at `path`.
    pub fn told(&self, path: &Path, error: block_cid::Error) -> Error {
        match error {
            block_cid::Error::Io { source, .. } => self.told_shared(path, source),
            other => other.into(),
        }
    }

    /// An error of the system while writing `path`.
    pub fn told_io(&self, path: &Path, error: io::Error) -> Error {
        self.told_shared(path, Arc::new(error))
    }

    fn told_shared(&self, path: &Path, source: Arc<io::Error>) -> Error {
        let error = datastore::Error::Io {
            action: "write",
            path: path.to_owned(),
            source,
        };
        if !error.is_out_of_space() {
            return error.into();
        }
        // The system does not say how much was missing.
        Error::Store(datastore::Error::StorageFull {
            path: self.folder.clone(),
            available: fs2::available_space(&self.folder).unwrap_or(0),
            needed: 1,
            limit: Limit::Disk,
        })
    }
}
