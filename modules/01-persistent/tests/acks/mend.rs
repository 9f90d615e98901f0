//! Quarantine, fetching and forgetting: nothing is thrown away, and what is healed stays so.

use std::fs;
use std::path::PathBuf;

use block_cid::{Block, Blockstore, Cid, Fetcher, Offline};
use datastore::{Datastore, Error, Key};
use persistent::Kind;
use persistent::ops::verify::{Damage, Mend, Mended};
use persistent::ops::{self, Silent};

use crate::{block, cids, config, key, kinds, lose, missing, open, put, verify};

/// Gives some blocks, and lies about one.
struct Source;

impl Fetcher for Source {
    fn fetch(&self, cid: &Cid) -> block_cid::Result<Option<Block>> {
        let asked = (0..20).map(block).find(|block| block.cid() == cid);
        Ok(asked.map(|asked| match *asked.cid() == *block(9).cid() {
            true => Block::claimed(*cid, "something else"),
            false => Block::claimed(*cid, asked.data().clone()),
        }))
    }
}

/// Puts bytes of another block under a key, as a flipped bit would.
fn damage(kind: Kind, dir: &std::path::Path, n: u64) {
    let store = open(&config(kind, dir));
    store.put(&key(&block(n)), b"flipped").unwrap();
    store.close().unwrap();
}

#[test]
fn damaged_bytes_are_kept_and_their_block_is_missing_until_it_is_put_again() {
    for kind in kinds() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&config(kind, dir.path()));
        put(&store, 0..10);
        store.close().unwrap();
        damage(kind, dir.path(), 3);
        let store = open(&config(kind, dir.path()));
        let quarantine = Mend {
            quarantine: true,
            ..Mend::default()
        };
        let (report, faults) = verify(&store, &quarantine);
        assert_eq!((report.damaged, faults.len()), (1, 1), "{kind}: {faults:?}");
        assert_eq!(report.strangers, Some(0), "{kind}: it was moved away");
        assert_eq!(report.forgotten, 0, "{kind}");
        assert!(!report.is_good(), "{kind}");
        let Some(Mended::Quarantined(kept)) = &faults[0].mended else {
            panic!("{kind}: {faults:?}");
        };
        assert_eq!(fs::read(kept).unwrap(), b"flipped", "{kind}");
        assert_eq!(store.blocks().get(block(3).cid()).unwrap(), None, "{kind}");
        // The next time it is missing, and there is nothing to keep.
        let (_, faults) = verify(&store, &quarantine);
        assert_eq!(faults[0].damage, Damage::Missing, "{kind}");
        store.close().unwrap();
        assert_eq!(missing(kind, dir.path()).1, cids([3]), "{kind}");

        // The same bytes again take no second place, others do.
        for (bytes, places) in [(&b"flipped"[..], 1), (b"other", 2)] {
            let store = open(&config(kind, dir.path()));
            store.put(&key(&block(3)), bytes).unwrap();
            verify(&store, &quarantine);
            store.close().unwrap();
            let kept = fs::read_dir(dir.path().join("store/quarantine")).unwrap();
            assert_eq!(kept.count(), places, "{kind}");
        }
        let store = open(&config(kind, dir.path()));
        put(&store, 3..4);
        assert!(verify(&store, &quarantine).0.is_good(), "{kind}");
    }
}

#[test]
fn what_goes_to_quarantine_and_is_expected_no_more_is_told_as_forgotten() {
    for kind in kinds() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&config(kind, dir.path()));
        put(&store, 0..10);
        store.close().unwrap();
        lose(kind, dir.path(), [5]);
        damage(kind, dir.path(), 3);
        let store = open(&config(kind, dir.path()));
        let both = Mend {
            quarantine: true,
            forget: true,
            source: None,
        };
        let (report, _) = verify(&store, &both);
        let counts = (report.damaged, report.missing, report.forgotten);
        assert_eq!(counts, (1, 1, 2), "{kind}");
        assert_eq!(report.strangers, Some(0), "{kind}");
        assert!(report.is_good(), "{kind}");
        let (report, faults) = verify(&store, &both);
        assert!(report.is_good() && faults.is_empty(), "{kind}: {faults:?}");
    }
}

#[test]
fn what_is_damaged_or_missing_is_fetched_proven_and_put() {
    for kind in kinds() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&config(kind, dir.path()));
        put(&store, 0..10);
        // The source does not have it.
        store.blocks().put(&block(99)).unwrap();
        store.close().unwrap();
        lose(kind, dir.path(), [1, 9, 99]);
        damage(kind, dir.path(), 4);
        let store = open(&config(kind, dir.path()));
        let repair = Mend {
            source: Some(&Source),
            ..Mend::default()
        };
        let (report, faults) = verify(&store, &repair);
        assert_eq!(
            (report.damaged, report.missing, report.fetched),
            (1, 3, 2),
            "{kind}"
        );
        assert!(!report.is_good(), "{kind}");
        let liar = faults
            .iter()
            .find(|fault| fault.cid == *block(9).cid())
            .unwrap();
        assert!(
            liar.mended.is_none() && liar.failed.is_some(),
            "{kind}: {liar:?}"
        );
        store.close().unwrap();
        assert_eq!(missing(kind, dir.path()).1, cids([9, 99]), "{kind}");
        // What was replaced is kept.
        let name = data_encoding::BASE32_NOPAD.encode(&block(4).cid().hash().to_bytes());
        let kept = dir
            .path()
            .join("store/quarantine")
            .join(format!("{name}.damaged"));
        assert_eq!(fs::read(kept).unwrap(), b"flipped", "{kind}");

        let store = open(&config(kind, dir.path()));
        let forget = Mend {
            source: Some(&Offline),
            forget: true,
            ..Mend::default()
        };
        let (report, _) = verify(&store, &forget);
        assert_eq!(report.forgotten, 2, "{kind}");
        assert!(report.is_good(), "{kind}");
        store.close().unwrap();
        assert!(missing(kind, dir.path()).0.is_good(), "{kind}");
    }
}

#[test]
fn a_store_that_is_open_for_reading_is_not_mended() {
    for kind in kinds().filter(|kind| kind.shares_readers()) {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&config(kind, dir.path()));
        put(&store, 0..3);
        store.close().unwrap();
        let reader = open(&config(kind, dir.path()).read_only());
        for (quarantine, forget) in [(true, false), (false, true)] {
            let mend = Mend {
                quarantine,
                forget,
                source: None,
            };
            let error = ops::verify(&reader, &mend, &Silent, &mut |_| Ok(())).unwrap_err();
            assert!(
                matches!(error, ops::Error::Store(Error::ReadOnly { .. })),
                "{kind}: {error}"
            );
        }
    }
}

/// Where it lies is said: the file of the block where it has one.
#[test]
fn a_fault_says_where_it_is() {
    for kind in kinds() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&config(kind, dir.path()));
        put(&store, 0..3);
        store.close().unwrap();
        damage(kind, dir.path(), 1);
        let store = open(&config(kind, dir.path()));
        let (_, faults) = verify(&store, &Mend::default());
        let path: &PathBuf = &faults[0].path;
        assert!(path.exists(), "{kind}: {}", path.display());
        assert_eq!(path.is_file(), kind == Kind::File, "{kind}");
        if kind == Kind::File {
            assert_eq!(fs::read(path).unwrap(), b"flipped");
        }
        let _: Key = key(&block(1));
    }
}
