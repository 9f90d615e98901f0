//! What a killed process left in the page cache is on disk before anybody builds on it.
//!
//! A put that finds its block there writes nothing. If the block was written under a weaker
//! promise by a process that was then killed, it can be read and yet not be on disk, so the put
//! would be acknowledged on nothing. The next open therefore flushes first.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::fs;
use std::process::Command;

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use persistent::{Config, Durability, Kind, Persistent};

/// Of redb.
const PAGE: usize = 4096;

fn block(n: u32) -> Block {
    Block::raw(n.to_le_bytes().repeat(300))
}

/// How often the program flushes the file system while it puts a block that is there.
fn flushes(kind: Kind, unclean: bool) -> Option<usize> {
    let dir = tempfile::tempdir().unwrap();
    let (store, file) = (dir.path().join("store"), dir.path().join("file"));
    fs::write(&file, "found there").unwrap();
    let config = Config::new(kind)
        .with_path(&store)
        .with_durability(Durability::None);
    let open = Persistent::open(&config).unwrap();
    open.blocks().put(&Block::raw(&b"found there"[..])).unwrap();
    open.close().unwrap();
    if unclean {
        fs::write(store.join("lock"), "pid 1\nprogram killed\n").unwrap();
    }
    let log = dir.path().join("log");
    let output = Command::new("strace")
        .args(["-f", "-e", "trace=syncfs", "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_01-persistent"))
        .args(["--backend", kind.name(), "put", "--json", "--path"])
        .arg(&store)
        .arg(&file)
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{kind}: {said}");
    // One that another thread interrupts in the log has its result on a line of its own; the program
    // would have failed with it.
    let log = fs::read_to_string(&log).unwrap();
    Some(log.matches("syncfs(").count())
}

/// A library that has no program to try a store with is told of damage all the same.
#[test]
fn an_unclean_redb_file_with_a_damaged_page_is_refused_in_this_process() {
    for closed in [false, true] {
        damage_each_page(closed);
    }
}

/// Of a store whose writer was killed; `closed`: when the engine was closed, and the lock not.
fn damage_each_page(closed: bool) {
    let dir = tempfile::tempdir().unwrap();
    let config = |name: &str| {
        let config = Config::new(Kind::Redb).with_path(dir.path().join(name));
        config.with_durability(Durability::Batch)
    };
    let store = Persistent::open(&config("store")).unwrap();
    let blocks: Vec<Block> = (0..62).map(block).collect();
    // Damage in the last commit alone would only lose that. Most pages are in both of the last two.
    for part in [&blocks[..60], &blocks[60..61], &blocks[61..]] {
        store.blocks().put_many(part).unwrap();
        store.sync().unwrap();
    }
    if closed {
        store.close().unwrap();
    }
    let (from, to) = (dir.path().join("store"), dir.path().join("killed"));
    fs::create_dir_all(to.join("redb")).unwrap();
    for file in ["store.json", "acks", "redb/blocks.redb"] {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    let file = to.join("redb/blocks.redb");
    let good = fs::read(&file).unwrap();
    let mut refused = 0;
    for page in 1..good.len() / PAGE {
        let mut bad = good.clone();
        let bytes = &mut bad[page * PAGE..][..PAGE];
        if bytes.iter().all(|byte| *byte == 0) {
            continue;
        }
        bytes.fill(0);
        fs::write(&file, bad).unwrap();
        fs::write(to.join("lock"), "pid 1\nprogram killed\n").unwrap();
        match Persistent::open(&config("killed")) {
            Err(persistent::Error::Store(error @ datastore::Error::Corrupt { .. })) => {
                assert!(!error.to_string().contains("panicked"), "{page}: {error}");
                refused += 1;
            }
            Err(error) => panic!("page {page}: {error}"),
            // In nobody's use; or the commit before is the last good one, and what is lost is told.
            Ok(store) => {
                let there = |block: &&Block| {
                    let found = store.blocks().get(block.cid()).unwrap();
                    assert!(found.is_none() || found.as_ref() == Some(*block));
                    found.is_some()
                };
                let there = blocks.iter().filter(there).count() as u64;
                let missing = store.found().lost.missing;
                assert_eq!(there + missing, blocks.len() as u64, "page {page}");
            }
        }
    }
    assert!(refused >= 10, "{refused} pages");
}

/// A close that runs out of space after the last write.
#[test]
fn a_file_that_was_not_closed_under_a_lock_that_was_is_repaired_for_a_reader() {
    let dir = tempfile::tempdir().unwrap();
    let config = |name| Config::new(Kind::Redb).with_path(dir.path().join(name));
    let store = Persistent::open(&config("store")).unwrap();
    let block = Block::raw(&b"kept"[..]);
    store.blocks().put(&block).unwrap();
    fs::create_dir_all(dir.path().join("copy/redb")).unwrap();
    for file in ["store.json", "redb/blocks.redb"] {
        let (from, to) = (dir.path().join("store"), dir.path().join("copy"));
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    let reader = Persistent::open(&config("copy").read_only()).unwrap();
    assert_eq!(reader.blocks().get(block.cid()).unwrap(), Some(block));
}

#[test]
fn what_was_not_closed_is_flushed_before_it_is_trusted() {
    for kind in Kind::built().filter(|kind| kind.is_on_disk()) {
        let Some(after_a_crash) = flushes(kind, true) else {
            return testkit::skip(
                "what_was_not_closed_is_flushed_before_it_is_trusted",
                "no strace",
            );
        };
        assert!(after_a_crash >= 1, "{kind}");
        assert_eq!(
            flushes(kind, false),
            Some(0),
            "{kind}: a closed store needs none"
        );
    }
}
