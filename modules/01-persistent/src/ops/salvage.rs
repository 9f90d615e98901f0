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
//! nothing wrong with it; otherwise those whose names can be read are told as lost. `file` and `pack`
//! have them in a file of their own: if that is damaged, it is told, whatever can be read of it.
//!
//! | engine | what is read past the index | what is lost with one flipped bit |
//! | --- | --- | --- |
//! | file | every block's file, whatever its folder | the block of that file |
//! | pack | every section of every segment or CAR, and what was cut off | the block that it hits; none if it hits a head |
//! | redb | every leaf page, in use or not, of every file | the block that it hits |
//! | fjall | every record and entry of every file | the block that it hits; with compression, the table page of 4 KiB |
//! | rocksdb | every record and entry of every file | the block that it hits; with compression, the table page of 4 KiB |

mod copy;
mod engine;
mod file;
mod fjall;
pub(super) mod mark;
mod pack;
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
use super::proof::{GROUP_BYTES, GROUP_ENTRIES, name, prove};
use super::record::{named, walk};
use super::{Error, Result, Watch};
use crate::acks::Reading;
use crate::lock::{Lock, Mode};
use crate::manifest::{self, Manifest};
use crate::{Config, Durability, Kind, Persistent, engines, plan};
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
    /// Files that are damaged so that more of what was in them may be lost than can be named, and how.
    pub unknown: Vec<(PathBuf, String)>,
    /// Other keys that have another value in the new store, and keep it.
    pub different: Vec<String>,
    /// What is wrong with the record of what was acknowledged: more may be lost than can be named.
    pub ledger: Option<String>,
    /// What cannot be read at all, and why: files, or the engine on its copy.
    pub unreadable: Vec<(PathBuf, String)>,
}

impl Salvaged {
    /// Whether everything came back, as far as can be known.
    pub fn is_whole(&self) -> bool {
        self.lost.is_empty()
            && self.lost_others.is_empty()
            && self.unknown.is_empty()
            && self.different.is_empty()
            && self.ledger.is_none()
    }
}

/// Brings everything in the damaged store `from` that can be proven into the store `to`, which is
/// made if it is not there. That has to be empty, or filled by an earlier salvage of the same source,
/// which this call goes on with: what is there is proven, and brought anew if it is damaged.
///
/// The engine opens a copy of the source, in a folder beside `to`: if [`Config::probe`] of `from`
/// names a program, first in a child process, so that whatever it does there ends nobody else; if
/// not, in this process, where its panics are caught. The copy is removed at the end.
///
/// # Errors
/// [`Error::Refused`] for stores in memory, in one folder, or one within the other, and for a new store
/// that holds anything else; [`NoStore`](crate::Error::NoStore), [`NotAStore`](crate::Error::NotAStore)
/// or [`WrongKind`](crate::Error::WrongKind) for a source that is none of this engine, and nothing is
/// made; [`Error::Stopped`], and those of the new store. The same call goes on from there.
pub fn salvage(from: &Config, to: &Config, watch: &dyn Watch) -> Result<Salvaged> {
    let places = Places::of(from, to)?;
    places.refuse_to_make_the_source(from)?;
    refuse_no_store(from, &places.home)?;
    // A Kubo folder has no place for a lock file, and is only read; so is a folder of CARs.
    let data = engines::data_dir(from.kind, &places.home);
    let is_kubo = from.kind == Kind::File && !data.is_dir();
    let _lock = match is_kubo || pack::is_cars(from, &places.home) {
        true => Lock::folder_only(&places.home, Mode::Shared)?,
        false => Lock::acquire(&places.home, Mode::Shared)?,
    };

    let target = Persistent::open(&to.clone().with_durability(Durability::Batch))?;
    let mut rescue = Rescue::new(&target, watch);
    let end = mark::claim(&target, &places.home)
        .and_then(|()| fill(from, &places, to.min_free, &mut rescue))
        .and_then(|()| there(&target, &mut rescue))
        .and_then(|wrong| missing(from, &places.home, &target, &mut rescue, wrong));
    let done = rescue.done;
    let closed = target.close();
    let lost = end?;
    closed?;
    Ok(Salvaged {
        lost: lost.iter().map(name).collect(),
        ..done
    })
}

/// Refuses a folder in which nothing says that it is a store of this engine, however damaged: what
/// would be made of it is an empty store.
fn refuse_no_store(from: &Config, home: &Path) -> Result<()> {
    let (disk, kind) = (&*from.disk, from.kind);
    let has_data = match kind {
        Kind::File => file::is_store(home),
        Kind::Pack if pack::is_cars(from, home) => {
            plan::refuse_ours(disk, home)?;
            true
        }
        Kind::Pack => pack::is_store(&engines::data_dir(kind, home)),
        _ => engines::data_dir(kind, home).is_dir(),
    };
    if has_data {
        return Ok(());
    }
    match Manifest::read(disk, home, kind) {
        Ok(Some(_)) => return Ok(()),
        Ok(None) => {}
        // It says that it is a store, and the record of what was acknowledged may say of what.
        Err(crate::Error::Manifest { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let path = from.path.clone().unwrap_or_else(|| home.to_owned());
    Err(match manifest::foreign_entry(disk, home)? {
        None => crate::Error::NoStore { path },
        Some(entry) => {
            let hint = format!(
                "there is {}, and nothing of {kind}; name the folder of the store, and its engine",
                entry.display()
            );
            crate::Error::NotAStore { path, hint }
        }
    }
    .into())
}

fn fill(from: &Config, places: &Places, min_free: u64, rescue: &mut Rescue<'_>) -> Result<()> {
    engine::run(from, places, min_free, rescue)?;
    rescue.past_the_index(true);
    let files = file::Files::of(from, &places.home);
    let read = |path: &Path, rescue: &mut Rescue<'_>| match from.kind {
        Kind::File => files.read(path, rescue),
        Kind::Redb => redb::read(path, rescue),
        Kind::Fjall => fjall::read(path, rescue),
        Kind::Rocksdb => rocksdb::read(path, rescue),
        Kind::Pack => pack::read(path, rescue),
        Kind::Memory => Ok(()),
    };
    let data = engines::data_dir(from.kind, &places.home);
    let mut folders = roots(from.kind, &places.home);
    while let Some(folder) = folders.pop() {
        rescue.go_on()?;
        match list(&folder) {
            Ok(listed) => {
                folders.extend(listed.folders);
                listed
                    .files
                    .iter()
                    .try_for_each(|path| read(path, rescue))?;
                for link in listed.links {
                    if link != data || !link.is_dir() {
                        rescue.unreadable(&link, "it is a link, which is not followed");
                    }
                }
            }
            Err(error) => rescue.unreadable(&folder, error),
        }
    }
    file::exchanged(rescue)?;
    rescue.finish()
}

/// The folders in which the files of the store in `home` are. That of the engine may be a link.
fn roots(kind: Kind, home: &Path) -> Vec<PathBuf> {
    let data = engines::data_dir(kind, home).canonicalize();
    let elsewhere = data.ok().filter(|data| !data.starts_with(home));
    std::iter::once(home.to_owned()).chain(elsewhere).collect()
}

/// What is in a folder, links apart from what they lead to.
#[derive(Default)]
struct Listed {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
    links: Vec<PathBuf>,
}

fn list(folder: &Path) -> io::Result<Listed> {
    let mut listed = Listed::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            listed.folders.push(entry.path());
        } else if kind.is_file() {
            listed.files.push(entry.path());
        } else if kind.is_symlink() {
            listed.links.push(entry.path());
        }
    }
    Ok(listed)
}

/// Counts what is in the new store, and hashes each block of it; those that are wrong are given back.
fn there(target: &Persistent, rescue: &mut Rescue<'_>) -> Result<BTreeSet<Key>> {
    let (mut group, mut size) = (Vec::new(), 0);
    let mut wrong = BTreeSet::new();
    let mut count = |group: &mut Vec<_>, done: &mut Salvaged| {
        let (proven, bad) = prove(std::mem::take(group));
        done.blocks += proven.len() as u64;
        done.bytes += proven
            .iter()
            .map(|(_, data)| data.len() as u64)
            .sum::<u64>();
        wrong.extend(bad.into_iter().map(|(key, _)| key));
    };
    let mut unreadable = Vec::new();
    for key in target.keys(&Key::root())? {
        rescue.go_on()?;
        let key = key?;
        if key.as_block().is_none() {
            rescue.done.others += 1;
            continue;
        }
        match target.get(&key) {
            Ok(Some(data)) => {
                size += data.len();
                group.push((key, data));
            }
            Ok(None) => {}
            Err(_) => unreadable.push(key),
        }
        if size >= GROUP_BYTES || group.len() >= GROUP_ENTRIES {
            count(&mut group, &mut rescue.done);
            size = 0;
        }
    }
    count(&mut group, &mut rescue.done);
    wrong.extend(unreadable);
    Ok(wrong)
}

/// Blocks that are recorded, or named in a file, and that are not in the new store; and those that
/// are `wrong` there.
fn missing(
    from: &Config,
    home: &Path,
    target: &Persistent,
    rescue: &mut Rescue<'_>,
    wrong: BTreeSet<Key>,
) -> Result<BTreeSet<Key>> {
    let mut missing = wrong;
    for key in rescue.named() {
        if !target.has(key)? {
            missing.insert(key.clone());
        }
    }
    let manifest = Manifest::read(&*from.disk, home, from.kind);
    let is_promised = is_promised(&manifest, from, home);
    let record = manifest.ok().flatten().and_then(|manifest| manifest.acks);
    let ledger = Reading::open(&*from.disk, home, &record.unwrap_or_default())?;
    let wrong = walk(&ledger, &mut |key, claim| {
        if !claim.perhaps && !target.has(key)? {
            missing.insert(key.clone());
        }
        Ok(())
    })?;
    if is_promised || ledger.whole().is_some() {
        rescue.done.ledger = wrong.map(|wrong| named(&ledger, &wrong));
    }
    Ok(missing)
}

/// Whether the store in `home` should have a record of what was acknowledged. Kubo's has none, and
/// neither has one of an old version; what cannot be told should.
fn is_promised(
    manifest: &Result<Option<Manifest>, crate::Error>,
    from: &Config,
    home: &Path,
) -> bool {
    match manifest {
        Ok(Some(manifest)) => manifest.acks.is_some(),
        Ok(None) => engines::data_dir(from.kind, home).is_dir(),
        Err(_) => true,
    }
}

fn stop(watch: &dyn Watch) -> Result<()> {
    if watch.stops() {
        Err(Error::Stopped)
    } else {
        Ok(())
    }
}
