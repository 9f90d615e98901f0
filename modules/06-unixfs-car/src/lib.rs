//! Files and folders as DAGs with the CIDs that Kubo gives them, and CAR archives of them.
//!
//! Read in this order:
//!
//! - [`chunk`]: where a file is cut
//! - [`unixfs`]: what the data of a node says about a file or a folder
//! - [`read`]: files out of their blocks
//! - [`hamt`], [`dir`]: folders, and the trie of large ones
//! - [`path`]: from a CID to a name below it
//! - [`car`]: files of blocks, in both versions, with an index, into a store and out of it
//! - [`error`]: what can go wrong, sorted by what to do about it

pub mod car;
pub mod chunk;
pub mod dir;
pub mod error;
pub mod hamt;
mod node;
pub mod path;
pub mod read;
pub mod unixfs;

pub use block_cid::Cid;
pub use chunk::Chunker;
pub use dir::{Dir, Entry};
pub use error::{Error, Result};
pub use path::Path;
pub use read::Reader;
