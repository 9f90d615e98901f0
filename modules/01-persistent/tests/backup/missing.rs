//! What a store should have and does not give is named, and the rest is saved.

use std::fs;
use std::path::Path;

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Key};
use persistent::ops::{self, Backup, Error, LeftOut, Saved, Silent, Watch};
use persistent::{Config, Kind, Persistent};
use testkit::Rng;
use testkit::mount::in_memory;

use crate::{check, config, names, on_disk, open};

fn block(n: u64) -> Block {
    Block::raw(Rng::new(n).bytes(300))
}

fn key(n: u64) -> Key {
    Key::block(&block(n).cid().hash().to_bytes()).unwrap()
}

/// A store of blocks that is closed.
fn leave(config: &Config, count: u64) {
    let store = Persistent::open(config).unwrap();
    let blocks: Vec<Block> = (0..count).map(block).collect();
    store.blocks().put_many(&blocks).unwrap();
    store.close().unwrap();
}

/// Deletes behind the back of the ledger: as an engine that loses what it was given.
fn lose(config: &Config, n: u64) {
    let path = config.path.as_deref().unwrap();
    let kept: Vec<_> = ["acks", "store.json"]
        .map(|name| path.join(name))
        .into_iter()
        .map(|path| (fs::read(&path).unwrap(), path))
        .collect();
    let engine = Persistent::open(&config.clone().with_acks(false)).unwrap();
    engine.delete(&key(n)).unwrap();
    engine.close().unwrap();
    for (bytes, path) in kept {
        fs::write(path, bytes).unwrap();
    }
}

fn backup(
    store: &Persistent,
    file: &Path,
    watch: &dyn Watch,
) -> (ops::Result<Saved>, Vec<LeftOut>) {
    let mut how = Backup::of(store.kind().name());
    (how.min_free, how.force) = (0, true);
    let mut left_out = Vec::new();
    let saved = ops::backup(store, file, &how, watch, &mut |left| left_out.push(left));
    (saved, left_out)
}

/// Deletes a block once the listing has begun.
struct Deletes<'a>(&'a Persistent, u64);

impl Watch for Deletes<'_> {
    fn expect(&self, _: u64, _: u64) {
        self.0.delete(&key(self.1)).unwrap();
    }
    fn did(&self, _: u64, _: u64) {}
    fn stops(&self) -> bool {
        false
    }
}

#[test]
fn what_has_vanished_is_named_and_what_was_deleted_is_not() {
    for kind in on_disk() {
        let dir = in_memory();
        let (config, file) = (
            config(kind, &dir.path().join("store")),
            dir.path().join("b"),
        );
        leave(&config, 6);
        lose(&config, 3);
        let store = Persistent::open(&config).unwrap();
        store.delete(&key(1)).unwrap();
        let (saved, left_out) = backup(&store, &file, &Deletes(&store, 5));
        let saved = saved.unwrap();
        let counts = (saved.blocks, saved.damaged, saved.missing);
        assert_eq!(counts, (3, 0, 1), "{kind}: {left_out:?}");
        assert!(!saved.is_whole(), "{kind}");
        assert_eq!(left_out.len(), 1, "{kind}: {left_out:?}");
        assert_eq!(left_out[0].name, block(3).cid().to_string(), "{kind}");
        assert!(left_out[0].why.contains("missing"), "{kind}: {left_out:?}");
        assert_eq!(check(&file).unwrap().damaged, 1, "{kind}");
    }
}

#[test]
fn a_lost_record_is_told() {
    let dir = in_memory();
    let (path, file) = (dir.path().join("store"), dir.path().join("b"));
    let config = config(Kind::Redb, &path);
    leave(&config, 3);
    fs::remove_file(path.join("acks")).unwrap();
    let store = Persistent::open(&config.read_only()).unwrap();
    let saved = backup(&store, &file, &Silent).0.unwrap();
    assert!(!saved.is_whole() && saved.blocks == 3, "{saved:?}");
    assert!(saved.ledger.unwrap().contains("is gone"));
}

#[test]
fn the_files_of_the_store_are_no_place_for_it() {
    let dir = in_memory();
    let path = dir.path().join("store");
    leave(&config(Kind::Redb, &path), 3);
    let link = |to: &str, name: &str| {
        let link = dir.path().join(name);
        std::os::unix::fs::symlink(dir.path().join(to), &link).unwrap();
        link
    };
    let store = open(Kind::Redb, &path);
    let database = path.join("redb/blocks.redb");
    let before = fs::read(&database).unwrap();
    let links = link("store/redb", "folder").join("new.car");
    let linked = link("store/redb/blocks.redb", "linked.car");
    link("store/redb/blocks.redb", "other.car.new");
    let other = dir.path().join("other.car");
    let within = path.join("redb/../b.car");
    for file in [database.clone(), links, linked, other, within] {
        let error = backup(&store, &file, &Silent).0.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        assert!(error.to_string().contains("folder of the store"), "{error}");
        assert!(fs::read(&database).unwrap() == before, "{file:?}");
    }
    assert!(!names(&path).contains(&"b.car.new".into()));
    // Beside it is fine, whatever the names have in common.
    let beside = dir.path().join("store.car");
    backup(&store, &beside, &Silent).0.unwrap();
}

/// Each page of a redb file in turn is ruined: what the engine still gives is saved.
#[test]
fn a_bad_page_costs_what_lies_in_it() {
    const BLOCKS: u64 = 60;
    let dir = in_memory();
    let (path, file) = (dir.path().join("store"), dir.path().join("b"));
    let config = config(Kind::Redb, &path);
    leave(&config, BLOCKS);
    let database = path.join("redb/blocks.redb");
    let good = fs::read(&database).unwrap();
    let (mut some, mut none) = (0, 0);
    for page in 1..good.len() / 4096 {
        let mut bad = good.clone();
        let bytes = &mut bad[page * 4096..][..4096];
        if bytes.iter().all(|byte| *byte == 0) {
            continue;
        }
        bytes.fill(0xff);
        fs::write(&database, bad).unwrap();
        let Ok(store) = Persistent::open(&config.clone().read_only()) else {
            continue;
        };
        if store
            .keys(&Key::blocks())
            .is_ok_and(|mut keys| keys.all(|key| key.is_ok()))
        {
            continue;
        }
        match backup(&store, &file, &Silent) {
            (Ok(saved), left_out) => {
                some += 1;
                assert!(!saved.is_whole(), "{page}: {saved:?}");
                let named = (0..BLOCKS).map(|n| block(n).cid().to_string());
                let named = named.filter(|cid| left_out.iter().any(|left| left.name == *cid));
                let all = saved.blocks + named.count() as u64;
                assert_eq!(all, BLOCKS, "{page}: {saved:?} {left_out:?}");
            }
            (Err(error), _) => {
                none += 1;
                assert!(error.to_string().contains("salvage"), "{page}: {error}");
            }
        }
    }
    println!("something was saved of {some}, nothing of {none}");
    assert!(some > 0);
}
