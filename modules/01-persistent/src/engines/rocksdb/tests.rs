#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use super::*;
use crate::engines::direct::Direct;

fn options(dir: &Path) -> Options {
    Options::new(dir.join("rocksdb"))
}

fn open(dir: &Path) -> Rocks {
    Rocks::open(&options(dir)).unwrap()
}

datastore::contract!(contract, || {
    let dir = tempfile::tempdir().unwrap();
    let store = Direct::new(open(dir.path()));
    (dir, store)
});

fn put(n: u8) -> Batch {
    let mut batch = Batch::new();
    batch.put(Key::block(&[n; 34]).unwrap(), vec![n; 5000]);
    batch
}

fn reading(dir: &Path) -> Options {
    Options {
        read_only: true,
        ..options(dir)
    }
}

/// Every file with its bytes.
fn contents(dir: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = fs::read_dir(dir.join("rocksdb")).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name(), fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn readers_share_a_store_and_write_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(&put(1), Flush::Yes).unwrap();
    store.close().unwrap();
    store.write(&put(2), Flush::Yes).unwrap();
    drop(store);
    let before = contents(dir.path());
    let readers = [(); 2].map(|()| Rocks::open(&reading(dir.path())).unwrap());
    for reader in &readers {
        // One from a table, one from the log.
        assert_eq!(reader.keys(&Key::root()).unwrap().count(), 2);
        let error = reader.write(&put(3), Flush::No).unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
        reader.flush().unwrap();
        reader.close().unwrap();
    }
    drop(readers);
    assert!(contents(dir.path()) == before);
}

#[test]
fn a_reader_makes_no_store() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Rocks::open(&reading(dir.path())).is_err());
    assert!(!dir.path().join("rocksdb").exists());
}

#[test]
fn messages_of_the_engine_are_kept_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..3 {
        open(dir.path()).write(&put(n), Flush::Yes).unwrap();
    }
    let logs = contents(dir.path());
    let logs = logs
        .iter()
        .filter(|(name, _)| name.to_string_lossy().starts_with("LOG"));
    assert_eq!(logs.count(), 0);
}

/// Options set by text are known to this RocksDB: it says no word about those it ignores.
#[test]
fn options_set_by_text_are_known() {
    let mut options = ::rocksdb::Options::default();
    assert!(options.get_options_from_string(options::BY_TEXT).is_ok());
    assert!(
        options
            .get_options_from_string("no_such_option=true")
            .is_err()
    );
}

/// A record of a type that only reused files have was read forever. The bit that makes one is
/// flipped in every byte: each open ends, and some see such a record.
#[test]
fn no_flipped_bit_of_a_log_keeps_an_open_from_ending() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..4 {
        let mut batch = Batch::new();
        batch.put(Key::block(&[n; 34]).unwrap(), vec![n; 10]);
        store.write(&batch, Flush::Yes).unwrap();
    }
    drop(store);
    let before = contents(dir.path());
    let mut seen = std::collections::BTreeSet::new();
    for (name, bytes) in &before {
        let shown = name.to_string_lossy();
        if !shown.ends_with(".log") && !shown.starts_with("MANIFEST-") {
            continue;
        }
        for at in 0..bytes.len().min(400) {
            let copy = tempfile::tempdir().unwrap();
            fs::create_dir(copy.path().join("rocksdb")).unwrap();
            for (name, bytes) in &before {
                fs::write(copy.path().join("rocksdb").join(name), bytes).unwrap();
            }
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            fs::write(copy.path().join("rocksdb").join(name), damaged).unwrap();
            if let Err(Error::Corrupt { what, .. }) = Rocks::open(&options(copy.path()))
                && what.contains("no type that is written here")
            {
                seen.insert(shown.ends_with(".log"));
            }
        }
    }
    assert_eq!(seen.len(), 2, "in the log and in the manifest: {seen:?}");
}
