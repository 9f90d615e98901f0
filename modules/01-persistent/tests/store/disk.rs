//! A full disk is a typed error: what is there is read on, and writing resumes once there is
//! room. The guard sees it coming; where it cannot, the engine runs into it.
//!
//! The disks are file systems in memory with a file on them that fills what shall be full.

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Error, Limit};
use persistent::{Config, Kind, Persistent};
use testkit::mount::Mount;
use testkit::{Rng, or_skip, report};

use crate::full::{Filler, MIB, free};

/// fjall reserves 64 MiB for a journal, at the opening and when it begins another.
const DISK: &str = "size=400m";

/// What an engine may take beyond the bytes that it was given, before it tidies up: the guard
/// counts what comes in, and looks again every 8 MiB.
fn slack(kind: Kind) -> u64 {
    match kind {
        // Two buffers of 32 MiB that are in its log already become tables after the last look.
        Kind::Rocksdb => 68 * MIB,
        // Its file grows in steps.
        _ => 4 * MIB,
    }
}

fn block(n: u64) -> Block {
    Block::raw(Rng::new(n).bytes(40_000))
}

/// Puts blocks until one is refused: how many were kept, and why the next was not.
fn fill(store: &Persistent, from: u64) -> (u64, Error) {
    for n in from..from + 20_000 {
        match store.blocks().put(&block(n)) {
            Ok(()) => {}
            Err(block_cid::Error::Store(error)) => return (n, error),
            Err(other) => panic!("{}", crate::chain(&other)),
        }
    }
    panic!("{:?} never ran full", store.kind());
}

/// Every acknowledged block is read back.
fn all_there(store: &Persistent, upto: u64, place: &str) {
    for n in 0..upto {
        let found = store
            .blocks()
            .get(block(n).cid())
            .unwrap_or_else(|e| panic!("{place}: block {n} of {upto}: {}", crate::chain(&e)));
        assert!(
            found == Some(block(n)),
            "{place}: block {n} of {upto} is lost"
        );
    }
}

/// The fields of a full disk, which names the store.
pub fn full(error: Error, config: &Config, place: &str) -> (u64, u64, Limit) {
    match error {
        Error::StorageFull {
            path,
            available,
            needed,
            limit,
        } => {
            assert_eq!(Some(path), config.path, "{place}");
            (available, needed, limit)
        }
        other => panic!("{place}: no StorageFull but {}", crate::chain(&other)),
    }
}

#[test]
fn the_guard_refuses_before_the_disk_is_full() {
    const KEPT: u64 = persistent::config::DEFAULT_MIN_FREE;
    for kind in crate::kinds() {
        let Some(disk) = or_skip("disk guard", Mount::tmpfs(DISK)) else {
            return;
        };
        let place = format!("{kind}, guarded");
        let config = crate::config(kind, disk.path()).with_min_free(KEPT);
        let store = crate::open(&config);
        store.blocks().put(&block(0)).unwrap();
        let filler = Filler::leaving(disk.path(), KEPT + 12 * MIB);
        let (kept, error) = fill(&store, 1);
        let (available, needed, limit) = full(error, &config, &place);
        assert_eq!(limit, Limit::Disk, "{place}");
        assert!(
            available < needed && needed >= 40_000,
            "{place}: {available} available, {needed} needed"
        );
        report(&format!(
            "disk {place}: refused after {kept} blocks with {} KiB free of {} KiB to be kept",
            free(disk.path()) >> 10,
            KEPT >> 10
        ));
        assert!(
            free(disk.path()) + slack(kind) >= KEPT,
            "{place}: the minimum is not kept"
        );
        all_there(&store, kept, &place);
        store.blocks().delete(block(kept - 1).cid()).unwrap();
        assert!(
            !store.blocks().has(block(kept - 1).cid()).unwrap(),
            "{place}"
        );
        drop(filler);
        store.blocks().put(&block(kept - 1)).unwrap();
        store.blocks().put(&block(kept)).unwrap();
        all_there(&store, kept + 1, &place);
        store.close().unwrap();
    }
}

#[test]
fn an_engine_that_meets_a_full_disk_reads_on_and_writes_again() {
    for kind in crate::kinds() {
        let Some(disk) = or_skip("full disk", Mount::tmpfs(DISK)) else {
            return;
        };
        let place = format!("{kind}, unguarded");
        let config = crate::config(kind, disk.path());
        let store = crate::open(&config);
        store.blocks().put(&block(0)).unwrap();
        let mut kept = 1;
        for round in 0..3 {
            let place = format!("{place}, full for the {}. time", round + 1);
            let filler = Filler::leaving(disk.path(), 10 * MIB);
            let (upto, error) = fill(&store, kept);
            kept = upto;
            let (_, needed, limit) = full(error, &config, &place);
            assert_eq!(limit, Limit::Disk, "{place}");
            assert!(needed >= 40_000, "{place}: {needed}");
            // Not one of the next passes for kept and is lost.
            for _ in 0..5 {
                match store.blocks().put(&block(kept)) {
                    Ok(()) => kept += 1,
                    Err(error) => {
                        let block_cid::Error::Store(error) = error else {
                            panic!("{place}: {}", crate::chain(&error));
                        };
                        full(error, &config, &place);
                    }
                }
            }
            all_there(&store, kept, &place);
            drop(filler);
            store
                .blocks()
                .put(&block(kept))
                .unwrap_or_else(|e| panic!("{place}, then freed: {}", crate::chain(&e)));
            kept += 1;
            all_there(&store, kept, &place);
        }
        store.close().unwrap();
        let store = crate::open(&config);
        all_there(&store, kept, &format!("{place}, opened again"));
        report(&format!(
            "disk {place}: full three times, {kept} blocks acknowledged, 0 lost"
        ));
    }
}

/// What nobody asked for is 100 MiB, and it holds: on a disk with less nothing is begun.
#[test]
fn without_a_word_100_mib_stay_free() {
    assert_eq!(persistent::config::DEFAULT_MIN_FREE, 100 * MIB);
    for kind in crate::kinds() {
        for (size, fits) in [("size=96m", false), ("size=400m", true)] {
            let Some(disk) = or_skip("the default minimum", Mount::tmpfs(size)) else {
                return;
            };
            let config = Config::new(kind).with_path(disk.path().join("store"));
            match Persistent::open(&config) {
                Ok(store) => {
                    assert!(fits, "{kind} begins a store on a disk of 96 MiB");
                    store.blocks().put(&block(0)).unwrap();
                }
                Err(error) => {
                    assert!(!fits, "{kind}: {}", crate::chain(&error));
                    let text = crate::chain(&error);
                    assert!(text.contains("no space"), "{kind}: {text}");
                }
            }
        }
    }
}

/// Blocks far smaller than what a file takes: folders and rounding count, too.
#[test]
fn a_quota_counts_what_is_allocated_and_not_what_is_put() {
    let dir = tempfile::tempdir().unwrap();
    let quota = 3 * MIB;
    let config = crate::config(Kind::File, dir.path()).with_quota(quota);
    let store = crate::open(&config);
    let mut error = None;
    for n in 0..5000u64 {
        let block = Block::raw(n.to_be_bytes().to_vec());
        if let Err(refused) = store.blocks().put(&block) {
            error = Some(refused);
            break;
        }
    }
    let used = store.disk_usage().unwrap();
    assert!(error.is_some(), "5,000 files of 4 KiB in 3 MiB");
    assert!(used <= quota, "{used} of {quota}");
    assert!(used >= quota / 2, "only {used} of {quota}");
}

#[test]
fn a_quota_is_kept() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let place = format!("{kind}, quota");
        let config = crate::config(kind, dir.path());
        let store = crate::open(&config);
        store.blocks().put(&block(0)).unwrap();
        store.sync().unwrap();
        let used = store.disk_usage().unwrap();
        store.close().unwrap();
        let quota = used + 12 * MIB;
        let store = crate::open(&config.clone().with_quota(quota));
        let (kept, error) = fill(&store, 1);
        let (available, needed, limit) = full(error, &config, &place);
        assert_eq!(limit, Limit::Quota, "{place}");
        assert!(available < needed, "{place}: {available} of {needed}");
        let used = store.disk_usage().unwrap();
        report(&format!(
            "disk {place}: {kept} blocks, {} KiB used of {} KiB",
            used >> 10,
            quota >> 10
        ));
        assert!(used <= quota + slack(kind), "{place}: {used} of {quota}");
        all_there(&store, kept, &place);
        store.close().unwrap();
        let store = crate::open(&config.with_quota(quota + 200 * MIB));
        store.blocks().put(&block(kept)).unwrap();
        all_there(&store, kept + 1, &place);
    }
}

#[test]
fn a_quota_follows_what_is_compacted() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let config = crate::config(kind, dir.path()).with_quota(24 * MIB);
        let store = crate::open(&config);
        let (kept, _) = fill(&store, 0);
        for n in 0..kept {
            store.blocks().delete(block(n).cid()).unwrap();
        }
        // Refused or not: what it was told a moment ago does not count below.
        let _ = store.blocks().put(&block(kept));
        store.compact().unwrap();
        let used = store.disk_usage().unwrap() >> 10;
        for n in 0..kept / 2 {
            let put = store.blocks().put(&block(n));
            put.unwrap_or_else(|e| panic!("{kind}: {n} of {kept}, {used} KiB: {e}"));
        }
    }
}

/// What is kept back for a full disk is disk use, too, and a quota holds it.
#[test]
fn the_ballast_counts() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let quota = 64 * MIB;
        let config = crate::config(kind, dir.path()).with_quota(quota);
        let store = crate::open(&config);
        for n in 0..100 {
            store.blocks().put(&block(n)).unwrap();
        }
        // A file store has one once it has a database.
        store
            .put(&datastore::Key::new("/pins/a").unwrap(), b"a")
            .unwrap();
        store.close().unwrap();
        drop(store);
        let store = crate::open(&config);
        let ballast = allocated(&config.path.clone().unwrap().join("ballast"));
        assert!(
            (1 << 17..=quota / 16 + 4096).contains(&ballast),
            "{kind}: a ballast of {ballast} bytes"
        );
        let used = store.disk_usage().unwrap();
        store.close().unwrap();
        drop(store);
        std::fs::remove_dir_all(config.path.clone().unwrap().join("ballast")).unwrap();
        // Opened for reading it is not made anew.
        if kind.shares_readers() {
            let without = crate::open(&config.clone().read_only())
                .disk_usage()
                .unwrap();
            assert!(without < used, "{kind}: {used} with, {without} without");
        }
        crate::open(&config).close().unwrap();
        let anew = allocated(&config.path.clone().unwrap().join("ballast"));
        assert!(anew >= 1 << 17, "{kind}: {anew} bytes are made anew");
    }
}

/// Bytes that the files of a folder take.
fn allocated(dir: &std::path::Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let files = std::fs::read_dir(dir).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().blocks() * 512)
        .sum()
}
