//! Compaction that nobody asked for.

use datastore::Disk;

use super::engine::{SMALL, all, are_cars, block, delete, disk, files, map, open, options, put};
use crate::engine::{Engine, Flush, Options};
use crate::engines::pack::{Limits, Pack};
use testkit::crash::CrashDisk;

/// Does what the thread in the background would; how many segments it looked at.
fn tidy(store: &Pack) -> usize {
    let mut looks = 0;
    while store.core.compacts_next().unwrap() {
        looks += 1;
    }
    looks
}

#[test]
fn a_segment_is_compacted_when_most_of_it_was_deleted() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..300, Flush::Yes);
    let before = bytes(&disk);
    delete(&store, (0..300).filter(|n| n % 3 == 0), Flush::Yes);
    assert_eq!(tidy(&store), 0, "a third is not worth it");
    delete(&store, (0..300).filter(|n| n % 3 == 1), Flush::Yes);
    let segments = files(&disk, ".car").len();
    let looks = tidy(&store);
    assert!(
        (segments - 4..=segments).contains(&looks),
        "{looks} of {segments}"
    );
    let wanted = map((0..300).filter(|n| n % 3 == 2));
    assert!(all(&store) == wanted);
    are_cars(&disk);
    let after = bytes(&disk);
    assert!(after * 2 < before, "{before} bytes before, {after} after");
    assert_eq!(tidy(&store), 0, "it ends");
    store.close().unwrap();
    drop(store);
    for path in files(&disk, ".run") {
        disk.remove_file(&path).unwrap();
    }
    assert!(all(&open(&disk)) == wanted, "as the log has it");
}

#[test]
fn what_was_deleted_before_an_open_is_estimated() {
    for (deleted, worth) in [(1, false), (2, true)] {
        let disk = disk();
        let store = open(&disk);
        put(&store, 0..300, Flush::Yes);
        // Before anybody compacts.
        delete(&store, (0..300).filter(|n| n % 3 < deleted), Flush::Yes);
        store.close().unwrap();
        drop(store);
        let store = open(&disk);
        store.core.suspect().unwrap();
        let looks = tidy(&store);
        assert_eq!(looks > 4, worth, "{looks} segments");
        assert!(all(&store) == map((0..300).filter(|n| n % 3 >= deleted)));
    }
}

/// The bytes of all segments.
fn bytes(disk: &CrashDisk) -> usize {
    let paths = files(disk, ".car").into_iter();
    paths
        .map(|path| disk.read(&path).unwrap().unwrap().len())
        .sum()
}

/// A store that has never filled a segment, as most have not.
#[test]
fn the_segment_that_is_written_to_is_ended_when_enough_of_it_was_deleted() {
    let limits = Limits {
        segment: 1 << 30,
        end_for: 20 << 10,
        ..SMALL
    };
    for reopened in [false, true] {
        let disk = disk();
        let open = || Pack::open_with(&options(&disk), limits).unwrap();
        let mut store = open();
        put(&store, 0..300, Flush::Yes);
        let before = bytes(&disk);
        assert!(before > 80 << 10);
        delete(&store, 0..100, Flush::Yes);
        assert_eq!(tidy(&store), 0, "a third is not worth it");
        delete(&store, 100..250, Flush::Yes);
        if reopened {
            // Before anybody compacts.
            store.close().unwrap();
            drop(store);
            store = open();
            store.core.suspect().unwrap();
        }
        assert_eq!(tidy(&store), 1);
        let after = bytes(&disk);
        assert!(after * 2 < before, "{before} bytes before, {after} after");
        assert!(all(&store) == map(250..300));
        are_cars(&disk);
        // It is written to the next one.
        put(&store, 300..310, Flush::Yes);
        delete(&store, 250..300, Flush::Yes);
        assert_eq!(tidy(&store), 0, "most of it, which is little");
        store.close().unwrap();
        drop(store);
        for path in files(&disk, ".run") {
            disk.remove_file(&path).unwrap();
        }
        assert!(all(&open()) == map(300..310), "as the log has it");
    }
}

#[test]
fn while_it_is_held_nothing_is_compacted() {
    let disk = disk();
    let options = options(&disk);
    let mut store = Pack::open_with(&options, SMALL).unwrap();
    put(&store, 0..100, Flush::Yes);
    let held = options.hold.hold();
    delete(&store, 0..40, Flush::Yes);
    let point = disk.point();
    assert!(tidy(&store) > 0);
    assert!(store.compact_step().is_err());
    assert_eq!(disk.point(), point, "nothing is written");
    drop(held);
    delete(&store, 40..80, Flush::Yes);
    assert!(tidy(&store) > 0);
    assert!(disk.point() > point + 10, "{}", disk.point());
    super::engine::compact(&mut store).unwrap();
    assert!(all(&store) == map(80..100));
}

/// An index of more pages than a sample has.
#[test]
fn a_sample_of_a_large_index_is_about_right() {
    let disk = disk();
    let limits = Limits {
        table: 100_000,
        segment: 512 << 10,
        ..SMALL
    };
    let store = Pack::open_with(&options(&disk), limits).unwrap();
    let blocks = 60_000;
    let batch = |ns: std::ops::Range<u64>| {
        let mut batch = datastore::Batch::new();
        ns.for_each(|n| {
            let value = n.to_be_bytes();
            let key = datastore::Key::block(&block_cid::hash::sha2_256(&value).to_bytes());
            batch.put(key.unwrap(), value.to_vec());
        });
        batch
    };
    store.write(&batch(0..blocks), Flush::Yes).unwrap();
    store.close().unwrap();
    let needed = store.core.sample().unwrap();
    assert!(needed.len() > 4);
    let segments = store.core.segments.numbers().unwrap();
    assert_eq!(needed.len(), segments.len());
    for (number, needed) in needed {
        let len = store.core.segments.len(number).unwrap();
        // All of it is.
        let share = needed as f64 / len as f64;
        let wide = if len < 400 << 10 { 0.5 } else { 0.15 };
        assert!((share - 1.0).abs() < wide, "{number}: {share}");
    }
}

/// Whoever opens the store for a moment only gives the space back, too.
#[test]
fn a_close_compacts_what_is_small() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path().join("blocks"));
    // First nothing is ended for it.
    for end_for in [u64::MAX, 1 << 10] {
        let limits = Limits {
            segment: 1 << 30,
            at_close: 1 << 20,
            end_for,
            ..SMALL
        };
        let store = Pack::open_with(&options, limits).unwrap();
        if end_for == u64::MAX {
            put(&store, 0..300, Flush::No);
            delete(&store, 0..290, Flush::No);
        }
        store.close().unwrap();
        assert_eq!(store.core.index.in_memory(), 0, "all is in runs");
        drop(store);
        let first = options.dir.join("000001.car");
        assert_eq!(first.exists(), end_for == u64::MAX);
    }
    let store = Pack::open_with(&options, SMALL).unwrap();
    assert!(all(&store) == map(290..300));
}

/// A close does not wait for a long compaction to end, and is a clean one.
#[test]
fn a_close_ends_what_is_compacted_in_the_background() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path().join("blocks"));
    let limits = Limits {
        at_close: 16 << 10,
        ..SMALL
    };
    for round in 0..10 {
        let store = Pack::open_with(&options, limits).unwrap();
        let first = round * 300;
        put(&store, first..first + 300, Flush::No);
        delete(
            &store,
            (first..first + 300).filter(|n| n % 4 != 0),
            Flush::No,
        );
        store.close().unwrap();
        assert_eq!(store.core.index.in_memory(), 0, "all is in runs");
        drop(store);
    }
    let store = Pack::open_with(&options, SMALL).unwrap();
    assert!(all(&store) == map((0..3000).step_by(4)));
    assert_eq!(store.get(&block(1).0).unwrap(), None);
}
