//! What an engine lost is named.

use block_cid::Blockstore;
use datastore::Datastore;
use persistent::Durability;
use persistent::ops::verify::Mend;

use crate::{block, cids, config, kinds, lose, missing, open, promises, put, unclean, verify};

#[test]
fn what_an_engine_loses_is_named_by_verify() {
    for kind in kinds() {
        for durability in promises() {
            let dir = tempfile::tempdir().unwrap();
            let store = open(&config(kind, dir.path()).with_durability(durability));
            put(&store, 0..50);
            for n in 50..60 {
                store.blocks().put(&block(n)).unwrap();
            }
            store.blocks().delete(block(7).cid()).unwrap();
            store.blocks().delete(block(8).cid()).unwrap();
            store.blocks().put(&block(8)).unwrap();
            store.close().unwrap();
            let (report, none) = missing(kind, dir.path());
            assert!(report.is_good() && none.is_empty(), "{kind}: {report:?}");
            assert_eq!((report.blocks, report.strangers), (59, Some(0)), "{kind}");

            lose(kind, dir.path(), [3, 8, 55]);
            let (report, named) = missing(kind, dir.path());
            assert!(!report.is_good(), "{kind}: {report:?}");
            assert_eq!(named, cids([3, 8, 55]), "{kind} {durability:?}");

            // Until it is put again.
            let store = open(&config(kind, dir.path()));
            put(&store, 3..4);
            store.close().unwrap();
            assert_eq!(missing(kind, dir.path()).1, cids([8, 55]), "{kind}");
        }
    }
}

#[test]
fn an_open_after_an_unclean_end_says_what_is_missing() {
    for kind in kinds() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&config(kind, dir.path()));
        put(&store, 0..30);
        store.close().unwrap();
        lose(kind, dir.path(), 0..20);
        // A clean end: nothing is looked at.
        let store = open(&config(kind, dir.path()));
        assert!(store.found().lost.is_nothing(), "{kind}");
        put(&store, 30..33);
        store.close().unwrap();

        unclean(dir.path());
        let config = config(kind, dir.path());
        let reader = match kind.shares_readers() {
            true => config.clone().read_only(),
            false => config.clone(),
        };
        for config in [reader, config] {
            unclean(dir.path());
            let store = open(&config);
            let lost = &store.found().lost;
            assert_eq!(
                (lost.missing, lost.perhaps, lost.weak),
                (20, 0, 0),
                "{kind}"
            );
            assert_eq!(lost.first.len(), 8, "{kind}");
            assert!(
                lost.first.iter().all(|cid| cids(0..20).contains(cid)),
                "{kind}"
            );
            store.close().unwrap();
        }
        assert_eq!(missing(kind, dir.path()).1, cids(0..20), "{kind}");
    }
}

/// Other keys have no hash: what redb says of its own pages is all there is.
#[test]
fn a_flipped_bit_in_a_value_that_is_no_block_is_found_by_a_reader_which_changes_nothing() {
    let kind = persistent::Kind::Redb;
    let dir = tempfile::tempdir().unwrap();
    let store = open(&config(kind, dir.path()));
    put(&store, 0..50);
    let pin = datastore::Key::new("/pins/one").unwrap();
    store.put(&pin, b"a value without a hash").unwrap();
    store.close().unwrap();
    let path = dir.path().join("store/redb/blocks.redb");
    let mut bytes = std::fs::read(&path).unwrap();
    let before = bytes.clone();
    assert!(missing(kind, dir.path()).0.is_good());
    assert_eq!(std::fs::read(&path).unwrap(), before, "a reader wrote");

    let text = b"a value without a hash";
    let at = bytes.windows(text.len()).rposition(|part| part == text);
    bytes[at.unwrap() + 3] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let (report, _) = missing(kind, dir.path());
    assert!(!report.is_good(), "{report:?}");
    assert!(report.store[0].contains("blocks.redb"), "{report:?}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "a reader wrote");

    // So it is by a writer, in a file that it has open and has written to.
    let store = open(&config(kind, dir.path()).with_durability(Durability::None));
    put(&store, 50..60);
    let (report, _) = verify(&store, &Mend::default());
    assert_eq!(report.store.len(), 1, "{report:?}");
    assert!(report.store[0].contains("blocks.redb"), "{report:?}");
    // And it goes on writing.
    put(&store, 60..61);
}

/// What a writer has not flushed yet is no damage.
#[test]
fn a_writer_that_verifies_finds_what_it_wrote() {
    for kind in kinds() {
        for durability in promises() {
            let dir = tempfile::tempdir().unwrap();
            let store = open(&config(kind, dir.path()).with_durability(durability));
            for n in 0..3 {
                put(&store, n * 100..n * 100 + 100);
                let (report, faults) = verify(&store, &Mend::default());
                assert!(report.is_good() && faults.is_empty(), "{kind}: {report:?}");
                assert_eq!(report.blocks, n * 100 + 100, "{kind}");
            }
        }
    }
}
