//! No block that was acknowledged vanishes without a word, and nothing is missed that was deleted.
//!
//! | file | what must hold |
//! | --- | --- |
//! | `missing` | what an engine lost is named by the next open after an unclean end, and by `verify` |
//! | `ledger` | a ledger that is gone, cut, damaged or another file is told, and made anew |
//! | `seal` | a ledger that is not the one of the last close is told until that is accepted |
//! | `mend` | quarantine, fetching, forgetting |
//! | `full` | a disk without room for records |
//! | `alarms` | whatever was put, deleted, killed and opened: nothing is missed that is not lost |
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod alarms;
mod full;
mod ledger;
mod mend;
mod missing;
mod seal;

use std::fs;
use std::path::Path;

use block_cid::{Block, Blockstore, Cid};
use datastore::{Datastore, Key};
use persistent::ops::verify::{Damage, Fault, Mend, Report};
use persistent::ops::{self, Silent};
use persistent::{Config, Durability, Kind, Persistent};

fn kinds() -> impl Iterator<Item = Kind> {
    Kind::built().filter(|kind| kind.is_on_disk())
}

fn config(kind: Kind, dir: &Path) -> Config {
    Config::new(kind)
        .with_path(dir.join("store"))
        .with_min_free(0)
}

fn open(config: &Config) -> Persistent {
    Persistent::open(config).unwrap()
}

fn block(n: u64) -> Block {
    Block::raw(format!("block {n} "))
}

fn key(block: &Block) -> Key {
    Key::block(&block.cid().hash().to_bytes()).unwrap()
}

fn put(store: &Persistent, blocks: std::ops::Range<u64>) {
    let blocks: Vec<Block> = blocks.map(block).collect();
    store.blocks().put_many(&blocks).unwrap();
}

/// Deletes behind the back of the ledger: as an engine that loses what it was given.
fn lose(kind: Kind, dir: &Path, blocks: impl IntoIterator<Item = u64>) {
    let store = dir.join("store");
    let aside = dir.join("acks aside");
    fs::copy(store.join("acks"), &aside).unwrap();
    let manifest = fs::read(store.join("store.json")).unwrap();
    let engine = open(&config(kind, dir).with_acks(false));
    for n in blocks {
        engine.delete(&key(&block(n))).unwrap();
    }
    engine.close().unwrap();
    fs::rename(&aside, store.join("acks")).unwrap();
    fs::write(store.join("store.json"), manifest).unwrap();
}

/// Verifies the store, and accepts what is missing and what was wrong with the ledger.
fn accept(kind: Kind, dir: &Path) -> Report {
    let store = open(&config(kind, dir));
    let forget = Mend {
        forget: true,
        ..Mend::default()
    };
    let (report, _) = verify(&store, &forget);
    store.close().unwrap();
    report
}

/// As a killed process leaves its lock.
fn unclean(dir: &Path) {
    fs::write(dir.join("store/lock"), "pid 1\nprogram killed\n").unwrap();
}

fn verify(store: &Persistent, mend: &Mend<'_>) -> (Report, Vec<Fault>) {
    let mut faults = Vec::new();
    let report = ops::verify(store, mend, &Silent, &mut |fault| {
        faults.push(fault.clone());
        Ok(())
    })
    .unwrap();
    (report, faults)
}

/// What a verify that changes nothing says is missing; read-only where the engine can.
fn missing(kind: Kind, dir: &Path) -> (Report, Vec<Cid>) {
    let config = config(kind, dir);
    let store = open(&if kind.shares_readers() {
        config.read_only()
    } else {
        config
    });
    let (report, faults) = verify(&store, &Mend::default());
    store.close().unwrap();
    let mut cids: Vec<Cid> = faults
        .into_iter()
        .filter(|fault| fault.damage == Damage::Missing)
        .map(|fault| fault.cid)
        .collect();
    cids.sort();
    (report, cids)
}

fn cids(blocks: impl IntoIterator<Item = u64>) -> Vec<Cid> {
    let mut cids: Vec<Cid> = blocks.into_iter().map(|n| *block(n).cid()).collect();
    cids.sort();
    cids
}

fn promises() -> [Durability; 3] {
    [Durability::Each, Durability::Batch, Durability::None]
}
