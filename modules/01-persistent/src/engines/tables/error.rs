//! What redb says when it fails, as errors of a datastore.

use std::io;
use std::path::Path;

use ::redb::{CommitError, DatabaseError, StorageError, TableError, TransactionError};
use datastore::Error;

use super::Tables;
use crate::engines::in_use::InUse;

impl Tables {
    /// The error of the datastore for what redb said while trying to `action`.
    pub(super) fn failed(&self, action: &'static str, error: StorageError) -> Error {
        storage(self.engine, action, &self.path, error)
    }

    pub(super) fn began(&self, error: TransactionError) -> Error {
        match error {
            TransactionError::Storage(error) => self.failed("read", error),
            error => Error::engine(self.engine, "begin", error),
        }
    }

    pub(super) fn opened(&self, error: TableError) -> Error {
        match error {
            TableError::Storage(error) => self.failed("read", error),
            // All are made with the file.
            error => Error::Corrupt {
                path: self.path.clone(),
                what: format!("{error}; it was made by another program, or restore a copy of it"),
            },
        }
    }

    pub(super) fn committed(&self, error: CommitError) -> Error {
        match error {
            CommitError::Storage(error) => self.failed("write", error),
            error => Error::engine(self.engine, "commit", error),
        }
    }
}

pub(super) fn opening(engine: &'static str, path: &Path, error: DatabaseError) -> Error {
    match error {
        DatabaseError::Storage(error) => storage(engine, "open", path, error),
        DatabaseError::RepairAborted => Error::ReadOnly {
            path: path.to_owned(),
            reason: NEEDS_REPAIR.to_owned(),
        },
        DatabaseError::UpgradeRequired(_) => Error::Unsupported {
            engine,
            feature: "reader for the file format of redb 2 and older",
            remedy: "copy the blocks into a new store with the program that wrote it",
        },
        DatabaseError::DatabaseAlreadyOpen => Error::engine(engine, "open", InUse(path.to_owned())),
        error => Error::engine(engine, "open", error),
    }
}

/// Why a file that was not closed is not opened for reading alone.
pub(crate) const NEEDS_REPAIR: &str =
    "it was not closed, and repairing it writes to it; open it for writing once";

pub(super) fn storage(
    engine: &'static str,
    action: &'static str,
    path: &Path,
    error: StorageError,
) -> Error {
    let corrupt = |what: &dyn std::fmt::Display| Error::Corrupt {
        path: path.to_owned(),
        what: format!("{what}; salvage what is readable into a new store, or restore a copy"),
    };
    match error {
        StorageError::Corrupted(what) => corrupt(&what),
        // A file of another kind, or one cut short.
        StorageError::Io(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidData
                    | io::ErrorKind::InvalidInput
                    | io::ErrorKind::UnexpectedEof
            ) =>
        {
            corrupt(&error)
        }
        StorageError::Io(error) => Error::io(action, path, error),
        StorageError::DatabaseClosed => Error::Closed,
        error => Error::engine(engine, action, error),
    }
}
