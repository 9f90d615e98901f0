#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::*;
use crate::engine::Compression;
use crate::engines::direct::Direct;

fn options(dir: &Path) -> Options {
    Options::new(dir.join("blocks"))
}

fn open(dir: &Path) -> File {
    File::open(&options(dir)).unwrap()
}

datastore::contract!(contract, || {
    let dir = tempfile::tempdir().unwrap();
    let store = Direct::new(open(dir.path()));
    (dir, store)
});

/// The multihash of the empty UnixFS folder, QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn.
const EMPTY_FOLDER: &str = "122059948439065f29619ef41280cbb932be52c56d99c5966b65e0111239f098bbef";
const EMPTY_FOLDER_FILE: &str = "X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data";

fn key(multihash: &str) -> Key {
    let bytes = data_encoding::HEXLOWER
        .decode(multihash.as_bytes())
        .unwrap();
    Key::block(&bytes).unwrap()
}

fn block(n: u8) -> Key {
    Key::block(&[&[0x12, 0x20][..], &[n.wrapping_mul(37); 32]].concat()).unwrap()
}

fn put(key: &Key, value: &'static [u8]) -> Batch {
    let mut batch = Batch::new();
    batch.put(key.clone(), value);
    batch
}

/// Every path below `dir`, with the length, the time of the last change and the bytes of files.
fn tree(dir: &Path) -> Vec<(PathBuf, SystemTime, Vec<u8>)> {
    let mut found = Vec::new();
    let mut left = vec![dir.to_owned()];
    while let Some(path) = left.pop() {
        let meta = fs::symlink_metadata(&path).unwrap();
        let bytes = if meta.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            Vec::new()
        } else {
            fs::read(&path).unwrap()
        };
        found.push((path, meta.modified().unwrap(), bytes));
    }
    found.sort();
    found
}

/// A folder as Kubo leaves it, made by hand.
fn kubo(dir: &Path) -> PathBuf {
    let blocks = dir.join("blocks");
    fs::create_dir_all(blocks.join("X3")).unwrap();
    fs::create_dir(blocks.join(".temp")).unwrap();
    fs::write(
        blocks.join("SHARDING"),
        "/repo/flatfs/shard/v1/next-to-last/2\n",
    )
    .unwrap();
    fs::write(
        blocks.join("_README"),
        "This is a repository of IPLD objects.\n",
    )
    .unwrap();
    fs::write(blocks.join("diskUsage.cache"), "{\"diskUsage\":4096}\n").unwrap();
    fs::write(blocks.join(EMPTY_FOLDER_FILE), b"\x0a\x02\x08\x01").unwrap();
    blocks
}

#[test]
fn names_are_those_of_kubo() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store
        .write(&put(&key(EMPTY_FOLDER), b"\x0a\x02\x08\x01"), Flush::Yes)
        .unwrap();
    assert_eq!(
        fs::read(dir.path().join("blocks").join(EMPTY_FOLDER_FILE)).unwrap(),
        b"\x0a\x02\x08\x01"
    );
    let sharding = fs::read(dir.path().join("blocks/SHARDING")).unwrap();
    assert_eq!(sharding, b"/repo/flatfs/shard/v1/next-to-last/2\n");
    assert!(
        !dir.path().join("meta.redb").exists(),
        "no other key was written"
    );
}

#[test]
fn a_folder_of_kubos_opens_and_keeps_its_files() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = kubo(dir.path());
    let before = tree(dir.path());
    let store = open(dir.path());
    let empty = key(EMPTY_FOLDER);
    assert_eq!(store.get(&empty).unwrap().unwrap(), b"\x0a\x02\x08\x01"[..]);
    assert_eq!(
        store
            .keys(&Key::root())
            .unwrap()
            .collect::<Result<Vec<_>>>()
            .unwrap(),
        std::slice::from_ref(&empty)
    );
    // Reading, and deleting what is not there, adds nothing.
    let other = Key::new("/pins/a").unwrap();
    assert_eq!(store.get(&other).unwrap(), None);
    let mut batch = Batch::new();
    batch.delete(other.clone());
    batch.delete(block(9));
    store.write(&batch, Flush::Yes).unwrap();
    store.close().unwrap();
    drop(store);
    assert_eq!(tree(dir.path()), before);
    // Writing adds the block, and what is not a block beside the folder.
    let store = open(dir.path());
    store.write(&put(&block(1), b"one"), Flush::Yes).unwrap();
    store.write(&put(&other, b"two"), Flush::Yes).unwrap();
    assert!(dir.path().join("meta.redb").exists());
    let mut names: Vec<_> = fs::read_dir(&blocks)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names.len(), 6, "{names:?}");
    assert_eq!(fs::read_dir(blocks.join(".temp")).unwrap().count(), 0);
    assert_eq!(
        fs::read(blocks.join("diskUsage.cache")).unwrap(),
        b"{\"diskUsage\":4096}\n"
    );
}

#[test]
fn other_shardings_are_honoured() {
    for (sharding, folder) in [
        ("prefix/3", "CIQ"),
        ("suffix/4", "LX3Y"),
        ("next-to-last/3", "LX3"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let blocks = dir.path().join("blocks");
        fs::create_dir(&blocks).unwrap();
        fs::write(
            blocks.join("SHARDING"),
            format!("/repo/flatfs/shard/v1/{sharding}"),
        )
        .unwrap();
        let store = open(dir.path());
        let empty = key(EMPTY_FOLDER);
        store.write(&put(&empty, b"x"), Flush::No).unwrap();
        assert!(blocks.join(folder).is_dir(), "{sharding}");
        assert_eq!(store.get(&empty).unwrap().unwrap(), "x");
        assert_eq!(store.keys(&Key::blocks()).unwrap().count(), 1);
    }
}

#[test]
fn garbage_in_sharding_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = kubo(dir.path()).join("SHARDING");
    for garbage in [
        &b""[..],
        b"\xff\xfe",
        b"/repo/flatfs/shard/v1/next-to-last/0\n",
        b"none",
    ] {
        fs::write(&path, garbage).unwrap();
        let before = tree(dir.path());
        let error = File::open(&options(dir.path())).err().unwrap();
        assert!(
            matches!(&error, Error::Corrupt { path: named, .. } if *named == path),
            "{error}"
        );
        assert_eq!(tree(dir.path()), before, "a refusal changes nothing");
    }
}

#[test]
fn a_folder_of_something_else_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = dir.path().join("blocks");
    fs::create_dir(&blocks).unwrap();
    fs::write(blocks.join("diary.txt"), "dear").unwrap();
    let before = tree(dir.path());
    let error = File::open(&options(dir.path())).err().unwrap();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    assert_eq!(tree(dir.path()), before);
    fs::remove_file(blocks.join("diary.txt")).unwrap();
    fs::remove_dir(&blocks).unwrap();
    fs::write(&blocks, "a file").unwrap();
    assert!(matches!(
        File::open(&options(dir.path())),
        Err(Error::Io { .. })
    ));
}

#[test]
fn what_a_crash_left_in_temp_goes_when_it_is_opened_for_writing() {
    let dir = tempfile::tempdir().unwrap();
    let temp = kubo(dir.path()).join(".temp");
    fs::write(temp.join("temp-1-1"), "half").unwrap();
    fs::create_dir(temp.join("batch-1")).unwrap();
    fs::write(temp.join("batch-1/CIQ.data"), "half").unwrap();
    let before = tree(dir.path());
    drop(
        File::open(&Options {
            read_only: true,
            ..options(dir.path())
        })
        .unwrap(),
    );
    assert_eq!(tree(dir.path()), before);
    drop(open(dir.path()));
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0);
}

#[test]
fn a_beginning_that_a_crash_cut_short_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("blocks/.temp")).unwrap();
    fs::write(dir.path().join("blocks/.temp/SHARDING"), "/repo").unwrap();
    drop(open(dir.path()));
    assert!(dir.path().join("blocks/SHARDING").exists());
}

#[test]
fn reading_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let other = Key::new("/pins/a").unwrap();
    store.write(&put(&block(1), b"one"), Flush::No).unwrap();
    store.write(&put(&other, b"two"), Flush::No).unwrap();
    store.close().unwrap();
    // Never dropped, as after a crash: what reads must do without the repair.
    std::mem::forget(store);
    let before = tree(dir.path());
    let store = File::open(&Options {
        read_only: true,
        ..options(dir.path())
    })
    .unwrap();
    assert_eq!(store.get(&block(1)).unwrap().unwrap(), "one");
    assert_eq!(store.get(&other).unwrap().unwrap(), "two");
    assert_eq!(store.query(&Key::root()).unwrap().count(), 2);
    for flush in [Flush::No, Flush::Yes] {
        let error = store.write(&put(&block(2), b"x"), flush).unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
    }
    store.flush().unwrap();
    store.close().unwrap();
    drop(store);
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn files_of_others_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = kubo(dir.path());
    let lower = EMPTY_FOLDER_FILE.to_lowercase().replace("x3/", "X3/");
    for name in [
        "X3/note.txt",
        "X3/CIQ.data.tmp",
        "X3/put-123",
        &lower,
        "stray.data",
    ] {
        fs::write(blocks.join(name), "theirs").unwrap();
    }
    // A block's name, in a folder where it is not looked for.
    fs::create_dir(blocks.join("AA")).unwrap();
    fs::write(
        blocks
            .join("AA")
            .join(EMPTY_FOLDER_FILE.trim_start_matches("X3/")),
        "x",
    )
    .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"\xff\xfe.data");
        fs::write(blocks.join("X3").join(name), "theirs").unwrap();
        // A file where a folder of blocks would be.
        let shard = Folder::open(&options(dir.path()).disk, &blocks, true)
            .unwrap()
            .shard(&name::encode(&[0x12, 0x20, 1]).unwrap());
        fs::write(blocks.join(shard), "theirs").unwrap();
        assert_eq!(
            open(dir.path())
                .get(&Key::block(&[0x12, 0x20, 1]).unwrap())
                .unwrap(),
            None
        );
    }
    let before = tree(&blocks).len();
    let store = open(dir.path());
    let found: Vec<Key> = store
        .keys(&Key::root())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(found, [key(EMPTY_FOLDER)]);
    store.close().unwrap();
    assert_eq!(tree(&blocks).len(), before);
}

#[test]
fn the_longest_key_has_a_name() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let longest = Key::block(&[7; name::MAX_MULTIHASH]).unwrap();
    store.write(&put(&longest, b"x"), Flush::Yes).unwrap();
    assert_eq!(store.get(&longest).unwrap().unwrap(), "x");
    let mut batch = Batch::new();
    batch.delete(longest);
    store.write(&batch, Flush::Yes).unwrap();
}

#[test]
fn compression_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        compression: Compression::Lz4,
        ..options(dir.path())
    };
    let error = File::open(&options).err().unwrap();
    assert!(
        matches!(error, Error::Unsupported { engine: "file", .. }),
        "{error}"
    );
}

/// One bit flipped anywhere in `meta.redb`: refused, or without effect; never another answer.
#[test]
fn a_flipped_bit_beside_the_blocks_is_never_another_answer() {
    let dir = tempfile::tempdir().unwrap();
    let keys: Vec<Key> = (0..60)
        .map(|n| Key::new(&format!("/pins/{n}")).unwrap())
        .collect();
    let store = open(dir.path());
    let mut batch = Batch::new();
    for key in &keys {
        batch.put(key.clone(), "a value that should come back as it is");
    }
    store.write(&batch, Flush::Yes).unwrap();
    store.close().unwrap();
    drop(store);
    let path = dir.path().join("meta.redb");
    let good = fs::read(&path).unwrap();
    // Most of the file is free pages of zeros; a flip there has no effect.
    let used: Vec<usize> = (0..good.len()).filter(|i| good[*i] != 0).collect();
    let mut refused = 0;
    for (n, at) in used.iter().step_by(used.len() / 150).enumerate() {
        let mut bad = good.clone();
        bad[*at] ^= 1 << (n % 8);
        fs::write(&path, &bad).unwrap();
        for read_only in [true, false] {
            let options = Options {
                read_only,
                ..options(dir.path())
            };
            // The wrapper makes an error of a panic, so it is one here.
            let answer = std::panic::catch_unwind(AssertUnwindSafe(|| {
                let store = File::open(&options)?;
                keys.iter()
                    .map(|key| store.get(key))
                    .collect::<Result<Vec<_>>>()
            }));
            match answer {
                Ok(Ok(values)) => {
                    for (key, value) in keys.iter().zip(values) {
                        assert_eq!(
                            value.unwrap_or_else(|| panic!("{key} is gone, byte {at}")),
                            "a value that should come back as it is"
                        );
                    }
                }
                Ok(Err(error)) => {
                    assert!(
                        matches!(error, Error::Corrupt { .. } | Error::Unsupported { .. }),
                        "{error:?}"
                    );
                    refused += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    // The others were on pages that earlier commits left.
    assert!(refused > 60, "only {refused} were noticed");
}

/// ENOSPC, on a file system of its own of 2 MiB.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_no_part_of_a_block() {
    let dir = tempfile::tempdir().unwrap();
    let status = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
        .arg(dir.path())
        .stderr(std::process::Stdio::null())
        .status();
    if !status.is_ok_and(|status| status.success()) {
        testkit::skip(
            "a_full_disk_leaves_no_part_of_a_block",
            "needs root, to mount a tmpfs",
        );
        return;
    }
    struct Mounted<'a>(&'a Path);
    impl Drop for Mounted<'_> {
        fn drop(&mut self) {
            let _ = std::process::Command::new("umount")
                .arg("-l")
                .arg(self.0)
                .status();
        }
    }
    let _mounted = Mounted(dir.path());
    let store = open(dir.path());
    let value: &[u8] = &[7; 100_000];
    let mut stored = Vec::new();
    let error = loop {
        let n = stored.len() as u8;
        // Every other time a batch, of which some blocks may be there and none in part.
        let mut batch = Batch::new();
        batch.put(block(n), Bytes::from_static(&[7; 100_000]));
        match store.write(
            &batch,
            if n.is_multiple_of(2) {
                Flush::Yes
            } else {
                Flush::No
            },
        ) {
            Ok(()) => stored.push(block(n)),
            Err(error) => break error,
        }
        assert!(n < 30, "2 MiB never filled");
    };
    assert!(error.is_out_of_space(), "{error:?}");
    let temps = || {
        fs::read_dir(dir.path().join("blocks/.temp"))
            .unwrap()
            .count()
    };
    assert_eq!(temps(), 0);
    let mut batch = Batch::new();
    for n in 100..110 {
        batch.put(block(n), Bytes::from_static(&[7; 100_000]));
    }
    for flush in [Flush::Yes, Flush::No] {
        assert!(store.write(&batch, flush).unwrap_err().is_out_of_space());
        assert_eq!(temps(), 0);
    }
    for entry in store.query(&Key::blocks()).unwrap() {
        let (key, bytes) = entry.unwrap();
        assert!(bytes == value, "{key} has {} bytes", bytes.len());
    }
    assert_eq!(store.keys(&Key::blocks()).unwrap().count(), stored.len());
    // Deleting works on a full disk, and then writing does.
    assert_eq!(store.after_full(), AfterFull::Nothing);
    let mut batch = Batch::new();
    batch.delete(stored[0].clone());
    batch.delete(stored[1].clone());
    store.write(&batch, Flush::Yes).unwrap();
    store
        .write(&put(&block(200), b"again"), Flush::Yes)
        .unwrap();
    drop(store);
    assert_eq!(open(dir.path()).get(&block(200)).unwrap().unwrap(), "again");
}
