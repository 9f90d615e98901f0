//! A ledger that is not the one of the last close is told, and what was wrong is told until that is
//! accepted.

use std::fs;
use std::path::Path;

use block_cid::Blockstore;
use datastore::Datastore;
use persistent::Kind;
use persistent::ops::verify::{Mend, Report};
use testkit::flip::Snapshot;

use crate::{accept, block, cids, config, kinds, lose, missing, open, put, unclean, verify};

/// The ledger of the store.
fn acks(dir: &Path) -> std::path::PathBuf {
    dir.join("store/acks")
}

/// A store of 20 blocks, of which 5 was deleted after the ledger that is given was closed, and 20
/// was put.
fn older(kind: Kind, dir: &Path) -> Vec<u8> {
    let store = open(&config(kind, dir));
    put(&store, 0..20);
    store.close().unwrap();
    let older = fs::read(acks(dir)).unwrap();
    let store = open(&config(kind, dir));
    store.blocks().delete(block(5).cid()).unwrap();
    put(&store, 20..21);
    store.close().unwrap();
    older
}

/// What an open and `verify` say, where the engine can without changing anything.
fn said(kind: Kind, dir: &Path) -> (Option<String>, Report) {
    let config = config(kind, dir);
    let store = open(&if kind.shares_readers() {
        config.read_only()
    } else {
        config
    });
    let (report, _) = verify(&store, &Mend::default());
    store.close().unwrap();
    (store.found().lost.ledger.clone(), report)
}

#[test]
fn an_older_ledger_that_was_put_back_is_told_until_it_is_accepted() {
    for kind in kinds() {
        let dir = tempfile::tempdir().unwrap();
        let older = older(kind, dir.path());
        // Block 20 is not in it; block 7 is, and is lost.
        lose(kind, dir.path(), [7, 20]);
        fs::write(acks(dir.path()), &older).unwrap();
        for _ in 0..3 {
            let (open, report) = said(kind, dir.path());
            assert!(open.unwrap().contains("not as the last close left it"));
            assert!(!report.is_good() && report.store.len() == 1, "{report:?}");
            // That block 5 was deleted it cannot know, so none is surely missing.
            assert_eq!((report.missing, report.perhaps), (0, 2), "{kind}");
        }
        let store = open(&config(kind, dir.path()));
        assert!(store.found().lost.ledger.is_some(), "{kind}");
        put(&store, 30..31);
        store.close().unwrap();
        assert!(said(kind, dir.path()).0.is_some(), "{kind}");

        let report = accept(kind, dir.path());
        assert!(report.is_good() && report.accepted.is_some(), "{report:?}");
        let (open, report) = said(kind, dir.path());
        assert!(open.is_none() && report.is_good(), "{kind}: {report:?}");
        assert_eq!((report.perhaps, report.strangers), (0, Some(0)), "{kind}");
        lose(kind, dir.path(), [3]);
        assert_eq!(missing(kind, dir.path()).1, cids([3]), "{kind}");
    }
}

#[test]
fn a_ledger_that_vanished_with_a_block_is_told_until_that_is_accepted() {
    for kind in kinds() {
        let dir = tempfile::tempdir().unwrap();
        older(kind, dir.path());
        lose(kind, dir.path(), [7]);
        fs::remove_file(acks(dir.path())).unwrap();
        for n in 30..33 {
            let store = open(&config(kind, dir.path()));
            assert!(store.found().lost.ledger.is_some(), "{kind}");
            put(&store, n..n + 1);
            // Mending is no accepting.
            let quarantine = Mend {
                quarantine: true,
                ..Mend::default()
            };
            assert!(!verify(&store, &quarantine).0.is_good(), "{kind}");
            store.close().unwrap();
            let (open, report) = said(kind, dir.path());
            assert!(open.unwrap().contains("was gone"), "{kind}");
            assert!(!report.is_good(), "{kind}: {report:?}");
        }
        assert!(accept(kind, dir.path()).is_good(), "{kind}");
        let (open, report) = said(kind, dir.path());
        assert!(open.is_none() && report.is_good(), "{kind}: {report:?}");
    }
}

/// Damage that `verify` finds, and mends, is not gone with the ledger that had it.
#[test]
fn a_damaged_ledger_that_is_mended_is_told_until_that_is_accepted() {
    let kind = Kind::File;
    let dir = tempfile::tempdir().unwrap();
    older(kind, dir.path());
    let mut bytes = fs::read(acks(dir.path())).unwrap();
    bytes[100] ^= 1;
    fs::write(acks(dir.path()), bytes).unwrap();
    let store = open(&config(kind, dir.path()));
    assert_eq!(store.found().lost.ledger, None, "its first bytes are good");
    let quarantine = Mend {
        quarantine: true,
        ..Mend::default()
    };
    for _ in 0..2 {
        let (report, _) = verify(&store, &quarantine);
        assert_eq!(report.store.len(), 1, "{report:?}");
        assert!(report.store[0].contains("damaged at byte 56"), "{report:?}");
    }
    store.close().unwrap();
    assert!(!said(kind, dir.path()).1.is_good());
    assert!(accept(kind, dir.path()).is_good());
    assert!(said(kind, dir.path()).1.is_good());
}

#[test]
fn a_store_of_before_there_were_seals_opens_and_gets_one() {
    for kind in kinds() {
        let dir = tempfile::tempdir().unwrap();
        older(kind, dir.path());
        let path = dir.path().join("store/store.json");
        let text =
            format!("{{\"cairn\":\"store\",\"version\":2,\"kind\":\"{kind}\",\"ready\":true}}\n");
        assert!(
            fs::read_to_string(&path).unwrap().contains("sealed"),
            "{kind}"
        );
        fs::write(&path, &text).unwrap();
        let (open_said, report) = said(kind, dir.path());
        assert!(
            open_said.is_none() && report.is_good(),
            "{kind}: {report:?}"
        );
        let store = open(&config(kind, dir.path()));
        assert!(store.found().lost.is_nothing(), "{kind}");
        store.close().unwrap();
        assert!(
            fs::read_to_string(&path).unwrap().contains("sealed"),
            "{kind}"
        );
    }
}

/// The seal comes last: what a kill leaves between the two leads through the seal before.
#[test]
fn a_ledger_that_goes_on_from_the_seal_is_good() {
    for kind in kinds() {
        for not_closed in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let store = open(&config(kind, dir.path()));
            put(&store, 0..5);
            store.close().unwrap();
            let path = dir.path().join("store/store.json");
            let before = fs::read(&path).unwrap();
            let store = open(&config(kind, dir.path()));
            put(&store, 5..9);
            store.close().unwrap();
            fs::write(&path, before).unwrap();
            if not_closed {
                unclean(dir.path());
            }
            let (open_said, report) = said(kind, dir.path());
            assert!(
                open_said.is_none() && report.is_good(),
                "{kind}: {report:?}"
            );
            assert_eq!(report.strangers, Some(0), "{kind}");
        }
    }
}

/// A store that is opened for writing and not written to costs nothing when it is closed.
#[test]
fn a_close_without_a_change_writes_no_seal() {
    let dir = tempfile::tempdir().unwrap();
    older(Kind::File, dir.path());
    let path = dir.path().join("store/store.json");
    let written = || fs::metadata(&path).unwrap().modified().unwrap();
    let before = written();
    let store = open(&config(Kind::File, dir.path()));
    store.blocks().get(block(1).cid()).unwrap();
    store.close().unwrap();
    assert_eq!(written(), before);
}

/// While the ledger is written anew there is no seal that it could not lead through.
#[test]
fn a_ledger_that_was_written_anew_before_a_kill_is_good() {
    for kind in kinds() {
        let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        older(kind, dir.path());
        let store = open(&config(kind, dir.path()));
        let quarantine = Mend {
            quarantine: true,
            ..Mend::default()
        };
        verify(&store, &quarantine);
        put(&store, 30..31);
        Snapshot::take(&dir.path().join("store"))
            .unwrap()
            .write(&copy.path().join("store"))
            .unwrap();
        let killed = open(&config(kind, copy.path()));
        assert!(killed.found().unclean, "{kind}");
        assert_eq!(killed.found().lost.ledger, None, "{kind}");
        killed.close().unwrap();
        let (report, _) = missing(kind, copy.path());
        assert!(report.is_good(), "{kind}: {report:?}");
        assert_eq!(report.strangers, Some(0), "{kind}");
    }
}
