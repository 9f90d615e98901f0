//! Moving everything in a store to another, on any engine.
//!
//! ```text
//! look      every key of the source that the destination lacks, and its size: is there room?
//! copy      those, each block hashed on its way; 8 MiB at a time, on disk every 64 MiB
//! prove     every key of the source is looked up in the destination, each block hashed once more
//! remove    the source, if that was asked for, and only after all of this and a close
//! ```
//!
//! What the destination has is what was done, so the same call goes on where another ended, however
//! that ended, and one too many finds nothing left to do. A block that an interrupted run left
//! damaged is seen when it is proven, and copied again.

mod copy;
mod places;
mod remove;

use datastore::{Datastore, Key};

use super::{Error, Result, Watch};
use crate::{Config, Durability, Persistent};
pub use copy::Copied;
pub(super) use places::Places;

/// What was moved, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migrated {
    /// Blocks of the source that are in the destination, and whose bytes there have their hash.
    pub blocks: u64,
    /// Other keys of the source that have the same value in the destination.
    pub others: u64,
    /// What this call copied of them; all the rest was there.
    pub copied: Copied,
    /// Blocks that are damaged in the source, or cannot be read there, and are not in the
    /// destination: their CIDs, and what is wrong.
    pub damaged: Vec<(String, String)>,
    /// Other keys that have another value in the destination, which was left as it is.
    pub different: Vec<Key>,
    /// Whether the source was removed.
    pub removed: bool,
}

impl Migrated {
    /// Whether all that is in the source is in the destination.
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty() && self.different.is_empty()
    }
}

/// Copies everything in the store `from` into the store `to`, which is made if it is not there.
///
/// The source is opened read-only where its engine can, else exclusively. With `remove` its folder
/// is removed, if all that was in it has been proven to be in the destination.
///
/// # Errors
/// [`Error::Refused`] for stores in memory, in one folder, or one within the other.
/// [`StorageFull`](datastore::Error::StorageFull) before anything is copied, if there is no room
/// for it. [`Error::Stopped`]; and those of either store. The source stays as it is, and the same
/// call goes on from there.
pub fn migrate(from: &Config, to: &Config, remove: bool, watch: &dyn Watch) -> Result<Migrated> {
    let places = Places::of(from, to)?;
    let disk = &*from.disk;
    if remove && remove::finish(disk, &places.home)? {
        // All else was done before the removal began.
        return Ok(Migrated {
            removed: true,
            ..Migrated::default()
        });
    }
    places.refuse_to_make_the_source(from)?;
    if remove {
        remove::look(disk, from.kind, &places.home)?;
    }
    let mut reading = from.clone();
    reading.read_only = !remove && from.kind.shares_readers();
    let source = Persistent::open(&reading)?;
    // Each block is on disk before the source may go; until then a flush a block would be wasted.
    let target = Persistent::open(&to.clone().with_durability(Durability::Batch))?;

    let end = places
        .room(&source, &target, to, watch)
        .and_then(|()| copy::run(&source, &target, watch));
    let closed = target.close();
    let mut done = end?;
    closed?;
    if remove && done.is_whole() {
        remove::run(disk, &source, &places.home)?;
        done.removed = true;
    } else {
        source.close()?;
    }
    Ok(done)
}

fn stop(watch: &dyn Watch) -> Result<()> {
    if watch.stops() {
        Err(Error::Stopped)
    } else {
        Ok(())
    }
}
