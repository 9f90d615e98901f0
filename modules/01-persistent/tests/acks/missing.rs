//! What an engine lost is named.

use block_cid::Blockstore;
use datastore::Datastore;

use crate::{block, cids, config, kinds, lose, missing, open, promises, put, unclean};

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
