//! No bit can be flipped and no end cut off unnoticed, and nothing is replaced then.

use std::fs;
use std::path::Path;

use datastore::{Datastore, Key};
use persistent::Kind;
use persistent::ops::{Error, Restore, Silent, check};
use testkit::mount::in_memory;
use testkit::{Rng, Trial, run};

use crate::{Contents, backup, contents_of, open, restore, tree};

/// A backup of some hundred bytes with everything in it: two blocks, two other keys, two pages.
fn small(dir: &Path) -> Vec<u8> {
    let (path, file) = (dir.join("from"), dir.join("good.car"));
    let store = open(Kind::Redb, &path);
    for n in 0..2u8 {
        let block = block_cid::Block::raw(vec![n; 20 * usize::from(n)]);
        let key = Key::block(&block.cid().hash().to_bytes()).unwrap();
        store.put(&key, block.data()).unwrap();
        store
            .put(&Key::new(&format!("/pins/{n}")).unwrap(), &[n])
            .unwrap();
    }
    backup(&store, &file).unwrap();
    store.close().unwrap();
    fs::read(file).unwrap()
}

/// The restore of `bytes` fails as one of something damaged, and leaves everything as it is.
fn refused(dir: &Path, bytes: &[u8], what: &str) {
    let (file, path) = (dir.join("bad.car"), dir.join("store"));
    fs::write(&file, bytes).unwrap();
    let before = tree(&path);
    match restore(&file, Kind::Redb, &path) {
        Err(Error::Damaged { .. } | Error::Refused { .. }) => {}
        other => panic!("{what}: {other:?}"),
    }
    assert!(tree(&path) == before, "{what}: the store was touched");
    assert!(!dir.join("store.restoring").exists(), "{what}");
}

fn seen(dir: &Path, bytes: &[u8], what: &str) {
    let file = dir.join("bad.car");
    fs::write(&file, bytes).unwrap();
    match check(&file, Restore::default(), &Silent) {
        Err(Error::Damaged { .. } | Error::Refused { .. }) => {}
        other => panic!("{what}: {other:?}"),
    }
}

fn live(dir: &Path) -> Contents {
    let path = dir.join("store");
    let store = open(Kind::Redb, &path);
    crate::fill(&store, 7, 5);
    store.close().unwrap();
    contents_of(Kind::Redb, &path)
}

#[test]
fn every_flipped_bit_is_seen() {
    let dir = in_memory();
    let good = small(dir.path());
    live(dir.path());
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            seen(dir.path(), &bad, &format!("bit {bit} of byte {at}"));
        }
    }
    // By the restore itself, which fills a store on the way.
    let seed = run::seed("backup flips");
    let mut rng = Rng::new(seed);
    let step = good
        .len()
        .div_ceil(run::count("CAIRN_FLIPS", 40, good.len()));
    let mut trial = Trial::new("flip", "backup", seed);
    trial.many(8 * good.len() as u64);
    for at in (rng.below(step as u64) as usize..good.len()).step_by(step) {
        let mut bad = good.clone();
        bad[at] ^= 1 << rng.below(8);
        refused(dir.path(), &bad, &format!("a bit of byte {at}"));
        trial.one();
    }
    trial.end(&format!(
        "each bit of {} bytes by check, and some by restore: all seen, nothing replaced",
        good.len()
    ));
    // And the same bytes unflipped are good.
    let file = dir.path().join("good.car");
    restore(&file, Kind::Redb, &dir.path().join("store")).unwrap();
}

#[test]
fn every_cut_is_seen() {
    let dir = in_memory();
    let good = small(dir.path());
    live(dir.path());
    for len in 0..good.len() {
        seen(dir.path(), &good[..len], &format!("cut to {len} bytes"));
    }
    // Where a section ends nothing but the root says that more is missing.
    let bounds = sections(&good);
    assert_eq!(
        bounds.len(),
        6,
        "a page of keys, two blocks, their page, the root, the end"
    );
    for (from, to) in bounds.iter().zip(&bounds[1..]) {
        refused(dir.path(), &good[..*from], "cut between two sections");
        let without = [&good[..*from], &good[*to..]].concat();
        refused(dir.path(), &without, "a section is missing");
        let twice = [&good[..*to], &good[*from..]].concat();
        refused(dir.path(), &twice, "a section is there twice");
    }
    for more in [&[0][..], &[0; 4096], b"more", &good] {
        refused(
            dir.path(),
            &[&good[..], more].concat(),
            "bytes follow the root",
        );
    }
}

/// Where the sections of a CAR begin, and where the last one ends.
fn sections(car: &[u8]) -> Vec<usize> {
    let mut reader = block_cid::car::Reader::new(car).unwrap();
    let mut bounds = vec![reader.offset() as usize];
    while let Some(block) = reader.next() {
        block.unwrap();
        bounds.push(reader.offset() as usize);
    }
    bounds
}
