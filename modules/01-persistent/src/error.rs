//! What can go wrong while a store is opened, sorted by what the caller can do about it.
//!
//! Once a store is open its operations give [`datastore::Error`], as every datastore does.

use std::path::PathBuf;

use crate::Kind;
use crate::lock::Holders;

/// An error of opening a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Fix the input.
    /// No engine has this name.
    #[error("there is no backend {given:?}: {hint}")]
    UnknownKind {
        /// What was given.
        given: String,
        /// What to use instead.
        hint: &'static str,
    },
    /// The engine exists but this program was built without it.
    #[error(
        "this program was built without {kind}: install libclang (on Debian: apt install \
         libclang-dev), then run it with `cargo run --features {kind} --bin 01-persistent`"
    )]
    NotBuilt {
        /// The engine.
        kind: Kind,
    },
    /// The path is there, but is no folder.
    #[error("{} is not a folder: name a folder for the store, or a new path", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The folder holds something that is no store of ours.
    #[error("{} holds files but no store: {hint}", path.display())]
    NotAStore {
        /// The folder.
        path: PathBuf,
        /// What to do.
        hint: String,
    },
    /// There is nothing to open, and a read-only open creates nothing.
    #[error("there is no store in {}: put something there first", path.display())]
    NoStore {
        /// The folder.
        path: PathBuf,
    },
    /// The store belongs to another engine.
    #[error(
        "{} is a {found} store, not a {asked} one: open it as {found}, or name another path",
        path.display()
    )]
    WrongKind {
        /// The folder.
        path: PathBuf,
        /// The engine that keeps it.
        found: String,
        /// The engine that was asked for.
        asked: Kind,
    },
    /// The store was written by a later release.
    #[error(
        "{} has format version {found}, and this program knows up to {known}: use a newer release",
        path.display()
    )]
    NewerVersion {
        /// The folder.
        path: PathBuf,
        /// The version in the manifest.
        found: u64,
        /// The newest version known here.
        known: u64,
    },
    /// The folder lies on a file system whose locks may not keep other machines out.
    #[error(
        "{} is on a network file system ({fs}), where a lock may not keep other machines out: use \
         a local folder, or allow it (--allow-network-fs) if no other machine writes there",
        path.display()
    )]
    NetworkFs {
        /// The folder.
        path: PathBuf,
        /// The file system, by name.
        fs: &'static str,
    },

    // Close the other process.
    /// Another process, or this one, has the store open.
    #[error("{} is in use by {holders}: close it there first", path.display())]
    Locked {
        /// The store's folder.
        path: PathBuf,
        /// Who has it.
        holders: Holders,
    },

    // Repair.
    /// A restore was interrupted while two stores changed places, and it cannot be finished.
    #[error("a restore was interrupted, and cannot be finished: {}: {what}", path.display())]
    Interrupted {
        /// What is in the way.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        what: String,
    },
    /// The manifest is not what was written.
    #[error(
        "{} is damaged: {what}; restore it from a copy, or, if the engine of this store is known, \
         write {{\"cairn\":\"store\",\"version\":2,\"kind\":\"NAME\",\"ready\":true}} there",
        path.display()
    )]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A store that was not closed did not survive being opened in a child process.
    #[error(
        "{} was not closed, and opening it in a child process failed ({what}): work on a copy, or \
         restore a backup",
        path.display()
    )]
    Suspect {
        /// The store's folder.
        path: PathBuf,
        /// How the child ended, and what it said last.
        what: String,
    },

    /// An error of the store itself.
    #[error(transparent)]
    Store(#[from] datastore::Error),
}
