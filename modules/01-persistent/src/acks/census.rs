//! Which blocks are live by the records of a ledger, in bounded memory.
//!
//! The last record of a block decides, so all records have to be seen before any block is told.
//! A ledger of more than [`PART`] records is gone through several times, each time for another
//! part of the blocks, drawn by a hash with a key of its own: nobody can choose blocks that all
//! fall into one part.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::Path;

use datastore::disk::DiskFile;
use datastore::{Error, Key};

use super::format::{Note, Point, Walked, What, walk};

/// Blocks whose state is held at once: about 64 bytes each, and twice that while the table grows.
pub(crate) const PART: u64 = 400_000;

/// What the records say of a block that is expected to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// It was acknowledged before it was on disk, and nothing says that it was flushed later.
    pub weak: bool,
    /// It may have been deleted without a record, or was told to be lost before a sync.
    pub perhaps: bool,
    /// Where its last record is, in bytes from the start.
    at: u64,
}

/// What a stretch of a ledger says in all.
#[derive(Debug)]
pub(crate) struct Census {
    /// The blocks that are expected to be there.
    pub live: HashMap<Key, Claim>,
    /// Deletes that the torn end of the file tells of: begun, and perhaps not done.
    pub torn: Vec<Key>,
    pub walked: Walked,
}

/// A stretch of a ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch<'a> {
    pub file: &'a dyn DiskFile,
    /// Where the file is, for errors.
    pub path: &'a Path,
    pub from: Point,
    /// The byte behind the last.
    pub end: u64,
    /// Records in it, at most.
    pub records: u64,
    /// Deletes of all its blocks may be missing.
    pub loose: bool,
}

impl Stretch<'_> {
    /// Whether one pass is enough.
    pub fn is_small(&self) -> bool {
        self.records <= PART
    }

    /// What is live, all at once: for a stretch that is small.
    pub fn census(&self) -> Result<Census, Error> {
        self.part(|_| true)
    }

    /// Where it ends, and nothing of what is live.
    pub fn ends(&self) -> Result<Census, Error> {
        self.part(|_| false)
    }

    /// How many blocks are live, about, as one part of them has it.
    pub fn live(&self) -> Result<u64, Error> {
        let keyed = RandomState::new();
        let parts = self.parts();
        let census = self.part(|key| keyed.hash_one(key) % parts == 0)?;
        Ok(census.live.len() as u64 * parts)
    }

    fn parts(&self) -> u64 {
        self.records.div_ceil(PART).max(1)
    }

    /// Gives every live block once, in no order.
    ///
    /// # Errors
    /// Those of `each`, those of reading, and [`Error::Corrupt`] from a record that names no block.
    pub fn each(
        &self,
        each: &mut dyn FnMut(&Key, Claim) -> Result<(), Error>,
    ) -> Result<Walked, Error> {
        let keyed = RandomState::new();
        let parts = self.parts();
        let mut walked = None;
        for part in 0..parts {
            let census = self.part(|key| keyed.hash_one(key) % parts == part)?;
            walked = Some(census.walked);
            let mut live = census.live.iter();
            live.try_for_each(|(key, claim)| each(key, *claim))?;
        }
        walked.ok_or(Error::Closed)
    }

    fn part(&self, wanted: impl Fn(&Key) -> bool) -> Result<Census, Error> {
        let mut live: HashMap<Key, Claim> = HashMap::new();
        let mut torn = Vec::new();
        let mut synced = 0;
        let walked = walk::<Fault>(self.file, self.from, self.end, &mut |at, note| {
            let (what, bytes) = match note {
                Note::Record(what, bytes) => (what, bytes),
                Note::Torn(bytes) => {
                    torn.push(Key::block(bytes)?);
                    return Ok(());
                }
                Note::Gap => (What::Unsure, &[][..]),
            };
            match what {
                What::Synced => synced = offset(bytes),
                What::Unsure => {
                    live.values_mut().for_each(|live| live.perhaps = true);
                }
                What::Dropped => {
                    let unsynced = |live: &&mut Claim| live.weak && live.at >= synced;
                    let lost = live.values_mut().filter(unsynced);
                    lost.for_each(|live| live.perhaps = true);
                }
                _ => {
                    let key = Key::block(bytes)?;
                    if !wanted(&key) {
                        return Ok(());
                    }
                    let now = |weak, perhaps| Claim { weak, perhaps, at };
                    match what {
                        What::Delete => live.remove(&key),
                        _ => live.insert(key, now(what == What::Weak, what == What::Perhaps)),
                    };
                }
            }
            Ok(())
        })
        .map_err(|fault| match fault {
            Fault::Read(error) => Error::io("read", self.path, error),
            Fault::Store(error) => error,
        })?;
        for live in live.values_mut() {
            live.weak &= live.at >= synced;
            live.perhaps |= self.loose;
        }
        Ok(Census { live, torn, walked })
    }
}

/// The offset that a record of [`What::Synced`] holds.
fn offset(bytes: &[u8]) -> u64 {
    let fold = |number, byte: &u8| number << 8 | u64::from(*byte);
    bytes.iter().rev().fold(0, fold)
}

/// What may go wrong on the way.
enum Fault {
    Read(io::Error),
    Store(Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Read(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Store(error)
    }
}
