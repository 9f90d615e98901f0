//! A disk that is full in the middle of a write, or will not have a torn end cut off.

use block_cid::hash::sha2_256;
use bytes::Bytes;
use datastore::disk::Mode;
use datastore::{Batch, Disk, Error, Key};
use testkit::crash::{Call, CrashDisk, ENOSPC, Fault, How};

use super::engine::{all, are_cars, block, disk, files, map, open, put};
use crate::engine::{Engine, Flush};
use crate::engines::pack::Pack;

const FULL: How = How::Error(ENOSPC);

fn inject(disk: &CrashDisk, calls: &'static [Call], after: u64, times: u64, how: How) {
    disk.inject(Fault {
        calls,
        after,
        times,
        how,
    });
}

fn write(store: &Pack, ns: impl IntoIterator<Item = u64>) -> datastore::Result<()> {
    let mut batch = Batch::new();
    ns.into_iter()
        .map(block)
        .for_each(|(key, value)| batch.put(key, value));
    store.write(&batch, Flush::No)
}

fn bytes(disk: &CrashDisk) -> usize {
    let cars = files(disk, ".car").into_iter();
    cars.map(|path| disk.read(&path).unwrap().unwrap().len())
        .sum()
}

/// The group goes through three segments, and has no room at each write in turn.
#[test]
fn a_group_that_finds_no_room_leaves_nothing_behind() {
    let mut stopped = 0;
    for after in 0.. {
        let disk = disk();
        let store = open(&disk);
        put(&store, 0..5, Flush::Yes);
        let before = bytes(&disk);
        // Of the write that fails a half is done.
        inject(&disk, &[Call::Write], after, 1, How::Short);
        inject(&disk, &[Call::Write], after, 1, FULL);
        let written = write(&store, 100..160);
        disk.calm();
        if written.is_ok() {
            assert!(all(&store).len() == 65);
            break;
        }
        stopped += 1;
        assert!(all(&store) == map(0..5), "after {after} writes");
        // A header and a mark each.
        let begun = (files(&disk, ".car").len() - 1) * 110;
        assert!(bytes(&disk) <= before + begun, "after {after} writes");
        are_cars(&disk);
        put(&store, [7], Flush::Yes);
        store.close().unwrap();
        drop(store);
        for path in files(&disk, ".run") {
            disk.remove_file(&path).unwrap();
        }
        let store = open(&disk);
        assert!(
            all(&store) == map((0..5).chain([7])),
            "after {after} writes"
        );
        assert!(files(&disk, "torn").is_empty());
    }
    assert!(stopped >= 5, "{stopped}");
}

/// Once or for good: the next run is not written before, so that the next open looks there.
#[test]
fn a_torn_end_that_cannot_be_cut_off_is_cut_before_a_run_covers_it() {
    for times in [1, u64::MAX] {
        let disk = disk();
        let store = open(&disk);
        put(&store, 0..5, Flush::Yes);
        let before = bytes(&disk);
        inject(&disk, &[Call::Write], 0, 1, How::Short);
        inject(&disk, &[Call::Write], 0, 1, FULL);
        inject(&disk, &[Call::SetLen], 0, times, FULL);
        write(&store, [5]).unwrap_err();
        assert!(bytes(&disk) > before, "nothing is torn");
        let mut wanted = map(0..5);
        let done = (10..60).try_for_each(|n| {
            write(&store, [n])?;
            wanted.extend(map([n]));
            Ok::<(), Error>(())
        });
        assert_eq!(done.is_ok(), times == 1);
        disk.calm();
        if times == 1 {
            store.close().unwrap();
            are_cars(&disk);
        }
        drop(store);
        let disk = disk.kill();
        let store = open(&disk);
        let found = all(&store);
        assert!(
            wanted
                .iter()
                .all(|(key, value)| found.get(key) == Some(value))
        );
        are_cars(&disk);
        store.check().unwrap();
    }
}

/// What an open on a full disk leaves as it is, is told, and mended by the next that has room.
#[test]
fn a_damage_that_cannot_be_mended_is_told_and_tried_again() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..9, Flush::Yes);
    drop(store);
    let disk = disk.kill();
    let path = &files(&disk, ".car")[0];
    let len = disk.read(path).unwrap().unwrap().len() as u64;
    let file = disk.open(path, Mode::Write).unwrap();
    file.write_all_at(&[9; 50], 300).unwrap();
    file.write_all_at(&[9; 50], len).unwrap();
    inject(&disk, &[Call::Write], 0, u64::MAX, FULL);
    let mut store = open(&disk);
    disk.calm();
    let left = all(&store);
    assert!((7..9).contains(&left.len()), "{}", left.len());
    let told = store.check().unwrap_err();
    assert!(told.is_out_of_space(), "{told}");
    // It is written to meanwhile, and its runs would be merged.
    (100..300).for_each(|n| put(&store, [n], Flush::No));
    store.compact().unwrap();
    store.close().unwrap();
    drop(store);
    let store = open(&disk);
    let mut wanted = left;
    wanted.extend(map(100..300));
    assert!(all(&store) == wanted);
    are_cars(&disk);
    store.check().unwrap();
    // What was no section is kept.
    assert!(!disk.list("store/blocks/torn".as_ref()).unwrap().is_empty());
}

/// After an unclean end the first write begins a segment: what is cut off is of that one alone.
#[test]
fn the_first_group_after_an_unclean_end_cuts_off_nothing_of_others() {
    for after in 0..2 {
        let disk = disk();
        let store = open(&disk);
        put(&store, 0..40, Flush::Yes);
        // In no run.
        put(&store, 40..45, Flush::Yes);
        let disk = disk.kill();
        drop(store);
        let store = open(&disk);
        inject(&disk, &[Call::Write], after, 1, FULL);
        assert!(write(&store, 100..110).is_err(), "after {after} writes");
        disk.calm();
        assert!(all(&store) == map(0..45), "after {after} writes");
        put(&store, [7, 100], Flush::Yes);
        assert!(all(&store) == map((0..45).chain([100])));
    }
}

#[test]
fn the_longest_block_has_64_mib_and_of_a_longer_one_it_is_told_what_to_do() {
    let disk = disk();
    let store = open(&disk);
    for (len, fits) in [(64 << 20, true), ((64 << 20) + 1, false)] {
        let value = Bytes::from(vec![7; len]);
        let key = Key::block(&sha2_256(&value).to_bytes()).unwrap();
        let mut batch = Batch::new();
        batch.put(key.clone(), value.clone());
        match store.write(&batch, Flush::No) {
            Ok(()) => assert!(fits),
            Err(error) => {
                let said = error.to_string();
                assert!(
                    !fits && said.contains("64 MiB") && said.contains("`file` store"),
                    "{said}"
                );
            }
        }
        assert_eq!(
            store.get(&key).unwrap().is_some_and(|found| found == value),
            fits
        );
    }
}
