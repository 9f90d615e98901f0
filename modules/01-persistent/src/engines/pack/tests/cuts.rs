//! The power cut between each two flushes that have a name, and a kill at each call, in what writes a
//! run, begins a segment, merges, compacts, and makes the index anew.

use datastore::disk::Mode;
use datastore::{Batch, Disk};
use testkit::crash::{ALL, Call, CrashDisk, Fault, How};

use super::engine::{Map, all, are_cars, block, delete, disk, files, map, open, put};
use crate::engine::{Engine, Flush};

/// What is there and was promised; what may be there besides, or be gone.
type Promise = (usize, Map, Map);

/// Everything once: three runs and their merge, segments one after another, a compaction.
fn everything(disk: &CrashDisk) -> Vec<Promise> {
    let mut promises = vec![(0, Map::new(), map(0..90))];
    let mut store = open(disk);
    for n in (0..90).step_by(15) {
        put(&store, n..n + 15, Flush::Yes);
        promises.push((disk.point(), map(0..n + 15), map(0..90)));
    }
    let gone = |n: &u64| !n.is_multiple_of(3);
    promises.push((disk.point(), map((0..90).step_by(3)), map(0..90)));
    delete(&store, (0..90).filter(gone), Flush::Yes);
    let left = map((0..90).step_by(3));
    promises.push((disk.point(), left.clone(), left));
    store.compact().unwrap();
    store.close().unwrap();
    promises
}

fn holds(disk: &CrashDisk, promise: &Promise) {
    let store = open(disk);
    let found = all(&store);
    let (point, surely, perhaps) = promise;
    for (key, value) in surely {
        assert!(
            found.get(key) == Some(value),
            "{key} is lost, after {point}"
        );
    }
    for (key, value) in &found {
        assert!(
            perhaps.get(key) == Some(value),
            "{key} is there, after {point}"
        );
    }
    are_cars(disk);
    put(&store, [1000], Flush::Yes);
    assert!(store.has(&block(1000).0).unwrap());
}

#[test]
fn a_cut_between_any_two_flushes_loses_nothing() {
    let disk = disk();
    disk.settle();
    let promises = everything(&disk);
    let record = disk.record();
    // The flush of a segment, of a run, of the folder; a cut; a name.
    let kinds = [Call::SyncFile, Call::SyncFolder, Call::SetLen, Call::Rename];
    for call in kinds {
        assert!(disk.calls(&[call]) > 3, "{call:?}");
    }
    let most = testkit::run::count("CAIRN_STATES", 2, 200) as u64;
    let (mut points, mut states) = (0, 0);
    let mut cut = record.cut(0);
    loop {
        let point = cut.point();
        let promise = promises.iter().rev().find(|(at, _, _)| *at <= point);
        for number in 0..cut.states().min(most) {
            let left = match cut.states() <= most {
                true => cut.each(number),
                // All that was not flushed is lost, then is there, then chance.
                false => cut.state(point as u64, number),
            };
            holds(&left, promise.unwrap());
            states += 1;
        }
        points += 1;
        if !cut.advance() {
            break;
        }
    }
    testkit::report(&format!(
        "pack cuts: {states} states at {points} points, all held"
    ));
}

/// A store that was killed, without its index, and with a damage in the middle and one at the end.
fn left_behind() -> CrashDisk {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..60, Flush::Yes);
    drop(store);
    let disk = disk.kill();
    for path in files(&disk, ".run") {
        disk.remove_file(&path).unwrap();
    }
    let path = files(&disk, ".car").pop().unwrap();
    let bytes = disk.read(&path).unwrap().unwrap();
    let file = disk.open(&path, Mode::Write).unwrap();
    file.write_all_at(&[9; 40], bytes.len() as u64).unwrap();
    // A head, so that nothing is lost.
    let value = (0..60).rev().map(|n| block(n).1).find_map(|value| {
        let mut windows = bytes.windows(value.len());
        windows.position(|part| part == value)
    });
    let at = value.unwrap() - 1;
    file.write_all_at(&[bytes[at] ^ 1], at as u64).unwrap();
    disk.settle();
    disk
}

fn kill_at(disk: &CrashDisk, after: u64) {
    disk.inject(Fault {
        calls: ALL,
        after,
        times: 1,
        how: How::Kill,
    });
}

#[test]
fn a_kill_at_any_call_of_a_rebuild_loses_nothing() {
    let mut kills = 0;
    for after in 0.. {
        let disk = left_behind();
        kill_at(&disk, after);
        let opened = crate::engines::pack::Pack::open_with(
            &super::engine::options(&disk),
            super::engine::SMALL,
        );
        let struck = disk.struck() > 0;
        drop(opened);
        let disk = disk.kill();
        disk.calm();
        holds(&disk, &(after as usize, map(0..60), map(0..60)));
        if !struck {
            break;
        }
        kills += 1;
    }
    assert!(kills > 30, "{kills}");
    testkit::report(&format!("pack rebuilds: killed at {kills} calls, all held"));
}

#[test]
fn a_kill_at_any_call_of_a_roll_over_loses_nothing() {
    let (mut kills, mut rolled) = (0, 0);
    for after in 0.. {
        let disk = disk();
        let store = open(&disk);
        put(&store, 0..25, Flush::Yes);
        let before = files(&disk, ".car").len();
        kill_at(&disk, after);
        let mut batch = Batch::new();
        (25..60)
            .map(block)
            .for_each(|(key, value)| batch.put(key, value));
        let done = store.write(&batch, Flush::Yes);
        let struck = disk.struck() > 0;
        drop(store);
        let disk = disk.kill();
        disk.calm();
        rolled += usize::from(files(&disk, ".car").len() > before);
        let surely = if done.is_ok() { 0..60 } else { 0..25 };
        holds(&disk, &(after as usize, map(surely), map(0..60)));
        if !struck {
            break;
        }
        kills += 1;
    }
    assert!(kills > 10 && rolled > 5, "{kills}, {rolled}");
    testkit::report(&format!(
        "pack roll-overs: killed at {kills} calls, all held"
    ));
}
