//! The root of a DAG.

use crate::{Cid, Result};

/// A DAG, as what links to it has to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    /// Its root.
    pub cid: Cid,
    /// How many bytes of a file it has; 0 for a folder.
    pub bytes: u64,
    /// How many bytes its blocks have, those that are linked twice counted twice: the `Tsize` of
    /// a link to it.
    pub dag: u64,
}

/// What takes the nodes that are built.
pub trait Sink {
    /// Names the bytes of a dag-pb block, and keeps it.
    ///
    /// # Errors
    /// Those of naming it, and of the store.
    fn node(&mut self, block: Vec<u8>) -> Result<Cid>;
}
