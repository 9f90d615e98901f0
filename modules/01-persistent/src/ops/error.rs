//! What can go wrong with a whole store, sorted by what the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};

pub(super) use datastore::error::chain;

/// The result of an operation on a whole store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of an operation on a whole store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The watch said so, and nothing is half done. The same call of [`migrate`](super::migrate) or
    /// [`salvage`](super::salvage) goes on from there; every other begins anew.
    #[error("stopped; nothing is half done")]
    Stopped,

    // Fix the input.
    /// The operation cannot be done with what was named.
    #[error("{}: {what}", path.display())]
    Refused {
        /// What was named.
        path: PathBuf,
        /// Why it will not do, and what to do instead.
        what: String,
    },

    // Get another copy.
    /// A file that was to be read is not what was written.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        what: String,
    },

    /// An error of opening a store.
    #[error(transparent)]
    Open(#[from] crate::Error),
    /// An error of a store.
    #[error(transparent)]
    Store(#[from] datastore::Error),
    /// An error of blocks.
    #[error(transparent)]
    Blocks(#[from] block_cid::Error),
}

impl Error {
    /// An error of the operating system on `path` while trying to `action` (a verb).
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: io::Error) -> Error {
        Error::Store(datastore::Error::io(action, path, source))
    }

    /// `what` is wrong with what was named by `path`.
    pub fn refused(path: impl AsRef<Path>, what: impl Into<String>) -> Error {
        Error::Refused {
            path: path.as_ref().to_owned(),
            what: what.into(),
        }
    }
}
