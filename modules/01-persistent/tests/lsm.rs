//! What the two log-structured engines have in common: what is on disk when, what a full disk and
//! a damaged file do, and that dropping lets go of everything.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use datastore::{Batch, Error, Key, Result};
use persistent::engine::{AfterFull, Compression, Engine, Flush, Options};
use persistent::engines;

type Open = fn(&Options) -> Result<Box<dyn Engine>>;

fn fjall(options: &Options) -> Result<Box<dyn Engine>> {
    Ok(Box::new(engines::fjall::Fjall::open(options)?))
}

#[cfg(feature = "rocksdb")]
fn rocksdb(options: &Options) -> Result<Box<dyn Engine>> {
    Ok(Box::new(engines::rocksdb::Rocks::open(options)?))
}

/// Makes a test of each check for each engine of the build.
macro_rules! for_each_engine {
    ($($check:ident)*) => {
        mod on_fjall {
            $(#[test] fn $check() { super::$check("fjall", super::fjall); })*
        }
        #[cfg(feature = "rocksdb")]
        mod on_rocksdb {
            $(#[test] fn $check() { super::$check("rocksdb", super::rocksdb); })*
        }
    };
}

for_each_engine! {
    what_was_written_is_there_after_each_of_two_crashes
    a_close_leaves_what_opens_at_once
    dropping_lets_go_of_everything
    an_enumeration_outlives_its_engine_and_says_so
    many_large_values_do_not_meet_in_memory
    compressed_values_come_back_and_take_less
    a_truncated_log_loses_its_tail_alone
    damage_in_the_log_refuses_the_store
    a_file_that_is_missing_is_damage
    two_cannot_open_one_store
    each_durable_batch_is_one_flush
    a_full_disk_is_seen_as_one_and_passes
}

fn options(dir: &Path) -> Options {
    Options {
        cache: 8 << 20,
        // Most stores here are copies of open ones, and nobody says so for them.
        unclean: true,
        ..Options::new(dir.join("engine"))
    }
}

fn key(n: u32) -> Key {
    let spread = n.wrapping_mul(0x9e37_79b1).to_be_bytes();
    Key::block(&[&[0x12, 0x20][..], &spread, &n.to_be_bytes(), &[7; 24]].concat()).unwrap()
}

/// `len` bytes that do not compress, different for each `n`.
fn value(n: u32, len: usize) -> Bytes {
    let mut x = (u64::from(n) << 32) | 0x9e37_79b9;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes.extend_from_slice(&x.to_le_bytes());
    }
    bytes.truncate(len);
    bytes.into()
}

fn put(n: u32, len: usize) -> Batch {
    let mut batch = Batch::new();
    batch.put(key(n), value(n, len));
    batch.put(
        Key::new(&format!("/meta/{n}")).unwrap(),
        n.to_be_bytes().to_vec(),
    );
    batch
}

#[track_caller]
fn assert_there(store: &dyn Engine, n: u32, len: usize) {
    assert!(
        store.get(&key(n)).unwrap().unwrap() == value(n, len),
        "block {n}"
    );
    assert_eq!(store.size(&key(n)).unwrap(), Some(len as u64));
    let meta = Key::new(&format!("/meta/{n}")).unwrap();
    assert_eq!(store.get(&meta).unwrap().unwrap(), n.to_be_bytes()[..]);
}

/// What a crash of the process now would leave, in a folder of its own.
fn crash(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_all(dir, copy.path());
    copy
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&to).unwrap();
            copy_all(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The log that is being written.
fn log(name: &str, dir: &Path) -> PathBuf {
    let extension = if name == "fjall" { "jnl" } else { "log" };
    files(dir, extension).pop().unwrap()
}

fn what_was_written_is_there_after_each_of_two_crashes(_: &str, open: Open) {
    let first = tempfile::tempdir().unwrap();
    let store = open(&options(first.path())).unwrap();
    for n in 0..50 {
        store.write(&put(n, 3000), Flush::No).unwrap();
    }
    let second = crash(first.path());
    let store = open(&options(second.path())).unwrap();
    (0..50).for_each(|n| assert_there(&*store, n, 3000));
    for n in 50..100 {
        store.write(&put(n, 300), Flush::Yes).unwrap();
    }
    let mut batch = Batch::new();
    batch.delete(key(0));
    store.write(&batch, Flush::Yes).unwrap();
    let third = crash(second.path());
    let store = open(&options(third.path())).unwrap();
    assert!(!store.has(&key(0)).unwrap());
    (1..50).for_each(|n| assert_there(&*store, n, 3000));
    (50..100).for_each(|n| assert_there(&*store, n, 300));
}

fn a_close_leaves_what_opens_at_once(name: &str, open: Open) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&options(dir.path())).unwrap();
    for n in 0..1200 {
        store.write(&put(n, 10_000), Flush::No).unwrap();
    }
    store.close().unwrap();
    drop(store);
    // The blocks are in tables: they are there without the log.
    if name == "rocksdb" {
        for log in files(dir.path(), "log") {
            assert_eq!(fs::metadata(&log).unwrap().len(), 0, "{}", log.display());
        }
    } else {
        fs::write(log(name, dir.path()), b"").unwrap();
    }
    let store = open(&options(dir.path())).unwrap();
    for n in (0..1200).step_by(97) {
        assert!(store.get(&key(n)).unwrap().unwrap() == value(n, 10_000));
    }
}

fn dropping_lets_go_of_everything(_: &str, open: Open) {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..20 {
        let store = open(&options(dir.path())).unwrap();
        store.write(&put(n, 100_000), Flush::No).unwrap();
        drop(store);
        // Other tests of this process have files open too, so only those of this folder count.
        let held = || {
            let open = fs::read_dir("/proc/self/fd").unwrap().flatten();
            let path = |fd: fs::DirEntry| fs::read_link(fd.path()).ok();
            open.filter_map(path)
                .filter(|path| path.starts_with(dir.path()))
                .count()
        };
        // fjall counts a thread as gone a moment before what the thread held is dropped.
        let since = Instant::now();
        while held() > 0 {
            assert!(
                since.elapsed() < Duration::from_secs(10),
                "still open after round {n}"
            );
            std::thread::yield_now();
        }
    }
    let store = open(&options(dir.path())).unwrap();
    (0..20).for_each(|n| assert_there(&*store, n, 100_000));
}

fn an_enumeration_outlives_its_engine_and_says_so(_: &str, open: Open) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&options(dir.path())).unwrap();
    for n in 0..3000 {
        store.write(&put(n, 10), Flush::No).unwrap();
    }
    let mut entries = store.query(&Key::root()).unwrap();
    entries.next().unwrap().unwrap();
    drop(store);
    let store = open(&options(dir.path())).unwrap();
    assert!(store.has(&key(1)).unwrap());
    let ended = entries.find_map(Result::err);
    assert!(matches!(ended, Some(Error::Closed)), "{ended:?}");
    assert_eq!(store.keys(&Key::root()).unwrap().count(), 6000);
}

/// 160 MiB are more than two lists in memory hold, so tables are written meanwhile.
fn many_large_values_do_not_meet_in_memory(_: &str, open: Open) {
    let dir = tempfile::tempdir().unwrap();
    let store: Arc<dyn Engine> = Arc::from(open(&options(dir.path())).unwrap());
    const EACH: usize = 1 << 20;
    std::thread::scope(|scope| {
        for part in 0..4 {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                for n in part * 40..(part + 1) * 40 {
                    store.write(&put(n, EACH), Flush::No).unwrap();
                }
            });
        }
    });
    let mut found = 0;
    for entry in store.query(&Key::blocks()).unwrap() {
        let (_, bytes) = entry.unwrap();
        assert_eq!(bytes.len(), EACH);
        found += 1;
    }
    assert_eq!(found, 160);
    (0..160).for_each(|n| assert_there(&*store, n, EACH));
}

fn compressed_values_come_back_and_take_less(name: &str, open: Open) {
    let taken = |compression| {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            compression,
            ..options(dir.path())
        };
        let store = open(&options).unwrap();
        let text = Bytes::from(b"the same again, ".repeat(64 << 10));
        for n in 0..32 {
            let mut batch = Batch::new();
            batch.put(key(n), text.clone());
            store.write(&batch, Flush::No).unwrap();
        }
        store.close().unwrap();
        drop(store);
        // Whatever it was made with, it opens with the other.
        let store = open(&self::options(dir.path())).unwrap();
        assert!(store.get(&key(7)).unwrap().unwrap() == text);
        let blobs = blobs(name, dir.path());
        blobs
            .iter()
            .map(|path| fs::metadata(path).unwrap().len())
            .sum::<u64>()
    };
    let (plain, packed) = (taken(Compression::None), taken(Compression::Lz4));
    assert!(plain > 32 << 20, "{plain}");
    assert!(packed < plain / 10, "{packed} of {plain}");
}

/// The files of large values: `….blob`, or for fjall `keyspaces/1/blobs/…`.
fn blobs(name: &str, dir: &Path) -> Vec<PathBuf> {
    if name == "rocksdb" {
        return files(dir, "blob");
    }
    let blobs = fs::read_dir(dir.join("engine/keyspaces/1/blobs")).unwrap();
    blobs.map(|entry| entry.unwrap().path()).collect()
}

/// Writes 20 blocks, each flushed; gives the folder after a crash, and how long the log was after
/// each.
fn written(name: &str, open: Open) -> (tempfile::TempDir, Vec<u64>) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&options(dir.path())).unwrap();
    let mut lens = Vec::new();
    for n in 0..20 {
        store.write(&put(n, 2000), Flush::Yes).unwrap();
        lens.push(used(&log(name, dir.path())));
    }
    (crash(dir.path()), lens)
}

/// The length of a file without the zeros that were reserved behind its end.
fn used(path: &Path) -> u64 {
    let bytes = fs::read(path).unwrap();
    bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at as u64 + 1)
}

fn a_truncated_log_loses_its_tail_alone(name: &str, open: Open) {
    let (dir, lens) = written(name, open);
    // In the middle of the last batch but one.
    let at = (lens[17] + lens[18]) / 2;
    let log = fs::OpenOptions::new()
        .write(true)
        .open(log(name, dir.path()))
        .unwrap();
    log.set_len(at).unwrap();
    let store = open(&options(dir.path())).unwrap();
    (0..18).for_each(|n| assert_there(&*store, n, 2000));
    for n in [18, 19] {
        assert!(!store.has(&key(n)).unwrap(), "half a batch came back");
        assert!(
            !store
                .has(&Key::new(&format!("/meta/{n}")).unwrap())
                .unwrap()
        );
    }
    // What is written now is there afterwards, behind the cut.
    store.write(&put(18, 2000), Flush::Yes).unwrap();
    let again = crash(dir.path());
    let store = open(&options(again.path())).unwrap();
    (0..19).for_each(|n| assert_there(&*store, n, 2000));
}

fn damage_in_the_log_refuses_the_store(name: &str, open: Open) {
    let (dir, lens) = written(name, open);
    let path = log(name, dir.path());
    let good = fs::read(&path).unwrap();
    // In the value of the tenth batch.
    let mut bad = good.clone();
    bad[(lens[8] + lens[9]) as usize / 2] ^= 4;
    fs::write(&path, &bad).unwrap();
    match open(&options(dir.path())) {
        Err(error @ Error::Corrupt { .. }) => {
            let text = error.to_string();
            assert!(text.contains("salvage"), "{text}");
        }
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it opened as if nothing were wrong"),
    }
}

fn a_file_that_is_missing_is_damage(name: &str, open: Open) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&options(dir.path())).unwrap();
    for n in 0..1000 {
        store.write(&put(n, 10_000), Flush::No).unwrap();
    }
    store.close().unwrap();
    drop(store);
    let copy = crash(dir.path());
    fs::remove_file(blobs(name, copy.path()).pop().unwrap()).unwrap();
    match open(&options(copy.path())) {
        Err(error) => assert!(matches!(error, Error::Corrupt { .. }), "{error:?}"),
        // RocksDB notices when it is asked for a block that was there.
        Ok(store) => {
            let (failed, found): (Vec<_>, Vec<_>) = (0..1000)
                .map(|n| store.get(&key(n)))
                .partition(Result::is_err);
            assert!(!failed.is_empty());
            assert!(
                failed
                    .iter()
                    .all(|e| matches!(e, Err(Error::Corrupt { .. }))),
                "{:?}",
                failed[0]
            );
            assert!(found.iter().all(|value| matches!(value, Ok(Some(_)))));
        }
    }
    let table = match name {
        "rocksdb" => files(dir.path(), "sst").pop().unwrap(),
        _ => {
            let tables = dir.path().join("engine/keyspaces/1/tables");
            fs::read_dir(tables)
                .unwrap()
                .next()
                .unwrap()
                .unwrap()
                .path()
        }
    };
    fs::remove_file(table).unwrap();
    let error = open(&options(dir.path())).err().unwrap();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
}

fn two_cannot_open_one_store(name: &str, open: Open) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&options(dir.path())).unwrap();
    let error = open(&options(dir.path())).err().unwrap();
    assert!(
        matches!(&error, Error::Engine { engine, .. } if *engine == name),
        "{error:?}"
    );
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("in use"), "{source}");
    drop(store);
    open(&options(dir.path())).unwrap();
}

/// The engine and the folder of a child.
const CHILD: (&str, &str) = ("CAIRN_TEST_LSM_ENGINE", "CAIRN_TEST_LSM_FOLDER");

/// Writes 20 batches of 64 that are flushed, and as many that are not.
#[test]
fn child() {
    let (Ok(name), Some(folder)) = (std::env::var(CHILD.0), std::env::var_os(CHILD.1)) else {
        return;
    };
    let open: Open = match name.as_str() {
        "fjall" => fjall,
        #[cfg(feature = "rocksdb")]
        "rocksdb" => rocksdb,
        other => panic!("{other}"),
    };
    let store = open(&options(Path::new(&folder))).unwrap();
    for n in 0..40 {
        let mut batch = Batch::new();
        (0..64).for_each(|m| batch.append(put(64 * n + m, 256)));
        let flush = if n < 20 { Flush::Yes } else { Flush::No };
        store.write(&batch, flush).unwrap();
    }
    // Not closed: that flushes too.
    std::process::exit(0);
}

#[cfg(target_os = "linux")]
fn each_durable_batch_is_one_flush(name: &str, _: Open) {
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let ran = std::process::Command::new("strace")
        .args([
            "-f",
            "-y",
            "-e",
            "trace=fsync,fdatasync,sync_file_range",
            "-o",
        ])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--test-threads=1"])
        .env(CHILD.0, name)
        .env(CHILD.1, dir.path())
        .output();
    let Ok(ran) = ran else {
        testkit::skip("each_durable_batch_is_one_flush", "no strace");
        return;
    };
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let trace = fs::read_to_string(trace).unwrap();
    let log = if name == "fjall" { "0.jnl>" } else { ".log>" };
    let flushes = trace
        .lines()
        .filter(|line| line.contains("fdatasync(") && line.contains(log));
    assert_eq!(flushes.count(), 20, "{trace}");
}

#[cfg(not(target_os = "linux"))]
fn each_durable_batch_is_one_flush(_: &str, _: Open) {
    testkit::skip(
        "each_durable_batch_is_one_flush",
        "counts system calls, with strace",
    );
}

/// A file system in memory, unmounted when dropped.
#[cfg(target_os = "linux")]
struct Disk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl Disk {
    fn mount(mib: u32) -> Option<Disk> {
        use std::process::{Command, Stdio};
        let dir = tempfile::tempdir().unwrap();
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"])
            .arg(dir.path())
            .stderr(Stdio::null())
            .status();
        status
            .is_ok_and(|status| status.success())
            .then_some(Disk(dir))
    }
}

#[cfg(target_os = "linux")]
impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(self.0.path())
            .status();
    }
}

/// ENOSPC, on file systems of sizes that meet it in the log, in a table and in a blob file.
#[cfg(target_os = "linux")]
fn a_full_disk_is_seen_as_one_and_passes(name: &str, open: Open) {
    // Freed later: room for the full lists in memory to become tables.
    const BALLAST: u32 = 200;
    for mib in [24, 74, 184] {
        let Some(disk) = Disk::mount(mib + BALLAST) else {
            testkit::skip(
                "a_full_disk_is_seen_as_one_and_passes",
                "needs root, to mount a tmpfs",
            );
            return;
        };
        let ballast = disk.0.path().join("ballast");
        fs::write(&ballast, vec![1; (BALLAST as usize) << 20]).unwrap();
        let options = options(disk.0.path());
        let store = open(&options).unwrap();
        assert_eq!(store.after_full(), AfterFull::ReopenToWrite);
        let mut stored = 0;
        let error = loop {
            match store.write(&put(stored, 100_000), Flush::Yes) {
                Ok(()) => stored += 1,
                Err(error) => break error,
            }
            assert!(stored < 11 * mib + 100, "{mib} MiB never filled");
        };
        assert!(error.is_out_of_space(), "{name}, {mib} MiB: {error:?}");
        let again = store.write(&put(stored, 100_000), Flush::Yes).unwrap_err();
        assert!(
            again.is_out_of_space(),
            "{name}, {mib} MiB, again: {again:?}"
        );
        (0..stored).for_each(|n| assert_there(&*store, n, 100_000));
        assert_eq!(store.keys(&Key::blocks()).unwrap().count(), stored as usize);
        drop(store);

        // Opened anew on the disk that is still full, it reads, or says that it has no room to open:
        // RocksDB has to write its options. What opens it then is the ballast, which is above this.
        match open(&options) {
            Ok(store) => (0..stored).for_each(|n| assert_there(&*store, n, 100_000)),
            Err(error) => assert!(name == "rocksdb" && error.is_out_of_space(), "{error:?}"),
        }

        fs::remove_file(&ballast).unwrap();
        let store = open(&options).unwrap();
        (0..stored).for_each(|n| assert_there(&*store, n, 100_000));
        for n in stored..stored + 20 {
            store.write(&put(n, 100_000), Flush::Yes).unwrap();
        }
        drop(store);
        let store = open(&options).unwrap();
        (0..stored + 20).for_each(|n| assert_there(&*store, n, 100_000));
    }
}

#[cfg(not(target_os = "linux"))]
fn a_full_disk_is_seen_as_one_and_passes(_: &str, _: Open) {
    testkit::skip(
        "a_full_disk_is_seen_as_one_and_passes",
        "mounts a tmpfs, which Linux has",
    );
}
