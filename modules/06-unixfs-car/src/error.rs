//! What can go wrong, sorted by what the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The result of an operation on files, folders and archives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Fix the request.
    /// No chunker is called this.
    #[error("{text:?} is no chunker: {reason}")]
    Chunker {
        /// What was given.
        text: String,
        /// The rule it breaks, or what there is.
        reason: String,
    },
    /// These options do not go together, or one has a value that it cannot have.
    #[error("{option} cannot be used: {reason}")]
    Option {
        /// The option, as `ipfs add` calls it.
        option: &'static str,
        /// Why, and what to do.
        reason: String,
    },

    // Fix the bytes.
    /// The data of a node is no UnixFS.
    #[error("the node is no file or folder of UnixFS: byte {offset} of its data: {reason}")]
    Decode {
        /// Where the fault begins, in bytes from the start of the node's data.
        offset: usize,
        /// The rule they break.
        reason: String,
    },

    // Look at the system, and retry.
    /// Reading or writing outside the store failed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// It was stopped, since its caller asked for that.
    #[error("stopped")]
    Stopped,

    // As 00 and 05 sort them.
    /// A CID, a block, or the store of blocks.
    #[error(transparent)]
    Blocks(#[from] block_cid::Error),
    /// A node, or a DAG of nodes.
    #[error(transparent)]
    Dag(#[from] dag_ipld::Error),
}

impl Error {
    /// An error of the operating system while trying to `action` (a verb) `path`.
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: io::Error) -> Error {
        Error::Io {
            action,
            path: path.as_ref().to_owned(),
            source: Arc::new(source),
        }
    }
}
