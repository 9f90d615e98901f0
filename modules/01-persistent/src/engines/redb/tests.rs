#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;

use super::*;
use crate::engines::direct::Direct;

fn options(dir: &Path) -> Options {
    Options::new(dir.join("redb"))
}

fn reading(dir: &Path) -> Options {
    Options {
        read_only: true,
        ..options(dir)
    }
}

fn open(dir: &Path) -> Redb {
    Redb::open(&options(dir)).unwrap()
}

datastore::contract!(contract, || {
    let dir = tempfile::tempdir().unwrap();
    let store = Direct::new(open(dir.path()));
    (dir, store)
});

fn block(n: u8) -> Key {
    Key::block(&[&[0x12, 0x20][..], &[n.wrapping_mul(37); 32]].concat()).unwrap()
}

fn put(n: u8, value: &'static [u8]) -> Batch {
    let mut batch = Batch::new();
    batch.put(block(n), value);
    batch
}

/// What a power cut now would leave, in a folder of its own.
fn cut(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join("redb")).unwrap();
    fs::copy(
        dir.join("redb/blocks.redb"),
        copy.path().join("redb/blocks.redb"),
    )
    .unwrap();
    copy
}

fn has(dir: &Path, n: u8) -> bool {
    open(dir).has(&block(n)).unwrap()
}

#[test]
fn a_flush_takes_with_it_what_came_before() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(&put(1, b"one"), Flush::No).unwrap();
    assert!(!has(cut(dir.path()).path(), 1), "nothing was flushed yet");
    store.write(&put(2, b"two"), Flush::Yes).unwrap();
    let left = cut(dir.path());
    assert!(has(left.path(), 1) && has(left.path(), 2));

    store.write(&put(3, b"three"), Flush::No).unwrap();
    let mut batch = Batch::new();
    batch.delete(block(1));
    store.write(&batch, Flush::No).unwrap();
    store.flush().unwrap();
    let left = cut(dir.path());
    assert!(has(left.path(), 3) && !has(left.path(), 1));
}

#[test]
fn a_store_that_was_not_closed_is_repaired_before_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(&put(1, b"one"), Flush::Yes).unwrap();
    let left = cut(dir.path());
    let path = left.path().join("redb/blocks.redb");
    let before = fs::read(&path).unwrap();
    let error = Redb::open(&reading(left.path())).err().unwrap();
    assert!(needs_repair(&error), "{error}");
    assert!(
        fs::read(&path).unwrap() == before,
        "a refusal writes nothing"
    );

    let repaired = open(left.path());
    repaired.close().unwrap();
    drop(repaired);
    let before = fs::read(&path).unwrap();
    // Two at once: readers share.
    let readers = [(); 2].map(|()| Redb::open(&reading(left.path())).unwrap());
    for reader in &readers {
        assert_eq!(reader.get(&block(1)).unwrap().unwrap(), "one");
        let error = reader.write(&put(2, b"two"), Flush::Yes).unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }) && !needs_repair(&error));
        reader.flush().unwrap();
        reader.close().unwrap();
    }
    drop(readers);
    assert!(fs::read(&path).unwrap() == before, "reading writes nothing");
}

#[test]
fn dropping_lets_go_of_the_file_whoever_still_enumerates() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..200 {
        store.write(&put(n, &[1; 9000]), Flush::No).unwrap();
    }
    let mut entries = store.query(&Key::root()).unwrap();
    entries.next().unwrap().unwrap();
    drop(store);
    let store = open(dir.path());
    assert!(store.has(&block(1)).unwrap());
    let ended = entries.find_map(Result::err);
    assert!(matches!(ended, Some(Error::Closed)), "{ended:?}");
}

#[test]
fn what_is_no_database_is_damaged_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(&put(1, &[1; 5000]), Flush::Yes).unwrap();
    drop(store);
    let path = dir.path().join("redb/blocks.redb");
    let good = fs::read(&path).unwrap();
    for bad in [
        &b""[..],
        b"short",
        &[0; 8192],
        &good[..good.len() / 2],
        &good[..4096],
    ] {
        for options in [options(dir.path()), reading(dir.path())] {
            fs::write(&path, bad).unwrap();
            let error = Redb::open(&options).err().unwrap();
            // One cut short looks to a reader as if it was not closed; the repair then tells.
            let asks = options.read_only && needs_repair(&error);
            assert!(
                asks || matches!(&error, Error::Corrupt { path: named, .. } if *named == path),
                "{} bytes: {error:?}",
                bad.len()
            );
        }
    }
}

#[test]
fn a_check_sees_a_flipped_bit_that_opening_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let value: &[u8] = b"a value that is easily found in the file, and longer than others";
    store
        .write(&put(1, value.repeat(40).leak()), Flush::Yes)
        .unwrap();
    drop(store);
    check_integrity(&options(dir.path())).unwrap();
    let path = dir.path().join("redb/blocks.redb");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(value.len()).position(|w| w == value).unwrap();
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let wrong = open(dir.path()).get(&block(1)).unwrap().unwrap();
    assert!(
        wrong != value.repeat(40),
        "redb itself answers with the wrong bytes"
    );
    fs::write(&path, &bytes).unwrap();
    let error = check_integrity(&options(dir.path())).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    let absent = dir.path().join("absent");
    assert!(matches!(
        check_integrity(&Options::new(&absent)),
        Err(Error::Io { .. })
    ));
    assert!(!absent.exists());
}

#[test]
fn a_beginning_that_a_crash_cut_short_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("redb")).unwrap();
    fs::write(dir.path().join("redb/blocks.redb.new"), [0; 5000]).unwrap();
    let store = open(dir.path());
    store.write(&put(1, b"one"), Flush::Yes).unwrap();
    assert_eq!(fs::read_dir(dir.path().join("redb")).unwrap().count(), 1);
}

#[test]
fn compression_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        compression: Compression::Lz4,
        ..options(dir.path())
    };
    let error = Redb::open(&options).err().unwrap();
    assert!(
        matches!(error, Error::Unsupported { engine: NAME, .. }),
        "{error}"
    );
    assert!(!dir.path().join("redb").exists());
}

/// ENOSPC, on a file system of its own of 4 MiB.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_seen_as_one_and_passes() {
    use std::process::{Command, Stdio};
    let dir = tempfile::tempdir().unwrap();
    let status = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
        .arg(dir.path())
        .stderr(Stdio::null())
        .status();
    if !status.is_ok_and(|status| status.success()) {
        testkit::skip(
            "a_full_disk_is_seen_as_one_and_passes",
            "needs root, to mount a tmpfs",
        );
        return;
    }
    struct Mounted<'a>(&'a Path);
    impl Drop for Mounted<'_> {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("-l").arg(self.0).status();
        }
    }
    let _mounted = Mounted(dir.path());
    let store = open(dir.path());
    let mut stored = 0;
    let error = loop {
        match store.write(&put(stored, &[7; 100_000]), Flush::Yes) {
            Ok(()) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 60, "4 MiB never filled");
    };
    assert!(error.is_out_of_space(), "{error:?}");
    assert_eq!(store.after_full(), AfterFull::ReopenToRead);
    drop(store);
    // Opened anew on the disk that is still full: all that was acknowledged is there.
    let store = open(dir.path());
    for n in 0..stored {
        assert!(store.get(&block(n)).unwrap().unwrap() == [7; 100_000][..]);
    }
}

/// A block that was cut and one that was not take each other's place, and leave nothing behind.
#[test]
fn cut_blocks_are_whole_to_everyone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    // 4,050 bytes fill a page under a key of 34; up to 256 more are cut off.
    let lens = [
        4096,
        4050,
        4051,
        4050,
        10,
        4110,
        4050 + 256,
        4050 + 257,
        4049,
        65_536,
        4096,
    ];
    for (n, len) in (0u8..).zip(lens) {
        let value: Vec<u8> = (0..len).map(|i| (i as u8).wrapping_mul(31) ^ n).collect();
        for key in [block(1), block(2)] {
            let mut batch = Batch::new();
            batch.put(key.clone(), value.clone());
            store.write(&batch, Flush::No).unwrap();
            assert!(store.get(&key).unwrap().unwrap() == value, "{len}");
            assert_eq!(store.size(&key).unwrap(), Some(len as u64));
            let part = store.get_range(&key, 4040..4060).unwrap().unwrap();
            assert_eq!(part, value[4040.min(len)..4060.min(len)], "{len}");
        }
        let found: Vec<_> = store
            .query(&Key::root())
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(
            found.len() == 2 && found.iter().all(|(_, found)| *found == value),
            "{len}"
        );
    }
    let mut batch = Batch::new();
    batch.delete(block(1));
    batch.delete(block(2));
    store.write(&batch, Flush::No).unwrap();
    batch = Batch::new();
    batch.put(block(1), vec![5; 4050]);
    store.write(&batch, Flush::No).unwrap();
    assert!(
        store.get(&block(1)).unwrap().unwrap() == [5; 4050][..],
        "a tail was left"
    );
}

#[test]
fn chunks_take_their_length_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let data = demo::Data::new(1);
    for part in 0..4 {
        let mut batch = Batch::new();
        for n in 0..16 {
            let hash = [&[0x12, 0x20][..], &data.block(part * 16 + n, 32)].concat();
            batch.put(
                Key::block(&hash).unwrap(),
                data.block(part * 16 + n, 1 << 18),
            );
        }
        store.write(&batch, Flush::Yes).unwrap();
    }
    let used = store.disk_usage().unwrap() as f64 / (64 << 18) as f64;
    assert!(used < 1.3, "{used} bytes on disk for each that was put");
}
