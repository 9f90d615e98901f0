//! When a ledger is written anew.

use std::os::unix::fs::MetadataExt;

use super::*;

/// A ledger that is written anew is another file.
#[test]
fn a_ledger_is_written_anew_for_what_is_dead_and_not_for_growing() {
    let keys = |from: u64, to: u64| {
        let key = |n: u64| Key::block(&block_cid::hash::sha2_256(&n.to_le_bytes()).to_bytes());
        (from..to).map(move |n| key(n).unwrap())
    };
    let puts = |from, to| Batch::from_iter(keys(from, to).map(|key| Op::Put(key, Bytes::new())));
    let deletes = |from, to| Batch::from_iter(keys(from, to).map(Op::Delete));
    let dir = tempfile::tempdir().unwrap();
    drop(file(dir.path()));
    let session = |batch: Batch| {
        let acks = acks_of(dir.path(), Durability::Batch);
        acks.around(&batch, || Ok(())).unwrap();
        acks.close().unwrap();
        let live = acks.tail().header.live;
        (dir.path().join("acks").metadata().unwrap().ino(), live)
    };
    let (first, live) = session(puts(0, 20_000));
    assert_eq!(live, 20_000);
    // It grows by many times what it had.
    assert_eq!(session(puts(20_000, 70_000)), (first, 70_000));
    // The same is said again, until that is more than half.
    assert_eq!(session(puts(0, 70_000)).0, first);
    let (second, live) = session(puts(0, 20_000));
    assert!(second != first && live == 70_000, "{live}");
    assert_eq!(session(deletes(0, 65_000)), (second, 70_000));
    let (third, live) = session(puts(0, 25_000));
    assert!(third != second && live == 30_000, "{live}");
}
