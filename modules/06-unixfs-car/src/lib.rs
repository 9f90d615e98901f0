//! Files and folders as DAGs with the CIDs that Kubo gives them, and CAR archives of them.
//!
//! Read in this order:
//!
//! - [`chunk`]: where a file is cut
//! - [`unixfs`]: what the data of a node says about a file or a folder
//! - [`layout`]: from a row of chunks to a tree
//! - [`folder`]: from entries to a folder
//! - [`root`], [`naming`]: what of a DAG is linked to, and how its blocks are named
//! - [`profile`]: all that decides over a CID, under one name
//! - [`import`]: files and folders in, blocks and a CID out
//! - [`read`]: files out of their blocks
//! - [`hamt`], [`dir`]: folders, and the trie of large ones
//! - [`open`]: what may be either
//! - [`get`]: files and folders written to disk
//! - [`edit`]: files changed in place of being added anew
//! - [`path`]: from a CID to a name below it
//! - [`car`]: files of blocks, in both versions, with an index, into a store and out of it
//! - [`error`]: what can go wrong, sorted by what to do about it

pub mod car;
pub mod chunk;
pub mod dir;
pub mod edit;
pub mod error;
pub mod folder;
pub mod get;
pub mod hamt;
pub mod import;
pub mod layout;
pub mod naming;
mod node;
pub mod open;
pub mod path;
pub mod profile;
pub mod read;
pub mod root;
pub mod unixfs;

pub use block_cid::Cid;
pub use chunk::Chunker;
pub use dir::{Dir, Entry};
pub use edit::Editor;
pub use error::{Error, Result};
pub use folder::Folder;
pub use import::{Importer, Source};
pub use layout::Layout;
pub use open::Opened;
pub use path::Path;
pub use profile::Profile;
pub use read::Reader;
pub use root::{Root, Sink};
