//! What RocksDB says, as errors of the datastore.
//!
//! It says everything in one line of text, `IO error: No space left on device: While appending to
//! file: …`, so the kind is read from how that begins and the cause from what it contains.

use std::io;
use std::path::Path;

use ::rocksdb::ErrorKind;
use datastore::Error;

use super::NAME;
use crate::engines::in_use::InUse;

/// The system's words for what a caller may want to tell apart.
const CAUSES: [(&str, io::ErrorKind); 4] = [
    ("No space left on device", io::ErrorKind::StorageFull),
    ("isk quota exceeded", io::ErrorKind::QuotaExceeded),
    ("File too large", io::ErrorKind::FileTooLarge),
    ("Permission denied", io::ErrorKind::PermissionDenied),
];

/// An error of opening the database in `dir`.
pub(super) fn opening(dir: &Path, error: ::rocksdb::Error) -> Error {
    let said: &str = error.as_ref();
    match error.kind() {
        ErrorKind::IOError
            if said.contains("lock hold by")
                || (said.contains("/LOCK") && said.contains("temporarily unavailable")) =>
        {
            Error::engine(NAME, "open", InUse(dir.to_owned()))
        }
        // `create_if_missing` is off for reading, and a family is named that is not there.
        ErrorKind::InvalidArgument if said.contains("does not exist") => corrupt(dir, &error),
        _ => failed(dir, "open", error),
    }
}

/// An error of trying to `action` (a verb) on the database in `dir`.
pub(super) fn failed(dir: &Path, action: &'static str, error: ::rocksdb::Error) -> Error {
    let said: &str = error.as_ref();
    match error.kind() {
        // All that is asked for by name was made by it.
        ErrorKind::IOError if said.contains("No such file or directory") => corrupt(dir, &error),
        ErrorKind::IOError => {
            let kind = CAUSES.iter().find(|(words, _)| said.contains(words));
            let kind = kind.map_or(io::ErrorKind::Other, |(_, kind)| *kind);
            Error::io(action, dir, io::Error::new(kind, error))
        }
        ErrorKind::Corruption => corrupt(dir, &error),
        ErrorKind::NotSupported => Error::Unsupported {
            engine: NAME,
            feature: "reader for this format",
            remedy: "open the store with the release that wrote it, and copy its blocks into a \
                     new one",
        },
        _ => Error::engine(NAME, action, error),
    }
}

fn corrupt(dir: &Path, error: &::rocksdb::Error) -> Error {
    Error::Corrupt {
        path: dir.to_owned(),
        what: format!("{error}; salvage what is readable into a new store, or restore a copy"),
    }
}
