//! Writes are refused with what to do instead, and nothing is changed.

use datastore::{Batch, Datastore, Error, MemStore};
use persistent::wrappers::ReadOnly;

use crate::{all, block};

#[test]
fn every_write_is_refused_and_changes_nothing() {
    let store = MemStore::new();
    store.put(&block(1), b"x").unwrap();
    let reader = ReadOnly::new(
        &store,
        "data/redb",
        "a backup is being made; try again later",
    );
    let mut batch = Batch::new();
    batch.delete(block(1));
    for refused in [
        reader.put(&block(2), b"y"),
        reader.delete(&block(1)),
        reader.apply(batch),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            "data/redb is read-only: a backup is being made; try again later"
        );
    }
    assert_eq!(all(&reader), [block(1)]);
    reader.close().unwrap();
    assert!(matches!(reader.put(&block(2), b"y"), Err(Error::Closed)));
}
