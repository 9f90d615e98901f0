//! What can go wrong, sorted by what the caller can do about it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The result of an operation on a datastore.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Which limit a write ran into; see [`Error::StorageFull`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// The file system has no more room, or writing would leave less than the minimum free.
    Disk,
    /// The file system has no more inodes, though it may have room.
    Inodes,
    /// The store would take more than the quota it was opened with.
    Quota,
}

/// An error of a datastore.
///
/// It can be cloned, because one failed flush is the answer to every write that waited for it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Fix the input.
    /// The text or bytes are no key.
    #[error("{key:?} is no key: {reason}")]
    InvalidKey {
        /// What was given.
        key: String,
        /// The rule it breaks.
        reason: &'static str,
    },
    /// The engine has no such feature.
    #[error("{engine} has no {feature}: {remedy}")]
    Unsupported {
        /// The engine, by the name that selects it.
        engine: &'static str,
        /// What was asked for.
        feature: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },

    // Free some space.
    /// A write was refused, or failed, for lack of room. Reads and deletes go on, and so do
    /// writes once there is room again.
    #[error("{}", full(path, *available, *needed, *limit))]
    StorageFull {
        /// The store's folder.
        path: PathBuf,
        /// What is left: bytes (beyond the minimum free, or of the quota) or inodes.
        available: u64,
        /// What the write asks for, in the same unit.
        needed: u64,
        /// Which limit it is.
        limit: Limit,
    },

    // Open it another way.
    /// The store does not take writes.
    #[error("{} is read-only: {reason}", path.display())]
    ReadOnly {
        /// The store's folder.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// The store was closed before this call.
    #[error("the store is closed: open it again to use it")]
    Closed,

    // Write it again.
    /// The store ran out of space, or of file handles, and its engine had to be opened anew. What
    /// was written without a flush since the last sync that succeeded may be gone by that, and so
    /// may what was being written when this was said. It is said once.
    #[error(
        "{} ran out of room before what was written was synced, and may have lost it: write again \
         what was put or deleted since the last sync that succeeded",
        path.display()
    )]
    Unsynced {
        /// The store's folder.
        path: PathBuf,
    },

    // Look at the system, and retry.
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The engine refused, for a reason of its own.
    #[error("{engine} cannot {action}")]
    Engine {
        /// The engine, by the name that selects it.
        engine: &'static str,
        /// What was tried, as a verb.
        action: &'static str,
        /// What the engine said.
        source: Arc<dyn StdError + Send + Sync>,
    },

    // Repair.
    /// What is on disk is not what was written.
    #[error("{} is damaged: {what}", path.display())]
    Corrupt {
        /// The damaged file, or the store's folder where the engine does not say.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
}

impl Error {
    /// An error of the operating system on `path` while trying to `action` (a verb).
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: io::Error) -> Error {
        Error::Io {
            action,
            path: path.as_ref().to_owned(),
            source: Arc::new(source),
        }
    }

    /// An error of the engine's own while trying to `action` (a verb).
    pub fn engine(
        engine: &'static str,
        action: &'static str,
        source: impl StdError + Send + Sync + 'static,
    ) -> Error {
        Error::Engine {
            engine,
            action,
            source: Arc::new(source),
        }
    }

    /// Whether the operating system, at the bottom of this error, said that there is no room
    /// (`ENOSPC`, `EDQUOT` or, under a file size limit, `EFBIG`).
    pub fn is_out_of_space(&self) -> bool {
        if matches!(self, Error::StorageFull { .. }) {
            return true;
        }
        self.system().is_some_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::FileTooLarge
            )
        })
    }

    /// Whether the operating system, at the bottom of this error, said that this process or all
    /// of them have too many files open (`EMFILE`, `ENFILE`).
    pub fn is_out_of_handles(&self) -> bool {
        // Rust has no kind for these, and Linux, macOS and the BSDs the same numbers.
        const ENFILE: i32 = 23;
        const EMFILE: i32 = 24;
        let code = self.system().and_then(io::Error::raw_os_error);
        cfg!(unix) && matches!(code, Some(ENFILE | EMFILE))
    }

    /// What the operating system said, at the bottom of this error.
    fn system(&self) -> Option<&io::Error> {
        let mut cause: Option<&(dyn StdError + 'static)> = Some(self);
        while let Some(error) = cause {
            if let Some(io) = error.downcast_ref::<io::Error>() {
                return Some(io);
            }
            // An `Arc` is an error of its own type, which hides the one inside.
            cause = if let Some(inner) = error.downcast_ref::<Arc<io::Error>>() {
                Some(inner.as_ref())
            } else if let Some(inner) = error.downcast_ref::<Arc<dyn StdError + Send + Sync>>() {
                Some(inner.as_ref())
            } else {
                error.source()
            };
        }
        None
    }
}

/// An error and its causes on one line: `cannot write /x: no space left on device`.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn full(path: &Path, available: u64, needed: u64, limit: Limit) -> impl fmt::Display {
    let path = path.display();
    match limit {
        Limit::Disk => format!(
            "no space for {needed} bytes in {path}: {available} bytes available beyond the \
             minimum that stays free; free some space, or lower the minimum"
        ),
        Limit::Inodes => format!(
            "no inode for a new file in {path}: {available} available, {needed} needed; remove \
             some files (df -i shows which file system is full)"
        ),
        Limit::Quota => format!(
            "no space for {needed} bytes in {path}: {available} bytes of the quota are left; \
             remove some blocks, or raise the quota"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_space_is_seen_through_the_layers() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        assert!(Error::io("write", "/x", full()).is_out_of_space());
        assert!(Error::engine("redb", "commit", full()).is_out_of_space());
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] io::Error);
        assert!(Error::engine("redb", "commit", Outer(full())).is_out_of_space());
        assert!(!Error::io("write", "/x", io::ErrorKind::NotFound.into()).is_out_of_space());
        assert!(!Error::Closed.is_out_of_space());
    }

    #[test]
    #[cfg(unix)]
    fn a_lack_of_handles_is_seen_too() {
        let lack = |code| Error::io("open", "/x", io::Error::from_raw_os_error(code));
        assert!(lack(24).is_out_of_handles() && lack(23).is_out_of_handles());
        assert!(!lack(28).is_out_of_handles() && !lack(24).is_out_of_space());
    }

    #[test]
    fn the_cause_is_kept() {
        let error = Error::io("write", "/x", io::ErrorKind::PermissionDenied.into());
        assert_eq!(error.to_string(), "cannot write /x");
        assert_eq!(
            error.source().map(|e| e.to_string()).as_deref(),
            Some("permission denied")
        );
    }
}
