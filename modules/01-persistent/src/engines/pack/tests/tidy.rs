//! Compaction that nobody asked for.

use datastore::Disk;

use super::engine::{SMALL, all, are_cars, block, delete, disk, files, map, open, options, put};
use crate::engine::{Engine, Flush, Options};
use crate::engines::pack::Pack;

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
    let bytes = || -> usize {
        let paths = files(&disk, ".car").into_iter();
        paths
            .map(|path| disk.read(&path).unwrap().unwrap().len())
            .sum()
    };
    let before = bytes();
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
    let after = bytes();
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
    let limits = crate::engines::pack::Limits {
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

/// A close does not wait for a compaction to end, and is a clean one.
#[test]
fn a_close_ends_what_is_compacted_in_the_background() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path().join("blocks"));
    for round in 0..10 {
        let store = Pack::open_with(&options, SMALL).unwrap();
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
