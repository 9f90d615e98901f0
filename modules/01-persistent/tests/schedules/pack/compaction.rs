//! A compaction of `pack` beside gets, puts and deletes: what is there is found at every moment, and
//! what was put or deleted meanwhile is not undone, neither in the index nor in the log.

use std::path::Path;
use std::sync::Arc;

use block_cid::hash::sha2_256;
use bytes::Bytes;
use datastore::{Disk, Key};
use persistent::engine::Options;
use shuttle::thread;
use testkit::crash::CrashDisk;

use super::core::{Core, Limits};
use super::sweep::Sweep;
use crate::holds_in;

/// Two or three blocks a segment, and every step moves one.
const SMALL: Limits = Limits {
    table: 3,
    segment: 400,
    step: 1,
    ..Limits::DEFAULT
};

fn block(n: u8) -> (Key, Bytes) {
    let value = vec![n; 80];
    let key = Key::block(&sha2_256(&value).to_bytes()).unwrap();
    (key, value.into())
}

fn put(core: &Core, n: u8) {
    let (key, value) = block(n);
    core.append(&[(&key, &value)], &[]).unwrap();
}

fn delete(core: &Core, ns: &[u8]) {
    let keys: Vec<Key> = ns.iter().map(|n| block(*n).0).collect();
    core.append(&[], &keys.iter().collect::<Vec<_>>()).unwrap();
}

/// Which blocks are there.
fn there(core: &Core) -> Vec<u8> {
    let has = |n: &u8| {
        let (key, value) = block(*n);
        let found = core.get(&key).unwrap();
        assert!(found.is_none() || found == Some(value), "block {n}");
        found.is_some()
    };
    (0..6).filter(has).collect()
}

/// What a sweep comes to, with a get where it leaves one to that; each once.
fn swept(core: &Arc<Core>) -> Vec<u8> {
    let mut swept = Vec::new();
    for stretch in Sweep::new(core).unwrap() {
        let stretch = stretch.unwrap();
        let values = (stretch.read)(&stretch.keys).unwrap_or_default();
        for (n, key) in stretch.keys.iter().enumerate() {
            let value = values.get(n).cloned().flatten();
            let value = value.or_else(|| core.get(key).unwrap());
            swept.extend(value.map(|value| value[0]));
        }
    }
    swept.sort_unstable();
    assert!(swept.windows(2).all(|pair| pair[0] < pair[1]), "{swept:?}");
    swept
}

fn open(disk: &CrashDisk) -> Core {
    let options = Options {
        disk: disk.shared(),
        ..Options::new("blocks")
    };
    Core::open(&options, SMALL).unwrap()
}

fn compaction() {
    let disk = CrashDisk::new();
    let core = Arc::new(open(&disk));
    (0..5).for_each(|n| put(&core, n));
    // The note lies in the segment of block 4, and goes with it.
    delete(&core, &[1, 4]);
    let run = |run: fn(&Arc<Core>)| {
        let core = Arc::clone(&core);
        thread::spawn(move || run(&core))
    };
    let threads = [
        run(|core| while core.compact_step().unwrap() {}),
        run(|core| {
            for _ in 0..3 {
                assert!(core.get(&block(0).0).unwrap() == Some(block(0).1));
            }
        }),
        run(|core| {
            delete(core, &[2]);
            assert_eq!(core.get(&block(2).0).unwrap(), None);
            put(core, 4);
            assert!(core.get(&block(4).0).unwrap() == Some(block(4).1));
        }),
        run(|core| {
            let swept = swept(core);
            assert!(
                swept.starts_with(&[0]) && swept.contains(&3) && !swept.contains(&1),
                "{swept:?}"
            );
        }),
    ];
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    let wanted = [0, 3, 4];
    assert_eq!(there(&core), wanted, "as the index has it");
    core.sync().unwrap();
    drop(core);
    for (name, _) in disk.list(Path::new("blocks")).unwrap() {
        if name.ends_with(".run") {
            disk.remove_file(&Path::new("blocks").join(name)).unwrap();
        }
    }
    assert_eq!(there(&open(&disk)), wanted, "as the log has it");
}

#[test]
fn a_compaction_undoes_nothing_that_is_done_meanwhile() {
    // Each opens two stores.
    let count = testkit::run::count("CAIRN_SCHEDULES", 1000, 100_000);
    let name = "pack, a compaction under a reader and a writer";
    holds_in(count, name, compaction);
}
