//! What must hold, on every engine that is built.
//!
//! | file | what must hold |
//! | --- | --- |
//! | `contract` | the promises of a datastore, and those of blocks |
//! | `compact` | what was deleted gives its space back |
//! | `meta` | damaged keys that are no blocks cost no block of a pack store |
//! | `migrate` | a store moved to another engine is all there, however often it is begun |
//! | `mirror` | no engine can be told from the model in memory, also after it was opened again |
//! | `kill` | a killed writer loses nothing that was acknowledged |
//! | `power` | nor does a power cut |
//! | `crash` | nor does one in any state that a disk may be left in, on a disk in memory |
//! | `cars` | what a pack store consists of is read by others' readers of CARs |
//! | `race` | of many openers exactly one gets the store |
//! | `locking` | who has it is named; readers share; nothing is left to clean up |
//! | `disk` | a full disk is a typed error, and writing resumes; quotas |
//! | `full` | on a full disk a store opens, reads, deletes, is compacted, and writes again |
//! | `calls` | a writer killed at any system call loses nothing |
//! | `flush` | after a failed flush nothing is acknowledged |
//! | `flip` | damaged files never give wrong bytes, and never end the process |
//! | `salvage` | of a damaged store every block comes back that was not hit |
//! | `faults` | what a crash left lying about, read-only media, no file handles |
//! | `trace` | nothing is acknowledged before it is on disk, by the record of system calls |
//!
//! `CAIRN_KINDS=rocksdb,file` selects engines; for the other variables see `testkit::run`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod calls;
mod cars;
mod compact;
mod contract;
mod crash;
mod disk;
mod faults;
mod flip;
mod flush;
mod full;
mod history;
mod kill;
mod locking;
mod meta;
mod migrate;
mod mirror;
mod power;
mod race;
mod restart;
mod salvage;
mod trace;
mod writer;

use std::path::Path;

use datastore::error::chain;
use persistent::{Config, Durability, Kind, Persistent};

/// The engines on disk that are built, and selected by `CAIRN_KINDS`.
fn kinds() -> Vec<Kind> {
    let selected = std::env::var("CAIRN_KINDS").ok();
    let selected: Option<Vec<Kind>> =
        selected.map(|names| names.split(',').map(|name| name.parse().unwrap()).collect());
    let kinds: Vec<Kind> = Kind::built()
        .filter(|kind| kind.is_on_disk())
        .filter(|kind| selected.as_ref().is_none_or(|s| s.contains(kind)))
        .collect();
    assert!(
        !kinds.is_empty(),
        "CAIRN_KINDS selects no engine of this build"
    );
    kinds
}

/// A store of this kind in the folder `store` of `dir`. Nothing stays free: the guard has tests
/// of its own, and the disks here are small.
fn config(kind: Kind, dir: &Path) -> Config {
    Config::new(kind)
        .with_path(dir.join("store"))
        .with_min_free(0)
}

fn durability(name: &str) -> Durability {
    match name {
        "each" => Durability::Each,
        "batch" => Durability::Batch,
        "none" => Durability::None,
        other => panic!("no durability {other}"),
    }
}

/// How the store that was opened must never end up.
fn open(config: &Config) -> Persistent {
    Persistent::open(config).unwrap_or_else(|error| panic!("{config:?}: {error}"))
}

/// Where the children of these tests begin; see `testkit::child`.
#[test]
#[ignore = "run by other tests, as a process of its own"]
fn child() {
    match testkit::child::role().as_deref() {
        Some("writer") => writer::run(),
        Some("opener") => race::opener(),
        Some("holder") => locking::holder(),
        Some("filler") => full::looks::filler(),
        Some("damaged") => flip::damaged(),
        Some("mover") => migrate::lab::mover(),
        Some("flipper") => flip::flipper(),
        other => panic!("no role {other:?}"),
    }
}
