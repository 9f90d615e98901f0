//! A ledger that is not what it was is told, and made anew from what can be known.

use std::fs;
use std::path::Path;

use block_cid::Blockstore;
use datastore::Datastore;
use persistent::ops::verify::Mend;
use persistent::{Durability, Kind};

use crate::{accept, block, cids, config, kinds, lose, missing, open, put, unclean, verify};

/// A closed store of 20 blocks, of which one was deleted, and its ledger.
fn store(kind: Kind, dir: &Path) -> Vec<u8> {
    let store = open(&config(kind, dir));
    put(&store, 0..20);
    store.blocks().delete(block(5).cid()).unwrap();
    store.close().unwrap();
    fs::read(dir.join("store/acks")).unwrap()
}

#[test]
fn a_ledger_that_is_gone_or_another_file_is_told_and_made_anew() {
    for kind in kinds() {
        for other in [
            None,
            Some(&b"something else, of which nothing must be lost"[..]),
        ] {
            let dir = tempfile::tempdir().unwrap();
            store(kind, dir.path());
            let path = dir.path().join("store/acks");
            match other {
                None => fs::remove_file(&path).unwrap(),
                Some(bytes) => fs::write(&path, bytes).unwrap(),
            }
            if kind.shares_readers() {
                let reader = open(&config(kind, dir.path()).read_only());
                assert!(reader.found().lost.ledger.is_some(), "{kind}");
                let (report, faults) = verify(&reader, &Mend::default());
                assert!(!report.is_good() && faults.is_empty(), "{kind}: {report:?}");
                assert_eq!(report.store.len(), 1, "{kind}: {report:?}");
            }
            let store = open(&config(kind, dir.path()));
            assert!(store.found().lost.ledger.is_some(), "{kind}");
            store.close().unwrap();
            let (report, _) = missing(kind, dir.path());
            assert_eq!(report.store.len(), 1, "{kind}: {report:?}");
            accept(kind, dir.path());
            let (report, _) = missing(kind, dir.path());
            assert!(report.is_good(), "{kind}: {report:?}");
            assert_eq!((report.blocks, report.strangers), (19, Some(0)), "{kind}");
            if let Some(bytes) = other {
                let aside = dir.path().join("store/acks.damaged-1");
                assert_eq!(fs::read(aside).unwrap(), bytes, "{kind}");
            }
        }
    }
}

#[test]
fn every_flip_and_every_cut_of_a_closed_ledger_is_told_and_causes_no_alarm() {
    let kind = Kind::File;
    let dir = tempfile::tempdir().unwrap();
    let good = store(kind, dir.path());
    let path = dir.path().join("store/acks");
    let flipped = (0..good.len()).step_by(13).map(|at| {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        bytes
    });
    let cut = (0..good.len()).step_by(29).map(|len| good[..len].to_vec());
    let manifest = dir.path().join("store/store.json");
    let sealed = fs::read(&manifest).unwrap();
    for (n, bytes) in flipped.chain(cut).enumerate() {
        fs::write(&path, &bytes).unwrap();
        fs::write(&manifest, &sealed).unwrap();
        let (report, named) = missing(kind, dir.path());
        assert_eq!(report.store.len(), 1, "{n}: {report:?}");
        assert!(named.is_empty(), "{n}: {named:?}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "a reader changes nothing");
        // Read after a crash, too.
        unclean(dir.path());
        let lost = open(&config(kind, dir.path()).read_only())
            .found()
            .lost
            .clone();
        assert_eq!(lost.missing, 0, "{n}: {lost:?}");
        // And by a writer, which makes it good.
        let store = open(&config(kind, dir.path()));
        let lost = store.found().lost.clone();
        assert!(lost.missing == 0 && lost.ledger.is_some(), "{n}: {lost:?}");
        store.close().unwrap();
        let (report, _) = missing(kind, dir.path());
        assert_eq!(report.store.len(), 1, "{n}: {report:?}");
        accept(kind, dir.path());
        let (report, _) = missing(kind, dir.path());
        assert!(report.is_good(), "{n}: {report:?}");
        assert_eq!(report.strangers, Some(0), "{n}: {report:?}");
    }
}

#[test]
fn a_store_without_a_ledger_gets_one_and_gives_it_up() {
    for kind in kinds() {
        let dir = tempfile::tempdir().unwrap();
        let without = config(kind, dir.path()).with_acks(false);
        let store = open(&without);
        put(&store, 0..10);
        store.close().unwrap();
        assert!(!dir.path().join("store/acks").exists(), "{kind}");
        let manifest = || fs::read_to_string(dir.path().join("store/store.json")).unwrap();
        assert!(manifest().contains(r#""version":1"#), "{kind}");
        assert_eq!(missing_of(kind, dir.path()), None, "{kind}");

        let store = open(&config(kind, dir.path()));
        assert!(store.found().lost.is_nothing(), "{kind}");
        store.close().unwrap();
        assert!(manifest().contains(r#""version":2"#), "{kind}");
        lose(kind, dir.path(), [4]);
        assert_eq!(missing(kind, dir.path()).1, cids([4]), "{kind}");

        // What is deleted while there is none must not be missed by the next one.
        open(&without).delete(&crate::key(&block(6))).unwrap();
        let store = open(&config(kind, dir.path()));
        assert!(
            store.found().lost.is_nothing(),
            "{kind}: {:?}",
            store.found()
        );
        store.close().unwrap();
        assert!(missing(kind, dir.path()).0.is_good(), "{kind}");
    }
}

fn missing_of(kind: Kind, dir: &Path) -> Option<u64> {
    let store = open(&config(kind, dir).with_acks(false));
    let (report, _) = verify(&store, &Mend::default());
    store.close().unwrap();
    report.strangers
}

#[test]
fn a_ledger_of_mostly_dead_records_is_written_anew() {
    for durability in [Durability::Each, Durability::None] {
        let dir = tempfile::tempdir().unwrap();
        let config = config(Kind::Fjall, dir.path()).with_durability(durability);
        let store = open(&config);
        for _ in 0..30 {
            put(&store, 0..700);
        }
        store.blocks().delete(block(3).cid()).unwrap();
        let before = fs::metadata(dir.path().join("store/acks")).unwrap().len();
        store.close().unwrap();
        let after = fs::metadata(dir.path().join("store/acks")).unwrap().len();
        assert!(before > 700_000 && after < 30_000, "{before} {after}");
        let (report, _) = missing(Kind::Fjall, dir.path());
        assert!(report.is_good(), "{report:?}");
        assert_eq!((report.blocks, report.strangers), (699, Some(0)));
        lose(Kind::Fjall, dir.path(), [9]);
        assert_eq!(missing(Kind::Fjall, dir.path()).1, cids([9]));
    }
}
