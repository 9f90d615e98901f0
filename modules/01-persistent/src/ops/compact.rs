//! Giving back what deleted and replaced values still take on disk.

use datastore::Datastore;

use super::Result;
use crate::Persistent;

/// What a store took on disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compacted {
    /// Before.
    pub before: u64,
    /// After.
    pub after: u64,
}

/// Compacts `store`; see [`Persistent::compact`].
///
/// # Errors
/// What the store says.
pub fn compact(store: &Persistent) -> Result<Compacted> {
    store.sync()?;
    let before = store.disk_usage()?;
    store.compact()?;
    let after = store.disk_usage()?;
    Ok(Compacted { before, after })
}
