//! Moving everything in a store to another, on any engine.
//!
//! ```text
//! look      every key of the source that the destination lacks, and its size: is there room?
//! copy      those, each block hashed on its way; 8 MiB at a time, on disk every 64 MiB
//! prove     every key of the source is looked up in the destination, each block hashed once more
//! ask       the source's record of acknowledgements: is anything gone that was never deleted?
//! remove    the source, if that was asked for, and only after all of this and a close
//! ```
//!
//! What the destination has is what was done, so the same call goes on where another ended, however
//! that ended, and one too many finds nothing left to do. A block that an interrupted run left
//! damaged is seen when it is proven, and copied again.

mod copy;
mod journal;
mod missing;
mod note;
mod overlap;
mod places;
mod remove;

use datastore::{Datastore, Key};

use super::{Error, Result, Watch};
use crate::manifest::Manifest;
use crate::{Config, Durability, Persistent};
pub use copy::Copied;
pub(super) use journal::{JOURNAL, JOURNAL_NEW};
pub(super) use note::{NOTE, NOTE_NEW};
pub(super) use places::Places;
use remove::Earlier;

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
    /// Blocks that the source acknowledged, that were not deleted, and that are in neither store:
    /// their CIDs.
    pub missing: Vec<String>,
    /// Blocks that the source acknowledged and that are in neither store, and may have been
    /// deleted: the record of that is lost.
    pub perhaps: Vec<String>,
    /// What is wrong with the source's record of acknowledgements, or its listing of blocks: more
    /// may be missing than is known.
    pub record: Vec<String>,
    /// Whether the source was removed.
    pub removed: bool,
    /// Whether an earlier call had done it all, the removal included.
    pub already: bool,
}

impl Migrated {
    /// Whether all that should be in the source is in the destination.
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty()
            && self.different.is_empty()
            && self.missing.is_empty()
            && self.record.is_empty()
    }

    /// Whether the source may go: with it goes its record of what is perhaps missing.
    fn may_go(&self) -> bool {
        self.is_whole() && self.perhaps.is_empty()
    }
}

/// Copies everything in the store `from` into the store `to`, which is made if it is not there.
///
/// The source is opened read-only where its engine can, else exclusively. With `remove` its folder
/// is removed, if all that it has acknowledged has been proven to be in the destination, and nothing
/// else lies in it. Called again after that, it finds by a note in the destination that nothing is
/// left to do. A removal that was cut short before anything was gone is undone first; one that was
/// cut short later is finished, if `to` is the store that it moved everything to.
///
/// # Errors
/// [`Error::Refused`] for stores in memory, in one folder, or one within the other; for a source
/// that is to be removed, and has in its folder what is not its own, or a path that is no text; for
/// what is left of a store that another destination has.
/// [`StorageFull`](datastore::Error::StorageFull) before anything is copied, if there is no room
/// for it. [`Error::Stopped`]; and those of either store. The source stays as it is, and the same
/// call goes on from there.
pub fn migrate(from: &Config, to: &Config, remove: bool, watch: &dyn Watch) -> Result<Migrated> {
    let places = Places::of(from, to)?;
    let disk = &*from.disk;
    if remove {
        places.refuse_what_is_no_text(disk)?;
        let earlier = remove::finish(disk, to, &places)?;
        if earlier != Earlier::Nothing {
            // All else was done before the removal began.
            return Ok(Migrated {
                removed: true,
                already: earlier == Earlier::Done,
                ..Migrated::default()
            });
        }
    } else {
        remove::refuse_begun(disk, &places)?;
    }
    places.refuse_to_make_the_source(from)?;
    if remove {
        remove::look(disk, from.kind, &places.home)?;
    }
    let mut reading = from.clone();
    reading.read_only = !remove && from.kind.shares_readers();
    // A record that was promised is kept, and asked.
    let manifest = Manifest::read(disk, &places.home, from.kind)?;
    reading.acks |= manifest.is_some_and(|manifest| manifest.acks.is_some());
    let source = Persistent::open(&reading)?;
    // Each block is on disk before the source may go; until then a flush a block would be wasted.
    let target = Persistent::open(&to.clone().with_durability(Durability::Batch))?;

    let end = places
        .room(&source, &target, to, watch)
        .and_then(|()| copy::run(&source, &target, watch))
        .and_then(|mut done| {
            missing::look(&source, &target, watch, &mut done)?;
            Ok(done)
        });
    let closed = target.close();
    let mut done = end?;
    closed?;
    if remove && done.may_go() {
        remove::run(from, &source, to, &places)?;
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
