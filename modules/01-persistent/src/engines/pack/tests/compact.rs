//! Compaction: what it gives back, what it leaves alone, and what goes on meanwhile.

use std::path::Path;
use std::sync::Arc;

use datastore::{Disk, Key};

use super::engine::{
    Map, SMALL, all, are_cars, block, compact, delete, disk, files, map, open, put,
};
use crate::engine::{Engine, Flush, Options};
use crate::engines::pack::Pack;
use crate::engines::pack::section::head_len;

#[test]
fn compaction_gives_back_what_was_deleted() {
    let disk = disk();
    let mut store = open(&disk);
    put(&store, 0..300, Flush::Yes);
    let before = store.disk_usage().unwrap();
    delete(&store, (0..300).filter(|n| n % 10 != 0), Flush::Yes);
    let wanted = map((0..300).step_by(10));
    compact(&mut store).unwrap();
    assert!(all(&store) == wanted);
    are_cars(&disk);
    let after = store.disk_usage().unwrap();
    assert!(after * 4 < before, "{before} bytes before, {after} after");
    store.close().unwrap();
    drop(store);
    for path in files(&disk, ".run") {
        disk.remove_file(&path).unwrap();
    }
    let mut store = open(&disk);
    assert!(all(&store) == wanted, "a delete was lost with its segment");
    // Nothing is left to do.
    compact(&mut store).unwrap();
    let point = disk.point();
    compact(&mut store).unwrap();
    assert!(disk.point() - point < 5, "{}", disk.point() - point);
}

#[test]
fn an_enumeration_goes_on_through_a_compaction() {
    let disk = disk();
    let mut store = open(&disk);
    put(&store, 0..200, Flush::Yes);
    delete(&store, (0..200).step_by(2), Flush::Yes);
    let mut entries = store.query(&Key::blocks()).unwrap();
    let mut seen: Map = entries.by_ref().take(20).map(Result::unwrap).collect();
    compact(&mut store).unwrap();
    seen.extend(entries.map(Result::unwrap));
    assert!(seen == map((1..200).step_by(2)));
}

/// A flipped bit, found when the segment is half taken apart.
#[test]
fn what_is_damaged_meanwhile_is_not_cut_off() {
    let disk = disk();
    let mut store = open(&disk);
    put(&store, 0..60, Flush::Yes);
    delete(&store, (0..60).step_by(2), Flush::Yes);
    let path = files(&disk, ".car")[0].clone();
    let before = disk.read(&path).unwrap().unwrap();
    let len = || disk.read(&path).unwrap().map_or(0, |bytes| bytes.len());
    while len() == before.len() {
        assert!(store.compact_step().unwrap());
    }
    // Of what is needed the last that is not moved yet.
    let last = (0..60).rev().filter(|n| n % 2 == 1).find_map(|n| {
        let value = block(n).1;
        let at = before[..len()]
            .windows(value.len())
            .position(|part| part == value)?;
        Some((n, at))
    });
    let (n, at) = last.unwrap();
    let file = disk.open(&path, datastore::disk::Mode::Write).unwrap();
    file.write_all_at(&[before[at + 9] ^ 1], at as u64 + 9)
        .unwrap();
    compact(&mut store).unwrap();
    assert!(len() > at, "the damage is there for whoever can mend it");
    file.write_all_at(&[before[at + 9]], at as u64 + 9).unwrap();
    assert!(store.get(&block(n).0).unwrap() == Some(block(n).1));
    assert!(all(&store) == map((1..60).step_by(2)));
    // Now it is compacted.
    compact(&mut store).unwrap();
    assert_eq!(len(), 0);
    assert!(all(&store) == map((1..60).step_by(2)));
}

#[test]
fn a_segment_that_a_crash_left_without_sections_is_removed() {
    let disk = disk();
    let mut store = open(&disk);
    put(&store, 0..60, Flush::Yes);
    delete(&store, 0..60, Flush::Yes);
    let first = files(&disk, ".car")[0].clone();
    let mark = disk.read(&first).unwrap().unwrap();
    // Where the first block begins.
    let value = block(0).1;
    let at = mark.windows(value.len()).position(|part| part == value);
    let cut = at.unwrap() - head_len(34, value.len());
    let file = disk.open(&first, datastore::disk::Mode::Write).unwrap();
    file.set_len(cut as u64).unwrap();
    are_cars(&disk);
    compact(&mut store).unwrap();
    assert!(!files(&disk, ".car").contains(&first));
    assert!(all(&store) == Map::new());
}

/// With threads, on the disk of the system.
#[test]
fn gets_puts_and_deletes_go_on_under_a_compaction() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path().join("blocks"));
    let store = Pack::open_with(&options, SMALL).unwrap();
    put(&store, 0..200, Flush::No);
    let step = |n: u64| n / 10 * 10;
    let writing = Arc::new(());
    let written = Arc::downgrade(&writing);
    let goes_on = || written.strong_count() > 0;
    std::thread::scope(|scope| {
        let store = &store;
        scope.spawn(move || {
            let _writing = writing;
            for n in (200..500).step_by(10) {
                put(store, n..n + 10, Flush::No);
                delete(store, n - 200..n - 195, Flush::No);
            }
        });
        scope.spawn(|| {
            while goes_on() {
                while store.compact_step().unwrap() {}
            }
        });
        scope.spawn(|| {
            while goes_on() {
                for n in (0..200).filter(|n| n - step(*n) >= 5) {
                    assert!(store.get(&block(n).0).unwrap() == Some(block(n).1), "{n}");
                }
            }
        });
    });
    let wanted = map((0..500).filter(|n| *n >= 300 || n - step(*n) >= 5));
    assert!(all(&store) == wanted);
    store.close().unwrap();
    drop(store);
    for entry in std::fs::read_dir(Path::new(&options.dir)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "run") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let store = Pack::open_with(&options, SMALL).unwrap();
    assert!(all(&store) == wanted, "as the log has it");
}
