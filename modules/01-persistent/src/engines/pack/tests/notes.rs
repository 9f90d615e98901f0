//! Deletes, where the index is gone and a section is damaged besides.

use datastore::Disk;
use datastore::disk::Mode;
use testkit::crash::CrashDisk;

use super::engine::{block, disk, files, map, open, put, reader};
use crate::engine::{Engine, Flush};
use crate::engines::pack::Pack;
use crate::engines::pack::section::{MAX_HEAD, head_len};

/// A store with four blocks, of which the second was deleted; closed, and without its index. Each is
/// followed by the next, so that the bytes of one are known by those of its block.
fn left() -> (CrashDisk, Vec<u8>) {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..4, Flush::Yes);
    super::engine::delete(&store, [1], Flush::Yes);
    put(&store, [9], Flush::Yes);
    store.close().unwrap();
    drop(store);
    for path in files(&disk, ".run") {
        disk.remove_file(&path).unwrap();
    }
    let car = files(&disk, ".car").remove(0);
    let bytes = disk.read(&car).unwrap().unwrap();
    (disk, bytes)
}

/// The same with other bytes in its only segment.
fn with(bytes: &[u8]) -> CrashDisk {
    let (disk, _) = left();
    let car = files(&disk, ".car").remove(0);
    let file = disk.open(&car, Mode::Write).unwrap();
    file.write_all_at(bytes, 0).unwrap();
    disk
}

/// Where the value of a block begins.
fn value_of(n: u64, bytes: &[u8]) -> usize {
    let value = block(n).1;
    let mut places = bytes.windows(value.len());
    places.position(|part| part == value).unwrap()
}

fn head_of(n: u64) -> usize {
    head_len(34, block(n).1.len())
}

fn keys(store: &Pack) -> Vec<datastore::Key> {
    let mut keys: Vec<_> = super::engine::all(store).into_keys().collect();
    keys.sort();
    keys
}

/// For who reads, and for who writes, and for whoever comes after him.
fn has(disk: &CrashDisk, wanted: &[u64], why: &str) {
    let wanted: Vec<_> = map(wanted.iter().copied()).into_keys().collect();
    assert_eq!(keys(&reader(disk)), wanted, "{why}, who reads");
    for _ in 0..2 {
        let store = open(disk);
        assert_eq!(keys(&store), wanted, "{why}");
        store.close().unwrap();
    }
}

#[test]
fn what_was_deleted_stays_so_whatever_bit_of_its_head_is_flipped() {
    let (_, good) = left();
    let end = value_of(1, &good);
    for bit in ((end - head_of(1)) * 8..end * 8).step_by(3) {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        has(&with(&bytes), &[0, 2, 3, 9], &format!("bit {bit}"));
    }
}

#[test]
fn what_was_not_is_there_whatever_bit_of_its_head_is_flipped() {
    let (_, good) = left();
    let end = value_of(2, &good);
    for bit in ((end - head_of(2)) * 8..end * 8).step_by(3) {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        has(&with(&bytes), &[0, 2, 3, 9], &format!("bit {bit}"));
    }
}

#[test]
fn a_note_of_a_delete_counts_whatever_bit_of_it_is_flipped() {
    let (_, good) = left();
    // It stands between these two.
    let begin = value_of(3, &good) + block(3).1.len();
    let end = value_of(9, &good) - head_of(9);
    assert!((60..MAX_HEAD).contains(&(end - begin)), "{begin}..{end}");
    for bit in (begin * 8..end * 8).step_by(3) {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        has(&with(&bytes), &[0, 2, 3, 9], &format!("bit {bit}"));
    }
}
