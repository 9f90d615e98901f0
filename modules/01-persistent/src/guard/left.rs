//! What a file system has left, by one call of the system.

use std::path::Path;

use datastore::{Error, Result};

/// What a file system has left for this user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub bytes: u64,
    /// `None` where there is no limit.
    pub inodes: Option<u64>,
}

impl Left {
    /// Asks the file system of `path`.
    #[cfg(unix)]
    pub fn on(path: &Path) -> Result<Left> {
        let vfs = rustix::fs::statvfs(path)
            .map_err(|e| Error::io("measure the space of", path, e.into()))?;
        Ok(Left {
            bytes: vfs.f_bavail.saturating_mul(vfs.f_frsize),
            inodes: (vfs.f_files > 0).then_some(vfs.f_favail),
        })
    }

    /// Asks the file system of `path`.
    #[cfg(not(unix))]
    pub fn on(path: &Path) -> Result<Left> {
        let bytes =
            fs2::available_space(path).map_err(|e| Error::io("measure the space of", path, e))?;
        Ok(Left {
            bytes,
            inodes: None,
        })
    }
}
