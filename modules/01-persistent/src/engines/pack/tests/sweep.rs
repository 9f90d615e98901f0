//! A sweep: what it gives, in which order, and what becomes of that meanwhile.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use block_cid::hash::sha2_256;
use bytes::Bytes;
use datastore::disk::Mode;
use datastore::{Batch, Disk, Key};
use testkit::crash::{Call, EIO, Fault, How};

use super::engine::{
    Map, SMALL, all, block, compact, delete, disk, files, map, open, options, put,
};
use crate::engine::{Engine, Flush, Options, Stretch};
use crate::engines::pack::section::Frame;
use crate::engines::pack::segment::{HEADER, Place};
use crate::engines::pack::{Limits, Pack};

fn stretches(store: &Pack) -> Vec<Stretch> {
    let sweep = store.sweep().unwrap().unwrap();
    sweep.map(Result::unwrap).collect()
}

/// The blocks of a stretch, as the store above reads it, and how many it left to a get.
fn read(store: &Pack, stretch: &Stretch) -> (Vec<(Key, Bytes)>, usize) {
    let values = (stretch.read)(&stretch.keys);
    let mut values = values.unwrap_or_default().into_iter();
    let (mut blocks, mut left) = (Vec::new(), 0);
    for key in &stretch.keys {
        let value = values.next().flatten().or_else(|| {
            left += 1;
            store.get(key).unwrap()
        });
        blocks.extend(value.map(|value| (key.clone(), value)));
    }
    (blocks, left)
}

/// All of it, no key twice; and how many were left to a get.
fn read_all(store: &Pack, stretches: &[Stretch]) -> (Map, usize) {
    let (mut found, mut left) = (Map::new(), 0);
    for stretch in stretches {
        let (blocks, more) = read(store, stretch);
        left += more;
        for (key, value) in blocks {
            assert!(found.insert(key, value).is_none(), "a key comes twice");
        }
    }
    (found, left)
}

fn place(store: &Pack, key: &Key) -> Place {
    store.core.place(key).unwrap().unwrap()
}

#[test]
fn everything_comes_once_in_the_order_of_the_log() {
    let disk = disk();
    let mut store = open(&disk);
    for n in (0..500).step_by(10) {
        put(&store, n..n + 10, Flush::Yes);
    }
    delete(&store, (0..500).step_by(7), Flush::Yes);
    put(&store, (0..500).step_by(14), Flush::Yes);
    compact(&mut store).unwrap();
    let stretches = stretches(&store);
    assert_eq!(read_all(&store, &stretches), (all(&store), 0));
    // A batch of a sweep has 320 blocks, of which there are more, and fewer than twice as many.
    let places: Vec<Place> = stretches
        .iter()
        .flat_map(|stretch| &stretch.keys)
        .map(|key| place(&store, key))
        .collect();
    let back = places.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert_eq!((places.len(), back), (464, 1));
    // One read for each segment and batch: nothing lies far from the next.
    let segments = files(&disk, ".car").len();
    assert!(segments > 10 && stretches.len() <= 2 * segments);
}

/// Stretches that were cut before all that, and those that are cut after it.
#[test]
fn what_is_deleted_before_its_stretch_is_read_is_not_given() {
    for cut in [0, 5, usize::MAX] {
        let disk = disk();
        let mut store = open(&disk);
        put(&store, 0..200, Flush::Yes);
        delete(&store, (0..200).step_by(5), Flush::Yes);
        let mut sweep = store.sweep().unwrap().unwrap();
        let before: Vec<Stretch> = sweep.by_ref().take(cut).map(Result::unwrap).collect();
        // One of them is read in time.
        let (mut seen, left) = before
            .first()
            .map_or_else(Default::default, |s| read(&store, s));
        assert_eq!(left, 0);
        delete(&store, (1..200).step_by(5), Flush::Yes);
        put(&store, 200..250, Flush::Yes);
        put(&store, (0..200).step_by(10), Flush::Yes);
        for stretch in before
            .iter()
            .skip(1)
            .chain(&sweep.map(Result::unwrap).collect::<Vec<_>>())
        {
            let (blocks, left) = read(&store, stretch);
            assert_eq!(
                left,
                stretch.keys.len() - blocks.len(),
                "what is there was looked up"
            );
            seen.extend(blocks);
        }
        let early = before.first().map_or(0, |stretch| stretch.keys.len());
        let there = map((0..200).filter(|n| n % 5 > 1));
        let gone = map((1..200).step_by(5));
        let seen_keys: BTreeSet<&Key> = seen.iter().map(|(key, _)| key).collect();
        assert_eq!(seen_keys.len(), seen.len(), "a key comes twice");
        let is_late = |n: usize| n >= early;
        for (n, (key, value)) in seen.iter().enumerate() {
            let deleted = gone.get(key).filter(|_| !is_late(n));
            assert!(there.get(key).or(deleted) == Some(value));
        }
        assert!(there.keys().all(|key| seen_keys.contains(key)));
        compact(&mut store).unwrap();
    }
}

#[test]
fn what_a_compaction_moves_meanwhile_is_given_all_the_same() {
    let disk = disk();
    let mut store = open(&disk);
    put(&store, 0..200, Flush::Yes);
    delete(&store, (0..200).filter(|n| n % 4 > 0), Flush::Yes);
    let mut sweep = store.sweep().unwrap().unwrap();
    let mut stretches: Vec<Stretch> = sweep.by_ref().take(3).map(Result::unwrap).collect();
    compact(&mut store).unwrap();
    stretches.extend(sweep.map(Result::unwrap));
    let (found, left) = read_all(&store, &stretches);
    assert!(found == map((0..200).step_by(4)));
    // Their places are no more.
    assert_eq!(left, 50);
}

/// Whatever becomes of the bytes under it, a block is given if its head is as it was; what is wrong
/// with the rest its hash says.
#[test]
fn a_section_with_a_damaged_head_is_left_to_a_get() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..8, Flush::Yes);
    let path = files(&disk, ".car")[0].clone();
    let bytes = disk.read(&path).unwrap().unwrap();
    let file = disk.open(&path, Mode::Write).unwrap();
    let mut at = HEADER.len();
    let mut heads = 0;
    while at < bytes.len() {
        let frame = Frame::read(&bytes[at..]).unwrap();
        let key = Key::block(frame.multihash(&bytes[at..])).unwrap();
        let value = frame.value(&bytes[at..]).to_vec();
        for byte in (at..at + frame.value + 1).filter(|_| store.core.place(&key).unwrap().is_some())
        {
            for bit in 0..8 {
                file.write_all_at(&[bytes[byte] ^ 1 << bit], byte as u64)
                    .unwrap();
                let (found, left) = read_all(&store, &stretches(&store));
                let is_head = byte < at + frame.value;
                // Of the codec there are two.
                let is_codec = byte == at + frame.multihash - 1;
                assert!(
                    left == usize::from(is_head) || is_codec && left == 0,
                    "{byte}"
                );
                assert_eq!(found[&key] == value, is_head, "{byte}");
                assert_eq!(found.len(), 8);
                heads += usize::from(is_head);
            }
            file.write_all_at(&[bytes[byte]], byte as u64).unwrap();
        }
        at += frame.len;
    }
    assert!(heads > 8 * 8 * 36, "{heads}");
    // What is behind its end cannot be read at all.
    file.set_len(bytes.len() as u64 - 1).unwrap();
    let last = stretches(&store).pop().unwrap();
    assert!((last.read)(&last.keys).is_none());
    disk.remove_file(&path).unwrap();
    let last = stretches(&store).pop().unwrap();
    assert!((last.read)(&last.keys).is_none());
}

#[test]
fn what_lies_between_is_read_if_it_is_little() {
    let disk = disk();
    let store = Pack::open_with(&options(&disk), Limits::DEFAULT).unwrap();
    let large = |n: u8| {
        let value = Bytes::from(vec![n; 20 << 10]);
        (Key::block(&sha2_256(&value).to_bytes()).unwrap(), value)
    };
    let mut batch = Batch::new();
    (0..250)
        .map(large)
        .for_each(|(key, value)| batch.put(key, value));
    store.write(&batch, Flush::Yes).unwrap();
    let lens = || -> Vec<usize> { stretches(&store).iter().map(|s| s.keys.len()).collect() };
    // 4 MiB, and the rest.
    assert_eq!(lens(), [204, 46]);
    let delete = |ns: Range<u8>| {
        let mut batch = Batch::new();
        ns.for_each(|n| batch.delete(large(n).0));
        store.write(&batch, Flush::Yes).unwrap();
    };
    delete(10..11);
    assert_eq!(lens(), [203, 46]);
    delete(11..12);
    assert_eq!(lens(), [10, 204, 34]);
}

#[test]
fn blocks_that_lie_elsewhere_are_left_to_a_get() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..20, Flush::Yes);
    let unknown = Key::block(&[&[0x9f, 0x7f, 32][..], &[7; 32]].concat()).unwrap();
    let mut batch = Batch::new();
    batch.put(unknown.clone(), "no hash is known for it");
    batch.put(Key::new("/pins/a").unwrap(), "no block");
    store.write(&batch, Flush::Yes).unwrap();
    let (found, left) = read_all(&store, &stretches(&store));
    assert_eq!((found.len(), left), (21, 1));
    assert_eq!(found[&unknown], "no hash is known for it");
}

#[test]
fn a_walk_that_fails_is_told_behind_what_it_came_to() {
    let disk = disk();
    let store = Pack::open_with(&options(&disk), Limits::DEFAULT).unwrap();
    put(&store, 0..8000, Flush::Yes);
    store.core.settle_all().unwrap();
    // It has read the first pages of the run.
    let sweep = store.sweep().unwrap().unwrap();
    disk.inject(Fault {
        calls: &[Call::Read],
        after: 0,
        times: 1,
        how: How::Error(EIO),
    });
    let (good, bad): (Vec<_>, Vec<_>) = sweep.partition(|stretch| stretch.is_ok());
    assert_eq!(bad.len(), 1);
    let good: Vec<Stretch> = good.into_iter().map(Result::unwrap).collect();
    let found = read_all(&store, &good).0.len();
    assert!((4000..8000).contains(&found), "{found}");
}

/// With threads, on the disk of the system.
#[test]
fn a_sweep_goes_on_beside_writers_and_a_compaction() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path().join("blocks"));
    let store = Pack::open_with(&options, SMALL).unwrap();
    put(&store, 0..200, Flush::No);
    // Below this, of ten the first five are deleted.
    let deleted = AtomicU64::new(0);
    let writing = Arc::new(());
    let written = Arc::downgrade(&writing);
    let goes_on = || written.strong_count() > 0;
    let stays = |n: &u64| n % 10 >= 5;
    std::thread::scope(|scope| {
        let (store, deleted) = (&store, &deleted);
        scope.spawn(move || {
            let _writing = writing;
            for n in (200..600).step_by(10) {
                put(store, n..n + 10, Flush::No);
                delete(store, n - 200..n - 195, Flush::No);
                deleted.store(n - 190, SeqCst);
            }
        });
        scope.spawn(|| {
            while goes_on() {
                while store.compact_step().unwrap() {}
            }
        });
        let mut sweeps = 0;
        while goes_on() || sweeps == 0 {
            let begun = deleted.load(SeqCst);
            let found = read_all(store, &stretches(store)).0;
            assert!(
                map((0..200).filter(stays))
                    .keys()
                    .all(|key| found.contains_key(key))
            );
            let gone = map((0..begun).filter(|n| !stays(n)));
            assert!(
                gone.keys().all(|key| !found.contains_key(key)),
                "one came back"
            );
            for (n, (key, value)) in (0..600).map(|n| (n, block(n))) {
                assert!(found.get(&key).is_none_or(|found| *found == value), "{n}");
            }
            sweeps += 1;
        }
    });
}
