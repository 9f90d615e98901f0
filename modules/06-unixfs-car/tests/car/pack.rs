//! The files of a pack store are CARs, and CARs are a store that is only read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use block_cid::{Block, Blocks, Blockstore};
use datastore::{Datastore, MemStore};
use persistent::ops::Silent;
use persistent::{Config, Kind, Persistent};
use unixfs_car::car::import::{Import, import};
use unixfs_car::car::index::Scratch;
use unixfs_car::car::verify::verify;
use unixfs_car::car::{File, Indexed, Version};

use crate::export::exported;
use crate::made::{blocks, car, roots, tight};

fn config(path: &Path) -> Config {
    Config::new(Kind::Pack).with_path(path).with_min_free(0)
}

fn pack(path: &Path) -> Persistent {
    Persistent::open(&config(path)).unwrap()
}

/// A folder of CARs of others.
fn sealed(path: &Path) -> Result<Persistent, persistent::Error> {
    let mut config = config(path);
    config.read_only = true;
    Persistent::open(&config)
}

/// The CARs in the folder of a store.
fn segments(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path.join("blocks")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "car"))
        .collect()
}

#[test]
fn a_segment_of_a_pack_store_is_a_good_car() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = blocks();
    let store = pack(dir.path());
    store.blocks().put_many(&blocks).unwrap();
    store.blocks().delete(blocks[1].cid()).unwrap();
    store.close().unwrap();
    let segments = segments(dir.path());
    assert!(!segments.is_empty());
    let brought = Blocks::new(MemStore::new());
    for path in &segments {
        let open = || fs::File::open(path).unwrap();
        let file = File::open(Arc::new(open()), path).unwrap();
        let mut findings = Vec::new();
        let mut tell = |finding: unixfs_car::car::verify::Finding| {
            findings.push(finding.to_string());
            Ok(())
        };
        verify(&file, &tight(), &Silent, &mut tell).unwrap();
        // Its root is the empty identity, which everybody has.
        assert_eq!(findings, [""; 0]);
        assert_eq!(file.roots()[0].to_string(), "bafkqaaa");
        import(open(), &brought, Import::default(), &Silent).unwrap();
    }
    // A CAR knows no deletes: what was put is there until a compaction.
    for block in blocks.iter().filter(|block| block.cid().hash().code() != 0) {
        assert_eq!(
            brought.get(block.cid()).unwrap().unwrap().data(),
            block.data()
        );
    }
}

#[test]
fn a_carv1_opens_as_a_store_and_a_carv2_is_imported() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = blocks();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    for (folder, version) in [(&one, Version::V1), (&two, Version::INDEXED)] {
        fs::create_dir(folder).unwrap();
        fs::write(
            folder.join("some.car"),
            car(version, &roots(&blocks), &blocks),
        )
        .unwrap();
    }
    let store = sealed(&one).unwrap();
    assert!(store.found().cars);
    for block in &blocks {
        assert_eq!(
            store.blocks().get(block.cid()).unwrap().unwrap().data(),
            block.data()
        );
    }
    assert!(store.blocks().put(&Block::raw("more")).is_err());
    // From there it is exported as from any store.
    let leaf = blocks.last().unwrap();
    let wanted = car(Version::V1, &[*leaf.cid()], std::slice::from_ref(leaf));
    assert!(exported(&store.blocks(), leaf.cid()).unwrap() == wanted);
    store.close().unwrap();

    let error = sealed(&two).unwrap_err().to_string();
    assert!(
        error.contains("some.car") && error.contains("06-unixfs-car import"),
        "{error}"
    );
    let store = pack(&dir.path().join("three"));
    let file = fs::File::open(two.join("some.car")).unwrap();
    import(file, &store.blocks(), Import::default(), &Silent).unwrap();
    for block in &blocks {
        assert!(store.blocks().has(block.cid()).unwrap());
    }
    store.close().unwrap();
}

/// Two ways to read the same CAR as a store.
#[test]
fn a_sealed_store_and_an_indexed_car_give_the_same_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = blocks();
    let path = dir.path().join("some.car");
    fs::write(&path, car(Version::V1, &[], &blocks)).unwrap();
    let sealed = sealed(dir.path()).unwrap();
    let file = File::open(Arc::new(fs::File::open(&path).unwrap()), &path).unwrap();
    let indexed = Indexed::new(file, &Scratch::new(dir.path())).unwrap();
    let list = |store: &dyn Blockstore| {
        let mut cids: Vec<_> = store.cids().unwrap().map(Result::unwrap).collect();
        cids.sort();
        cids
    };
    assert_eq!(list(&sealed.blocks()), list(&indexed));
    for cid in list(&indexed) {
        assert_eq!(
            sealed.blocks().get(&cid).unwrap(),
            indexed.get(&cid).unwrap()
        );
    }
}
