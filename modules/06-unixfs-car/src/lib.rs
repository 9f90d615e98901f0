//! Files and folders as DAGs with the CIDs that Kubo gives them, and CAR archives of them.
//!
//! Read in this order:
//!
//! - [`chunk`]: where a file is cut
//! - [`unixfs`]: what the data of a node says about a file or a folder
//! - [`error`]: what can go wrong, sorted by what to do about it

pub mod chunk;
pub mod error;
pub mod unixfs;

pub use block_cid::Cid;
pub use chunk::Chunker;
pub use error::{Error, Result};
