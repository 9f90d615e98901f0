//! What fjall says, as errors of the datastore.

use std::io;
use std::path::Path;

use ::fjall::LsmError;
use datastore::Error;

use super::NAME;
use crate::engines::in_use::InUse;
use crate::guard::Left;

/// When a thread in the background fails, fjall keeps to itself why. With less than this free it
/// was for lack of space: the table that it could not write holds up to 64 MiB, and the journal
/// that it could not begin as much.
const LACKS_SPACE: u64 = 128 << 20;

/// Or for lack of inodes: a table, a file of blobs and a list of both.
const LACKS_INODES: u64 = 16;

pub(super) const SALVAGE: &str = "salvage what is readable into a new store, or restore a copy";

const OTHER_FORMAT: Error = Error::Unsupported {
    engine: NAME,
    feature: "reader for the format of another major version",
    remedy: "migrate the store (fjall 2: with migrate-v2-v3), or copy its blocks into a new store \
             with the release that wrote it",
};

/// What fjall says in a word.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("an earlier write or flush failed: look at the disk, then open the store again")]
    Poisoned,
}

/// An error of opening the database in `dir`.
pub(super) fn opening(dir: &Path, error: fjall::Error) -> Error {
    match error {
        fjall::Error::Io(error) | fjall::Error::Storage(LsmError::Io(error))
            if error.kind() == io::ErrorKind::NotFound =>
        {
            corrupt(dir, "a file is missing")
        }
        error => failed(dir, "open", error),
    }
}

/// An error of trying to `action` (a verb) on the database in `dir`.
pub(super) fn failed(dir: &Path, action: &'static str, error: fjall::Error) -> Error {
    match error {
        fjall::Error::Io(error) | fjall::Error::Storage(LsmError::Io(error)) => {
            match error.kind() {
                io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => corrupt(dir, error),
                _ => Error::io(action, dir, error),
            }
        }
        fjall::Error::InvalidVersion(Some(_))
        | fjall::Error::Storage(LsmError::InvalidVersion(_)) => OTHER_FORMAT,
        fjall::Error::InvalidVersion(None) => corrupt(dir, "its version cannot be read"),
        fjall::Error::Storage(error) => corrupt(dir, error),
        fjall::Error::JournalRecovery(error) => corrupt(dir, format_args!("a journal: {error}")),
        error @ (fjall::Error::Decompress(_)
        | fjall::Error::InvalidTrailer
        | fjall::Error::InvalidTag(_)
        | fjall::Error::Unrecoverable) => corrupt(dir, error),
        fjall::Error::Poisoned => match Left::on(dir) {
            Ok(left)
                if left.bytes < LACKS_SPACE
                    || left.inodes.is_some_and(|inodes| inodes < LACKS_INODES) =>
            {
                Error::io(action, dir, io::ErrorKind::StorageFull.into())
            }
            _ => Error::engine(NAME, action, Refusal::Poisoned),
        },
        fjall::Error::Locked => Error::engine(NAME, action, InUse(dir.to_owned())),
        error => Error::engine(NAME, action, error),
    }
}

fn corrupt(dir: &Path, what: impl std::fmt::Display) -> Error {
    Error::Corrupt {
        path: dir.to_owned(),
        what: format!("{what}; {SALVAGE}"),
    }
}
