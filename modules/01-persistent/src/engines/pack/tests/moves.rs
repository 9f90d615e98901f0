//! What a merge and a compaction leave, wherever the power is cut, or the process killed, in them.

use testkit::crash::{ALL, Acks, CrashDisk, Fault, How, laboratory};

use super::engine::{
    SMALL, all, are_cars, block, compact, delete, disk, files, map, open, options, put,
};
use crate::engine::{Engine, Flush};
use crate::engines::pack::Pack;

const BLOCKS: u64 = 60;

fn is_kept(n: &u64) -> bool {
    n.is_multiple_of(3)
}

/// Nothing that is needed is nowhere on disk, be it for a moment: it is on disk in its new place
/// before it is cut off in its old one, and before a run forgets that.
#[test]
fn what_is_moved_is_on_disk_at_every_moment() {
    let disk = disk();
    let workload = |disk: &CrashDisk, acks: &Acks<()>| {
        let mut store = open(disk);
        put(&store, 0..BLOCKS, Flush::Yes);
        delete(&store, (0..BLOCKS).filter(|n| !is_kept(n)), Flush::Yes);
        acks.note(());
        compact(&mut store).unwrap();
    };
    let states = testkit::run::count("CAIRN_STATES", 60, 100_000);
    laboratory("pack, moves", states, &disk, workload, |disk, notes| {
        if notes.is_empty() {
            return Ok(());
        }
        let store = Pack::open_with(&options(disk), SMALL).map_err(|e| format!("{e:?}"))?;
        match all(&store) == map((0..BLOCKS).filter(is_kept)) {
            true => Ok(()),
            false => Err("the store is another".to_owned()),
        }
    })
    .must_hold();
}

/// Killed before each call that a compaction makes, with the merges that it brings about.
#[test]
fn a_compaction_that_is_killed_at_any_call_loses_nothing() {
    let made = |disk: &CrashDisk| {
        let store = open(disk);
        put(&store, 0..BLOCKS, Flush::Yes);
        delete(&store, (0..BLOCKS).filter(|n| !is_kept(n)), Flush::Yes);
        store
    };
    let wanted = map((0..BLOCKS).filter(is_kept));
    let calls = {
        let disk = disk();
        let mut store = made(&disk);
        let before = disk.calls(ALL);
        compact(&mut store).unwrap();
        disk.calls(ALL) - before
    };
    assert!(calls > 50, "{calls}");
    let tries = testkit::run::count("CAIRN_CALLS", 24, usize::MAX) as u64;
    let mut killed = 0;
    for after in (0..calls).step_by(calls.div_ceil(tries) as usize) {
        let disk = disk();
        let mut store = made(&disk);
        disk.inject(Fault {
            calls: ALL,
            after,
            times: 1,
            how: How::Kill,
        });
        // What the index is tidied for may fail, and nobody hears of it.
        let _ = compact(&mut store);
        assert_eq!(disk.struck(), 1, "call {after}");
        killed += 1;
        let disk = disk.kill();
        disk.calm();
        drop(store);
        let mut store = open(&disk);
        assert!(all(&store) == wanted, "killed at call {after}");
        are_cars(&disk);
        // It goes on where it was.
        compact(&mut store).unwrap();
        store.close().unwrap();
        drop(store);
        for path in files(&disk, ".run") {
            datastore::Disk::remove_file(&disk, &path).unwrap();
        }
        let store = open(&disk);
        assert!(all(&store) == wanted, "as the log has it, call {after}");
        assert!(store.disk_usage().unwrap() < 40 << 10);
        assert_eq!(store.get(&block(1).0).unwrap(), None);
    }
    testkit::report(&format!(
        "pack: a compaction was killed at {killed} of its {calls} calls"
    ));
}
