//! The engine alone, with limits so small that everything happens all the time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use block_cid::hash::sha2_256;
use bytes::Bytes;
use datastore::{Batch, Disk, Key};
use testkit::Rng;
use testkit::crash::CrashDisk;

use crate::engine::{Engine, Flush, Options};
use crate::engines::pack::{Limits, Pack};

/// What is in a store.
pub(super) type Map = BTreeMap<Key, Bytes>;

/// A run has 20 entries, a segment 8 KiB.
pub(super) const SMALL: Limits = Limits {
    table: 20,
    unindexed: 1 << 20,
    segment: 8 << 10,
    mark: 1 << 10,
    fan: 3,
    step: 2 << 10,
    end_for: 4 << 10,
    at_close: 64 << 10,
    write_back: 1 << 20,
    filters: 1 << 20,
};

pub(super) fn block(n: u64) -> (Key, Bytes) {
    let mut rng = Rng::new(n);
    let len = [100, 300, 30, 700][rng.below(4) as usize];
    let value = [&n.to_be_bytes()[..], &rng.bytes(len)].concat();
    let key = Key::block(&sha2_256(&value).to_bytes()).unwrap();
    (key, value.into())
}

pub(super) fn options(disk: &CrashDisk) -> Options {
    Options {
        disk: disk.shared(),
        ..Options::new("store/blocks")
    }
}

pub(super) fn disk() -> CrashDisk {
    let disk = CrashDisk::new();
    disk.make_dir(Path::new("store")).unwrap();
    disk
}

pub(super) fn open(disk: &CrashDisk) -> Pack {
    Pack::open_with(&options(disk), SMALL).unwrap()
}

/// The store for who only reads.
pub(super) fn reader(disk: &CrashDisk) -> Pack {
    let options = Options {
        read_only: true,
        ..options(disk)
    };
    Pack::open_with(&options, SMALL).unwrap()
}

pub(super) fn put(store: &Pack, ns: impl IntoIterator<Item = u64>, flush: Flush) {
    let mut batch = Batch::new();
    ns.into_iter()
        .map(block)
        .for_each(|(key, value)| batch.put(key, value));
    store.write(&batch, flush).unwrap();
}

pub(super) fn delete(store: &Pack, ns: impl IntoIterator<Item = u64>, flush: Flush) {
    let mut batch = Batch::new();
    ns.into_iter().for_each(|n| batch.delete(block(n).0));
    store.write(&batch, flush).unwrap();
}

pub(super) fn compact(store: &mut Pack) -> datastore::Result<()> {
    while store.compact_step()? {}
    store.compact()
}

pub(super) fn map(ns: impl IntoIterator<Item = u64>) -> Map {
    ns.into_iter().map(block).collect()
}

/// All that is in it, by enumeration; each is also found by its key.
pub(super) fn all(store: &Pack) -> Map {
    let found: datastore::Result<Vec<_>> = store.query(&Key::root()).unwrap().collect();
    let found = found.unwrap();
    let all: Map = found.iter().cloned().collect();
    assert_eq!(all.len(), found.len(), "a key comes twice");
    for (key, value) in &all {
        assert_eq!(store.size(key).unwrap(), Some(value.len() as u64));
        assert!(store.get(key).unwrap().as_ref() == Some(value));
    }
    all
}

pub(super) fn files(disk: &CrashDisk, ending: &str) -> Vec<PathBuf> {
    let dir = Path::new("store/blocks");
    let names = disk.list(dir).unwrap().into_iter();
    let mut paths: Vec<PathBuf> = names
        .filter(|(name, _)| name.ends_with(ending))
        .map(|(name, _)| dir.join(name))
        .collect();
    paths.sort();
    paths
}

/// Every segment is a CAR for somebody else's reader: that of module 00, which knows nothing of us.
pub(super) fn are_cars(disk: &CrashDisk) -> usize {
    let mut blocks = 0;
    for path in files(disk, ".car") {
        let bytes = disk.read(&path).unwrap().unwrap();
        let reader = block_cid::car::Reader::new(&bytes[..]);
        let reader = reader.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for block in reader {
            let block = block.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let made = block_cid::Hash::of(block.cid().hash())
                .and_then(|by| block_cid::hash::hash(by, block.data()))
                .unwrap();
            assert_eq!(made, *block.cid().hash(), "{}", path.display());
            blocks += 1;
        }
    }
    blocks
}

#[test]
fn what_was_put_is_there_after_roll_overs_merges_and_reopenings() {
    let disk = disk();
    let mut wanted = Map::new();
    for round in 0..12u64 {
        let store = open(&disk);
        assert!(all(&store) == wanted, "round {round}");
        for n in (round * 30..(round + 1) * 30).step_by(3) {
            put(&store, n..n + 3, Flush::No);
        }
        // Some twice, some gone, some back.
        put(&store, round * 10..round * 10 + 5, Flush::Yes);
        delete(&store, (0..round * 7).step_by(5), Flush::No);
        wanted.extend(map(round * 30..(round + 1) * 30));
        wanted.extend(map(round * 10..round * 10 + 5));
        (0..round * 7)
            .step_by(5)
            .for_each(|n| drop(wanted.remove(&block(n).0)));
        assert!(all(&store) == wanted, "round {round}");
        store.close().unwrap();
    }
    assert!(
        files(&disk, ".car").len() > 10,
        "segments follow one another"
    );
    assert!(files(&disk, ".run").len() < 10, "runs are merged");
    assert!(are_cars(&disk) >= wanted.len());
    let store = open(&disk);
    for n in 1000..1500 {
        assert!(!store.has(&block(n).0).unwrap());
        assert_eq!(store.get(&block(n).0).unwrap(), None);
    }
}

#[test]
fn a_put_of_a_block_that_is_there_writes_nothing() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..10, Flush::Yes);
    let before = store.disk_usage().unwrap();
    let point = disk.point();
    put(&store, 0..10, Flush::Yes);
    delete(&store, 50..60, Flush::Yes);
    assert_eq!(disk.point(), point, "neither writes nor flushes");
    assert_eq!(store.disk_usage().unwrap(), before);
}

#[test]
fn a_get_may_be_answered_from_memory_and_a_put_never_is() {
    let disk = disk();
    let store = open(&disk);
    let value = Bytes::from(vec![7; 6000]);
    let key = Key::block(&sha2_256(&value).to_bytes()).unwrap();
    let mut batch = Batch::new();
    batch.put(key.clone(), value.clone());
    store.write(&batch, Flush::Yes).unwrap();
    for _ in 0..2 {
        assert_eq!(store.get(&key).unwrap(), Some(value.clone()));
    }

    let path = Path::new("store/blocks/000001.car");
    let file = disk.open(path, datastore::disk::Mode::Write).unwrap();
    let len = file.len().unwrap();
    file.write_all_at(&[0; 100], len - 100).unwrap();
    assert_eq!(store.get(&key).unwrap(), Some(value.clone()));
    // Who reads everything sees what is on the disk.
    let scanned: Vec<_> = store.query(&Key::root()).unwrap().collect();
    assert_ne!(scanned[0].as_ref().unwrap().1, value);
    // What is not there any more is written again.
    store.write(&batch, Flush::Yes).unwrap();
    assert!(file.len().unwrap() > len);
    drop(store);
    assert_eq!(open(&disk).get(&key).unwrap(), Some(value));
}

#[test]
fn a_damaged_block_is_healed_by_a_put() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..4, Flush::Yes);
    let path = &files(&disk, ".car")[0];
    let file = disk.open(path, datastore::disk::Mode::Write).unwrap();
    let bytes = disk.read(path).unwrap().unwrap();
    let value = block(2).1;
    let at = bytes
        .windows(value.len())
        .position(|part| part == value)
        .unwrap();
    // A head: the bytes are good.
    file.write_all_at(&[bytes[at - 1] ^ 1], at as u64 - 1)
        .unwrap();
    assert!(all(&store) == map(0..4));
    file.write_all_at(&[bytes[at - 1]], at as u64 - 1).unwrap();
    file.write_all_at(&[bytes[at] ^ 1], at as u64).unwrap();
    assert_ne!(store.get(&block(2).0).unwrap(), Some(value));
    put(&store, [2], Flush::Yes);
    assert!(all(&store) == map(0..4));
    // What is neither block nor head is damage, and is told as that.
    file.set_len(at as u64 - 20).unwrap();
    let error = store.get(&block(3).0).unwrap_err();
    assert!(matches!(error, datastore::Error::Corrupt { .. }), "{error}");
    put(&store, [3], Flush::Yes);
    assert!(store.get(&block(3).0).unwrap() == Some(block(3).1));
}

/// The index is made anew from the log, and nothing that was deleted comes back.
#[test]
fn the_index_may_be_thrown_away() {
    let disk = disk();
    let store = open(&disk);
    for n in 0..60 {
        put(&store, n * 3..n * 3 + 3, Flush::No);
        delete(&store, [n * 2], Flush::No);
    }
    let wanted = all(&store);
    store.close().unwrap();
    drop(store);
    let runs = files(&disk, ".run");
    assert!(runs.len() > 1);
    // Each of them, and all.
    for gone in runs.iter().map(std::slice::from_ref).chain([&runs[..]]) {
        let mut kept = Vec::new();
        for path in gone {
            kept.push((path, disk.read(path).unwrap().unwrap()));
            disk.remove_file(path).unwrap();
        }
        let store = open(&disk);
        assert!(all(&store) == wanted, "{gone:?}");
        store.close().unwrap();
        drop(store);
        for (path, bytes) in kept {
            disk.write_whole(path, &bytes).unwrap();
        }
    }
}

/// A page of a run that is damaged while the store is open, or before.
#[test]
fn a_damaged_run_is_made_anew() {
    for reopened in [false, true] {
        let disk = disk();
        let store = open(&disk);
        put(&store, 0..90, Flush::Yes);
        delete(&store, 0..9, Flush::Yes);
        store.close().unwrap();
        let runs = files(&disk, ".run");
        for path in &runs {
            let mut bytes = disk.read(path).unwrap().unwrap();
            bytes[100] ^= 4;
            disk.open(path, datastore::disk::Mode::Write)
                .unwrap()
                .write_all_at(&bytes, 0)
                .unwrap();
        }
        let store = match reopened {
            true => {
                drop(store);
                open(&disk)
            }
            false => store,
        };
        for n in 0..120 {
            assert_eq!(store.has(&block(n).0).unwrap(), (9..90).contains(&n), "{n}");
        }
        assert!(all(&store) == map(9..90));
    }
}

#[test]
fn a_reader_sees_what_is_there_and_writes_nothing() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..50, Flush::Yes);
    delete(&store, 0..5, Flush::Yes);
    // Not closed: a part is in no run.
    let disk = disk.kill();
    for damaged in [false, true] {
        if damaged {
            for path in files(&disk, ".run") {
                disk.open(&path, datastore::disk::Mode::Write)
                    .unwrap()
                    .set_len(50)
                    .unwrap();
            }
        }
        let point = disk.point();
        let reader = reader(&disk);
        assert!(all(&reader) == map(5..50));
        let mut batch = Batch::new();
        batch.put(block(1).0, block(1).1);
        assert!(matches!(
            reader.write(&batch, Flush::No),
            Err(datastore::Error::ReadOnly { .. })
        ));
        reader.check().unwrap();
        reader.close().unwrap();
        assert_eq!(disk.point(), point);
    }
}

/// Keys of blocks that are none, and other keys.
#[test]
fn odd_keys_are_kept_beside_the_log() {
    let disk = disk();
    let store = open(&disk);
    let odd = Key::block(&[0x12, 0x20, 9]).unwrap();
    let pin = Key::new("/pins/a").unwrap();
    let mut batch = Batch::new();
    batch.put(odd.clone(), "odd");
    batch.put(pin.clone(), "pin");
    batch.put(block(1).0, block(1).1);
    store.write(&batch, Flush::Yes).unwrap();
    let keys: Vec<Key> = store
        .keys(&Key::root())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(keys, [pin.clone(), odd.clone(), block(1).0]);
    let blocks: Vec<Key> = store
        .keys(&Key::blocks())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(blocks, [odd.clone(), block(1).0]);
    assert_eq!(store.get(&odd).unwrap().unwrap(), "odd");
    assert_eq!(store.size(&pin).unwrap(), Some(3));
}

/// With its thread, on the disk of the system.
#[test]
fn a_store_on_the_system_s_disk_works_in_the_background() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path().join("blocks"));
    let limits = Limits {
        write_back: 4 << 10,
        ..SMALL
    };
    let store = Arc::new(Pack::open_with(&options, limits).unwrap());
    std::thread::scope(|scope| {
        for t in 0..4u64 {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                for n in (t * 1000..t * 1000 + 300).step_by(5) {
                    put(
                        &store,
                        n..n + 5,
                        if n % 3 == 0 { Flush::Yes } else { Flush::No },
                    );
                    delete(&store, [n], Flush::No);
                    assert!(store.get(&block(n + 1).0).unwrap() == Some(block(n + 1).1));
                    assert!(!store.has(&block(n).0).unwrap());
                }
            });
        }
    });
    let kept = (0..4u64).flat_map(|t| (t * 1000..t * 1000 + 300).filter(|n| n % 5 != 0));
    let wanted = map(kept);
    assert!(all(&store) == wanted);
    store.close().unwrap();
    drop(store);
    let store = Pack::open_with(&options, limits).unwrap();
    assert!(all(&store) == wanted);
}
