#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;

use super::*;

use datastore::{Batch, Key};

use crate::engine::{Engine, Flush, Options};
use crate::engines::rocksdb::Rocks;

const PUTS: u8 = 40;

/// The database as a power cut would find it: 40 blocks of 3 KiB in the log. And the bytes of that.
fn store(dir: &Path) -> (Options, Vec<u8>) {
    let live = Options::new(dir.join("live"));
    let engine = Rocks::open(&live).unwrap();
    for n in 0..PUTS {
        let mut batch = Batch::new();
        batch.put(Key::block(&[n, 7]).unwrap(), vec![n ^ 0x55; 3072]);
        engine.write(&batch, Flush::No).unwrap();
    }
    engine.flush().unwrap();
    let options = Options {
        unclean: true,
        ..Options::new(dir.join("copy"))
    };
    fs::create_dir(&options.dir).unwrap();
    for entry in fs::read_dir(&live.dir).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, options.dir.join(path.file_name().unwrap())).unwrap();
    }
    let log = fs::read(&logs(&options.dir).unwrap()[0]).unwrap();
    (options, log)
}

fn keys(options: &Options) -> Result<Vec<Key>> {
    Rocks::open(options)?.keys(&Key::blocks())?.collect()
}

/// Writes `log` in place of the log, and tells what opens: the blocks before `at` alone.
fn opens_up_to(at: usize, options: &Options, log: &[u8]) {
    let path = logs(&options.dir).unwrap().remove(0);
    fs::write(&path, log).unwrap();
    let found = keys(options).unwrap();
    // A record is some 50 bytes longer than its block.
    let blocks = found.len();
    assert!(
        blocks * 3072 <= at && at <= (blocks + 2) * 3200,
        "{blocks} before {at}"
    );
    for (n, key) in (0..).zip(&found) {
        assert_eq!(*key, Key::block(&[n, 7]).unwrap());
    }
    assert_eq!(aside::kept(&options.dir).len(), 1);
    // Nothing that was written is gone.
    assert!(log.ends_with(&aside::kept(&options.dir)[0]));
}

#[test]
fn a_page_that_was_never_written_ends_the_log() {
    for page in [1, 2, 7, 8, 15, 16, 20] {
        let dir = tempfile::tempdir().unwrap();
        let (options, mut log) = store(dir.path());
        let at = page * 4096;
        log[at..at + 4096].fill(0);
        opens_up_to(at, &options, &log);
    }
}

#[test]
fn the_rest_of_a_page_that_was_never_written_ends_it() {
    for at in [
        8192 - 1_usize,
        8192 - 5,
        8192 - 100,
        36_864 - 700,
        65_536 - 40,
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (options, mut log) = store(dir.path());
        let end = at.next_multiple_of(4096);
        log[at..end].fill(0);
        opens_up_to(at, &options, &log);
    }
}

#[test]
fn an_end_that_was_never_written_is_cut_off_with_what_it_left_of_a_write() {
    let dir = tempfile::tempdir().unwrap();
    let (options, mut log) = store(dir.path());
    log[69_632..].fill(0);
    opens_up_to(69_632, &options, &log);
}

/// A write that begins in one block of the log and ends in the next has a record in each.
#[test]
fn the_end_may_be_missing_from_the_middle_of_a_write_on() {
    for block in [1, 2, 3] {
        let dir = tempfile::tempdir().unwrap();
        let (options, mut log) = store(dir.path());
        let at = block * 32_768;
        log[at..].fill(0);
        opens_up_to(at, &options, &log);
    }
}

/// The length of a file may reach the disk with a page that was copied before it grew so far.
#[test]
fn the_rest_of_the_last_page_may_be_missing_in_a_file_that_ends_in_it() {
    for missing in [1, 5, 100, 700, 2000] {
        let dir = tempfile::tempdir().unwrap();
        let (options, mut log) = store(dir.path());
        let at = log.len() - missing;
        assert_ne!(log.len() % 4096, 0, "it is no test of that otherwise");
        log[at..].fill(0);
        opens_up_to(at, &options, &log);
    }
}

#[test]
fn many_pages_that_were_never_written_end_it_too() {
    let dir = tempfile::tempdir().unwrap();
    let (options, mut log) = store(dir.path());
    log[20_480..90_112].fill(0);
    opens_up_to(20_480, &options, &log);
}

#[test]
fn what_is_damaged_otherwise_is_refused_and_left_as_it_is() {
    for at in [9, 500, 40_000, 70_001] {
        let dir = tempfile::tempdir().unwrap();
        let (options, mut log) = store(dir.path());
        log[at] ^= 0x10;
        let path = logs(&options.dir).unwrap().remove(0);
        fs::write(&path, &log).unwrap();
        assert!(matches!(keys(&options), Err(Error::Corrupt { .. })), "{at}");
        assert!(fs::read(&path).unwrap() == log);
        assert!(aside::kept(&options.dir).is_empty());
    }
}

#[test]
fn a_closed_store_with_a_hole_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (options, mut log) = store(dir.path());
    log[8192..12_288].fill(0);
    let path = logs(&options.dir).unwrap().remove(0);
    fs::write(&path, &log).unwrap();
    let closed = Options {
        unclean: false,
        ..options
    };
    assert!(matches!(keys(&closed), Err(Error::Corrupt { .. })));
    assert!(fs::read(&path).unwrap() == log);
}

#[test]
fn a_whole_log_is_left_as_it_is_and_so_is_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let (options, log) = store(dir.path());
    for len in [log.len(), log.len() - 100, 50_000, 32_768, 8_190] {
        let path = dir.path().join("000001.log");
        fs::write(&path, &log[..len]).unwrap();
        assert_eq!(find(&mut File::open(&path).unwrap()).unwrap(), None);
    }
    assert_eq!(keys(&options).unwrap().len(), usize::from(PUTS));
}

#[test]
fn blocks_of_zeros_are_no_holes() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path().join("live"));
    let engine = Rocks::open(&options).unwrap();
    for n in 0..10 {
        let mut batch = Batch::new();
        batch.put(Key::block(&[n, 7]).unwrap(), vec![0; 100_000]);
        engine.write(&batch, Flush::Yes).unwrap();
    }
    for path in logs(&options.dir).unwrap() {
        assert_eq!(find(&mut File::open(&path).unwrap()).unwrap(), None);
    }
}
