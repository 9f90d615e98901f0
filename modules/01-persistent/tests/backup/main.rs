//! A backup holds what it has to, says when it is damaged, and its restore leaves the old store
//! or the new one.
//!
//! | file | what must hold |
//! | --- | --- |
//! | `round` | what was saved from any engine is restored on any other |
//! | `load` | what was acknowledged before a backup began is in it, whoever writes meanwhile |
//! | `flips` | no bit can be flipped and no end cut off unnoticed |
//! | `missing` | what the store should have and does not give is named, and the rest is saved |
//! | `foreign` | other programs read it, and follow its links to every block |
//! | `hostile` | what others make up is a typed error, and takes no memory to speak of |
//! | `crash` | a power cut at any point leaves a whole backup or none, the old store or the new one |
//! | `kill` | a backup or a restore that is killed leaves nothing that is in the way |
//! | `room` | a full disk leaves no half file, and the old store |
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod crash;
mod flips;
mod foreign;
mod hold;
mod hostile;
mod kill;
mod load;
mod missing;
mod room;
mod round;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use block_cid::{Block, Hash};
use datastore::{Batch, Datastore, Key};
use persistent::ops::{self, Backup, LeftOut, Restore, Restored, Saved, Silent};
use persistent::{Config, Durability, Kind, Persistent};
use testkit::Rng;

/// What is in a store: keys and values.
type Contents = BTreeMap<Vec<u8>, Vec<u8>>;

/// The engines that are built, and selected by `CAIRN_KINDS`.
fn kinds() -> Vec<Kind> {
    let selected = std::env::var("CAIRN_KINDS").ok();
    let selected: Option<Vec<Kind>> =
        selected.map(|names| names.split(',').map(|name| name.parse().unwrap()).collect());
    let kinds: Vec<Kind> = Kind::built()
        .filter(|kind| selected.as_ref().is_none_or(|s| s.contains(kind)))
        .collect();
    assert!(!kinds.is_empty(), "CAIRN_KINDS selects no engine");
    kinds
}

fn on_disk() -> impl Iterator<Item = Kind> {
    kinds().into_iter().filter(|kind| kind.is_on_disk())
}

fn config(kind: Kind, path: &Path) -> Config {
    let config = Config::new(kind).with_min_free(0);
    if kind.is_on_disk() {
        let config = config.with_path(path);
        config.with_durability(Durability::Batch)
    } else {
        config
    }
}

fn open(kind: Kind, path: &Path) -> Persistent {
    let config = config(kind, path);
    Persistent::open(&config).unwrap_or_else(|error| panic!("{config:?}: {error}"))
}

/// Blocks of many lengths and some hashes, and keys of many forms.
fn fill(store: &Persistent, seed: u64, count: u64) {
    let hashes = [Hash::SHA2_256, Hash::BLAKE3, Hash::SHA2_512];
    let mut rng = Rng::of(seed, &[count]);
    let mut batch = Batch::new();
    for n in 0..count {
        let len = [0, 1, 100, 4096, 50_000][rng.below(5) as usize] + rng.below(10) as usize;
        let hash = hashes[rng.below(3) as usize];
        let block = Block::new(block_cid::codec::DAG_PB, hash, rng.bytes(len)).unwrap();
        let key = Key::block(&block.cid().hash().to_bytes()).unwrap();
        batch.put(key, block.data().clone());
        let name: String = (0..1 + rng.below(40))
            .map(|_| char::from_u32(1 + rng.below(0x2_0000) as u32).unwrap_or('/'))
            .filter(|c| *c != '/')
            .collect();
        let len = rng.below(300) as usize;
        if let Ok(key) = Key::new(&format!("/odd/{n}/{name}")) {
            batch.put(key, rng.bytes(len));
        }
    }
    store.apply(batch).unwrap();
    store.sync().unwrap();
}

fn contents(store: &dyn Datastore) -> Contents {
    let entries = store.query(&Key::root()).unwrap();
    entries
        .map(|entry| {
            let (key, value) = entry.unwrap();
            (key.as_bytes().to_vec(), value.to_vec())
        })
        .collect()
}

/// What is in the store at `path`, which is closed.
fn contents_of(kind: Kind, path: &Path) -> Contents {
    let store = open(kind, path);
    let found = contents(&store);
    store.close().unwrap();
    found
}

fn backup(store: &Persistent, file: &Path) -> ops::Result<Saved> {
    backup_noting(store, file, &mut |left| panic!("{left:?}"))
}

fn backup_noting(
    store: &Persistent,
    file: &Path,
    left_out: &mut dyn FnMut(LeftOut),
) -> ops::Result<Saved> {
    let mut how = Backup::of(store.kind().name());
    how.min_free = 0;
    ops::backup(store, file, &how, &Silent, left_out)
}

fn restore(file: &Path, kind: Kind, path: &Path) -> ops::Result<Restored> {
    ops::restore(file, &config(kind, path), Restore::default(), &Silent)
}

fn check(file: &Path) -> ops::Result<Restored> {
    ops::check(file, Restore::default(), &Silent)
}

/// A store with these contents, closed, and a backup of it.
fn saved(dir: &Path, seed: u64, count: u64) -> (PathBuf, Contents) {
    std::fs::create_dir_all(dir).unwrap();
    let (path, file) = (dir.join("source"), dir.join("backup.car"));
    let store = open(Kind::Redb, &path);
    fill(&store, seed, count);
    backup(&store, &file).unwrap();
    let found = contents(&store);
    store.close().unwrap();
    (file, found)
}

/// Every file below `dir`: its bytes and its time of change.
fn tree(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(path) = todo.pop() {
        let meta = std::fs::symlink_metadata(&path).unwrap();
        let mut bytes = Vec::new();
        if meta.is_dir() {
            todo.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else {
            bytes = std::fs::read(&path).unwrap();
        }
        files.insert(path, (bytes, meta.modified().unwrap()));
    }
    files
}

/// The names in a folder.
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Where the children of these tests begin; see `testkit::child`.
#[test]
#[ignore = "run by other tests, as a process of its own"]
fn child() {
    match testkit::child::role().as_deref() {
        Some("backup") => kill::backing_up(),
        Some("restore") => kill::restoring(),
        other => panic!("no role {other:?}"),
    }
}
