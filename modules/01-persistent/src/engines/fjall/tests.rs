#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::engines::direct::Direct;

fn options(dir: &Path) -> Options {
    Options::new(dir.join("fjall"))
}

fn open(dir: &Path) -> Fjall {
    Fjall::open(&options(dir)).unwrap()
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

#[test]
fn reading_alone_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        read_only: true,
        ..options(dir.path())
    };
    let error = Fjall::open(&options).err().unwrap();
    assert!(matches!(error, Error::Unsupported { engine: NAME, .. }));
    assert!(!options.dir.exists());
}

#[test]
fn a_beginning_that_a_crash_cut_short_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    let new = dir.path().join("fjall.new");
    fs::create_dir_all(new.join("keyspaces")).unwrap();
    fs::write(new.join("lock"), b"").unwrap();
    fs::write(new.join("0.jnl"), b"").unwrap();
    let store = open(dir.path());
    store.write(&put(1), Flush::Yes).unwrap();
    assert!(!new.exists());
}

#[test]
fn another_format_is_refused_with_a_remedy_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let path = dir.path().join("fjall/version");
    let good = fs::read(&path).unwrap();
    let version = good.len() - 1;
    for (number, other) in [(2, true), (77, false)] {
        let mut bytes = good.clone();
        bytes.truncate(version);
        bytes.push(number);
        fs::write(&path, &bytes).unwrap();
        match Fjall::open(&options(dir.path())).err().unwrap() {
            Error::Unsupported { remedy, .. } => assert!(other && remedy.contains("migrate")),
            Error::Corrupt { .. } => assert!(!other),
            error => panic!("{error:?}"),
        }
    }
    fs::write(&path, good).unwrap();
    open(dir.path());
}

#[test]
fn a_small_store_is_closed_without_a_table() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..5 {
        let store = open(dir.path());
        store.write(&put(n), Flush::Yes).unwrap();
        store.close().unwrap();
        assert_eq!(store.db().unwrap().blocks.table_count(), 0);
    }
    let store = open(dir.path());
    assert_eq!(store.keys(&Key::blocks()).unwrap().count(), 5);
}

/// fjall begins again what it misses: that is right after a crash only.
#[test]
fn a_file_that_is_gone_from_a_closed_database_is_damage() {
    for name in ["version", "keyspaces/0/current", "keyspaces/1/current"] {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path());
        store.write(&put(1), Flush::Yes).unwrap();
        store.close().unwrap();
        drop(store);
        let path = dir.path().join("fjall").join(name);
        let good = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        for _ in 0..2 {
            let error = Fjall::open(&options(dir.path())).err().unwrap();
            assert!(matches!(error, Error::Corrupt { .. }), "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
        fs::write(&path, good).unwrap();
        assert_eq!(open(dir.path()).keys(&Key::blocks()).unwrap().count(), 1);
    }
}

/// fjall reads these files without looking at their sums; some bits of them ended the process.
#[test]
fn no_flipped_bit_of_a_version_is_believed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..20 {
        store.write(&put(n), Flush::Yes).unwrap();
    }
    store.close().unwrap();
    drop(store);
    let tree = dir.path().join("fjall/keyspaces/1");
    let number = fs::read(tree.join("current")).unwrap()[0];
    for name in ["current".to_owned(), format!("v{number}")] {
        let path = tree.join(name);
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            fs::write(&path, bytes).unwrap();
            let error = Fjall::open(&options(dir.path())).err().unwrap();
            assert!(matches!(error, Error::Corrupt { .. }), "bit {at}: {error}");
        }
        for len in 0..good.len() {
            fs::write(&path, &good[..len]).unwrap();
            let error = Fjall::open(&options(dir.path())).err().unwrap();
            assert!(
                matches!(error, Error::Corrupt { .. }),
                "cut at {len}: {error}"
            );
        }
        fs::write(&path, good).unwrap();
    }
    open(dir.path());
}
