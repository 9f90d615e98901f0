//! What can go wrong, sorted by what the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Cid;

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
    /// A folder cannot have an entry of this name.
    #[error("{name:?} cannot be an entry of the folder: {reason}")]
    Entry {
        /// The name.
        name: String,
        /// The rule it breaks.
        reason: String,
    },
    /// Neither a file nor a folder nor a symbolic link.
    #[error(
        "cannot add {}: it is a device, a socket or a pipe; leave it out with --ignore, or name a \
         pipe by itself to have what comes out of it",
        path.display()
    )]
    Special {
        /// Where it is.
        path: PathBuf,
    },
    /// The text names nothing in a DAG.
    #[error("{text:?} is no path: {reason}")]
    Path {
        /// What was given.
        text: String,
        /// The rule it breaks, or what is missing here.
        reason: String,
    },
    /// A folder on the path has no such entry.
    #[error("there is no {name:?} in {path}")]
    NoEntry {
        /// The name that was looked for.
        name: String,
        /// The path to the folder without it.
        path: String,
    },
    /// It is something else than what was asked for.
    #[error("{cid} is {found}, and no {wanted}{}", remedy(found, wanted))]
    Kind {
        /// The node.
        cid: Box<Cid>,
        /// What it is, with its article.
        found: &'static str,
        /// What was wanted, without one.
        wanted: &'static str,
    },
    /// An entry of a folder cannot have this name on disk.
    #[error(
        "{:?} is not written to disk: {reason}; keep the DAG in a CAR to have all of it",
        short(path)
    )]
    Name {
        /// The entry, below what was asked for.
        path: PathBuf,
        /// What its name would do.
        reason: &'static str,
    },
    /// What lies on disk is not replaced.
    #[error("{} is not replaced: {reason}", path.display())]
    InTheWay {
        /// What is there.
        path: PathBuf,
        /// What it is, and what to do.
        reason: String,
    },
    /// Some of it is on disk, and not all.
    #[error(
        "{} was not written; {} has {}",
        short(path), to.display(), before(*files)
    )]
    Partial {
        /// Where it was to be.
        to: PathBuf,
        /// What was to be written when it ended, below what was asked for.
        path: PathBuf,
        /// How many files were written.
        files: u64,
        /// Why it ended.
        source: Box<Error>,
    },
    /// More than was allowed.
    #[error("it has more than {limit} {what}; raise the limit if that is expected")]
    Budget {
        /// Bytes, or entries.
        what: &'static str,
        /// How many were allowed.
        limit: u64,
    },

    // Get the blocks.
    /// A block is not in the store.
    #[error("block {cid} is not in the store; import or fetch it")]
    Missing {
        /// The block.
        cid: Box<Cid>,
    },
    /// A block of a file is not in the store.
    #[error(
        "block {cid} is not in the store, and file {file} has its byte {offset} there; import or \
         fetch it, or read on behind it"
    )]
    MissingPart {
        /// The block.
        cid: Box<Cid>,
        /// The file.
        file: Box<Cid>,
        /// The first byte of the file that cannot be read, from 0.
        offset: u64,
    },

    // Fix the bytes.
    /// A block is no node of a file or folder; the cause says why.
    #[error("block {cid} is no part of a file or folder")]
    Node {
        /// The block.
        cid: Box<Cid>,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// A codec that files and folders are not made of.
    #[error("its codec is {name}, and files and folders are made of raw and dag-pb")]
    Codec {
        /// The codec of the block, or its number.
        name: String,
    },
    /// The blocks of a file do not fit together.
    #[error("file {file} is damaged at byte {offset}: {reason}")]
    File {
        /// The root of the file.
        file: Box<Cid>,
        /// The byte that was to be read, from 0.
        offset: u64,
        /// The rule they break.
        reason: String,
    },
    /// The blocks of a folder do not fit together.
    #[error("folder {folder} is damaged in block {cid}: {reason}")]
    Folder {
        /// The root of the folder.
        folder: Box<Cid>,
        /// The block.
        cid: Box<Cid>,
        /// The rule it breaks.
        reason: String,
    },
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

    /// What is wrong with the block that `cid` names.
    pub(crate) fn node(cid: &Cid, source: Error) -> Error {
        Error::Node {
            cid: Box::new(*cid),
            source: Box::new(source),
        }
    }

    /// `cid` was to be a `wanted`.
    pub(crate) fn kind(cid: &Cid, found: &'static str, wanted: &'static str) -> Error {
        Error::Kind {
            cid: Box::new(*cid),
            found,
            wanted,
        }
    }

    /// `cid` is a folder, and a file was wanted.
    pub fn not_a_file(cid: &Cid) -> Error {
        Error::kind(cid, "a folder", "file")
    }

    pub(crate) fn missing(cid: &Cid) -> Error {
        Error::Missing {
            cid: Box::new(*cid),
        }
    }
}

/// Parts of a path that are shown, at its start and at its end.
const SHOWN: usize = 8;

/// A path below what was asked for, which may be as deep as a stranger likes.
fn short(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return "an entry without a name".to_owned();
    }
    let depth = path.iter().count();
    if depth <= 2 * SHOWN {
        return path.display().to_string();
    }
    let part = |from, count| path.iter().skip(from).take(count).collect::<PathBuf>();
    let (start, end) = (part(0, SHOWN), part(depth - SHOWN, SHOWN));
    format!("{}/…/{} ({depth} levels)", start.display(), end.display())
}

/// What is there of what was to be written.
fn before(files: u64) -> String {
    match files {
        0 => "no file of it yet".to_owned(),
        1 => "the file before it, and getting it again goes over it".to_owned(),
        _ => format!("the {files} files before it, and getting it again goes over them"),
    }
}

/// What to do with a node that is something else.
fn remedy(found: &str, wanted: &str) -> &'static str {
    match (found, wanted) {
        ("a folder", "file") => "; `ls` lists it, `get` writes all of it to disk",
        ("a symlink", "file") => "; links are not followed, `get` writes one to disk",
        ("a symlink", "folder") => "; links are not followed",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_in_a_line() {
        assert_eq!(short(Path::new("")), "an entry without a name");
        assert_eq!(short(Path::new("a/b")), "a/b");
        let deep = short(&PathBuf::from_iter(["a"; 257]));
        assert_eq!(deep, "a/a/a/a/a/a/a/a/…/a/a/a/a/a/a/a/a (257 levels)");
    }

    #[test]
    fn what_is_there_is_counted_in_words() {
        let wanted = ["no file of it yet", "the file before it", "the 2 files"];
        for (files, wanted) in (0..).zip(wanted) {
            assert!(before(files).starts_with(wanted), "{files}");
        }
    }
}
