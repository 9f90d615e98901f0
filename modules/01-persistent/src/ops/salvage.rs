//! What an engine refuses, brought into a fresh store as far as it still hashes.
//!
//! ```text
//! engine    a copy is opened by the engine, and enumerated past what it cannot read
//! read      the files themselves are read, past every index and sum: wherever a block's key and
//!           bytes lie, its hash decides
//! ask       the record of what was acknowledged says what should be there, and is not
//! ```
//!
//! The first step alone would do for a store that only lacks its last page. The second does not
//! trust the damaged index: an index that lost a leaf answers "absent" for good blocks. Nothing is
//! believed that is not hashed, and nothing in the source is written to. Blocks that had been
//! deleted may come back, where their bytes are still there; that harms nobody.
//!
//! No hash stands over the other keys. They come only from an engine that opens the copy and finds
//! nothing wrong with it; otherwise those whose names can be read are told as lost.
//!
//! | engine | what is read past the index | what is lost with one flipped bit |
//! | --- | --- | --- |
//! | file | every block's file, whatever its folder | the block of that file |
//! | redb | every leaf page, in use or not, of every file | the block that it hits |
//! | fjall | every record and entry of every file | the block that it hits; with compression, the table page of 4 KiB |
//! | rocksdb | every record and entry of every file | the block that it hits; with compression, the table page of 4 KiB |

mod engine;
mod file;
mod fjall;
mod redb;
mod rescue;
mod rocksdb;
mod scan;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use datastore::{Datastore, Key};

use super::migrate::Places;
use super::proof::name;
use super::{Error, Result, Silent, Watch, stat};
use crate::acks::Reading;
use crate::lock::{Lock, Mode};
use crate::{Config, Durability, Kind, Persistent, engines};
use rescue::Rescue;

/// What came back, and what did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Salvaged {
    /// Blocks that are in the new store, each of them hashed.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many this call brought that the engine did not give, and the files did.
    pub past_the_index: u64,
    /// Other keys that are in the new store.
    pub others: u64,
    /// Blocks that should be there and are not: the CIDs of those that can be named.
    pub lost: Vec<String>,
    /// Other keys whose names were found, and whose values cannot be trusted.
    pub lost_others: Vec<String>,
    /// What cannot be read at all, and why: files, or the engine on its copy.
    pub unreadable: Vec<(PathBuf, String)>,
}

impl Salvaged {
    /// Whether everything came back, as far as can be known.
    pub fn is_whole(&self) -> bool {
        self.lost.is_empty() && self.lost_others.is_empty()
    }
}

/// Brings everything in the damaged store `from` that can be proven into the store `to`, which is
/// made if it is not there.
///
/// The engine opens a copy of the source, in a folder beside `to`: if [`Config::probe`] of `from`
/// names a program, first in a child process, so that whatever it does there ends nobody else; if
/// not, in this process, where its panics are caught. The copy is removed at the end.
///
/// # Errors
/// [`Error::Refused`] for stores in memory, in one folder, or one within the other;
/// [`Error::Stopped`], and those of the new store. The same call does it again.
pub fn salvage(from: &Config, to: &Config, watch: &dyn Watch) -> Result<Salvaged> {
    let places = Places::of(from, to)?;
    places.refuse_to_make_the_source(from)?;
    // A Kubo folder has no place for a lock file, and is only read.
    let data = engines::data_dir(from.kind, &places.home);
    let is_kubo = from.kind == Kind::File && !data.is_dir();
    let _lock = match is_kubo {
        true => Lock::folder_only(&places.home, Mode::Shared)?,
        false => Lock::acquire(&places.home, Mode::Shared)?,
    };

    let target = Persistent::open(&to.clone().with_durability(Durability::Batch))?;
    let mut rescue = Rescue::new(&target, watch);
    let end = fill(from, &places, &mut rescue);
    let end = end.and_then(|()| {
        let lost = missing(from, &places.home, &target, &rescue)?;
        Ok((lost, stat(&target, &Silent)?))
    });
    let done = rescue.done;
    let closed = target.close();
    let (lost, there) = end?;
    closed?;
    Ok(Salvaged {
        blocks: there.blocks,
        bytes: there.bytes,
        others: there.others,
        lost: lost.iter().map(name).collect(),
        ..done
    })
}

fn fill(from: &Config, places: &Places, rescue: &mut Rescue<'_>) -> Result<()> {
    engine::run(from, places, rescue)?;
    rescue.past_the_index();
    let read = match from.kind {
        Kind::File => file::read,
        Kind::Redb => redb::read,
        Kind::Fjall => fjall::read,
        Kind::Rocksdb => rocksdb::read,
        Kind::Memory => |_: &Path, _: &mut Rescue<'_>| Ok(()),
    };
    let mut folders = vec![places.home.clone()];
    while let Some(folder) = folders.pop() {
        rescue.go_on()?;
        match list(&folder) {
            Ok((below, files)) => {
                folders.extend(below);
                files.iter().try_for_each(|path| read(path, rescue))?;
            }
            Err(error) => rescue.unreadable(&folder, error),
        }
    }
    file::exchanged(rescue)?;
    rescue.finish()
}

/// The folders and files in `folder`; links are passed over.
fn list(folder: &Path) -> io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            folders.push(entry.path());
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok((folders, files))
}

/// Blocks that are recorded, or named in a file, and that are not in the new store.
fn missing(
    from: &Config,
    home: &Path,
    target: &Persistent,
    rescue: &Rescue<'_>,
) -> datastore::Result<BTreeSet<Key>> {
    let mut missing = BTreeSet::new();
    for key in rescue.named() {
        if !target.has(key)? {
            missing.insert(key.clone());
        }
    }
    let ledger = Reading::open(&*from.disk, home)?;
    if let Some(records) = ledger.whole() {
        // A ledger that is damaged itself says what it can.
        let said = records.each(&mut |key, claim| {
            if !claim.perhaps && !target.has(key)? {
                missing.insert(key.clone());
            }
            Ok(())
        });
        if let Err(error) = said
            && !matches!(error, datastore::Error::Corrupt { .. })
        {
            return Err(error);
        }
    }
    Ok(missing)
}

fn stop(watch: &dyn Watch) -> Result<()> {
    if watch.stops() {
        Err(Error::Stopped)
    } else {
        Ok(())
    }
}
