//! The store of 01-2.

use crate::mine::MemStore;

/// What it is.
pub const WHICH: &str = "mine: a map in memory (01-2)";

/// Where it is.
pub const PLACE: &str = "in memory only";

/// The store.
pub fn open() -> Result<MemStore, datastore::Error> {
    Ok(MemStore::new())
}
