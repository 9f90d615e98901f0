//! The engine on a disk that loses its power at every point, is killed in every call, and fails: in
//! roll-overs, merges, compactions and recoveries, which small limits bring about all the time.

use std::collections::BTreeSet;

use datastore::Key;
use testkit::Rng;
use testkit::crash::{ALL, Acks, Call, CrashDisk, ENOSPC, Fault, How, laboratory};

use super::engine::{Map, SMALL, all, are_cars, block, compact, disk, files, map, options};
use crate::engine::{Engine, Flush};
use crate::engines::pack::{Limits, Pack};

/// A step, from a seed.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Put(Vec<u64>),
    Delete(Vec<u64>),
    Both(Vec<u64>, Vec<u64>),
    Sync,
    Compact,
    Reopen,
}

pub(super) fn steps(seed: u64, count: u64) -> Vec<Step> {
    let mut rng = Rng::new(seed);
    let mut step = |n: u64| {
        let earlier = |rng: &mut Rng| rng.below(n.max(1)) * 10;
        let new: Vec<u64> = (n * 10..n * 10 + 1 + rng.below(8)).collect();
        match rng.below(16) {
            0..8 => Step::Put(new),
            8 => Step::Put(vec![earlier(&mut rng)]),
            9..12 => {
                let first = earlier(&mut rng);
                Step::Delete((first..first + 6).collect())
            }
            12 => {
                let first = earlier(&mut rng);
                Step::Both(new, (first..first + 3).collect())
            }
            13 => Step::Sync,
            14 => Step::Compact,
            _ => Step::Reopen,
        }
    };
    (0..count).map(&mut step).collect()
}

fn states(steps: &[Step]) -> Vec<Map> {
    let mut states = vec![Map::new()];
    for step in steps {
        let mut state = states.last().cloned().unwrap_or_default();
        let (puts, deletes): (&[u64], &[u64]) = match step {
            Step::Put(puts) => (puts, &[]),
            Step::Delete(deletes) => (&[], deletes),
            Step::Both(puts, deletes) => (puts, deletes),
            _ => (&[], &[]),
        };
        state.extend(map(puts.iter().copied()));
        deletes
            .iter()
            .for_each(|n| drop(state.remove(&block(*n).0)));
        states.push(state);
    }
    states
}

fn take(store: &mut Pack, step: &Step, flush: Flush) -> datastore::Result<()> {
    let mut batch = datastore::Batch::new();
    let (puts, deletes): (&[u64], &[u64]) = match step {
        Step::Put(puts) => (puts, &[]),
        Step::Delete(deletes) => (&[], deletes),
        Step::Both(puts, deletes) => (puts, deletes),
        Step::Sync => return store.flush(),
        Step::Compact => return compact(store),
        Step::Reopen => return store.close(),
    };
    puts.iter()
        .map(|n| block(*n))
        .for_each(|(key, value)| batch.put(key, value));
    deletes.iter().for_each(|n| batch.delete(block(*n).0));
    store.write(&batch, flush)
}

/// What is noted: steps that were begun, and steps that are promised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    begun: usize,
    promised: usize,
}

pub(super) fn workload(
    steps: &[Step],
    limits: Limits,
    flush: Flush,
    disk: &CrashDisk,
    acks: &Acks<Note>,
) {
    let mut rng = acks.rng();
    let mut disk = disk.clone();
    let mut store = Pack::open_with(&options(&disk), limits).unwrap();
    let (mut n, mut promised) = (0, 0);
    while n < steps.len() {
        acks.note(Note {
            begun: n + 1,
            promised,
        });
        let kill = rng.once_in(25);
        if kill {
            disk.inject(Fault {
                calls: ALL,
                after: rng.below(30),
                times: 1,
                how: How::Kill,
            });
        }
        let done = take(&mut store, &steps[n], flush);
        assert!(done.is_ok() || kill, "{:?}: {done:?}", steps[n]);
        if done.is_ok() {
            let syncs = matches!(steps[n], Step::Sync | Step::Compact | Step::Reopen);
            if flush == Flush::Yes || syncs {
                promised = n + 1;
            }
            n += 1;
            acks.note(Note { begun: n, promised });
        }
        if kill {
            disk = disk.kill();
            disk.calm();
            drop(store);
            store = Pack::open_with(&options(&disk), limits).unwrap();
            // It is on disk what is there: from the last step that was done it goes on.
            promised = n;
            acks.note(Note {
                begun: n + 1,
                promised,
            });
        } else if matches!(steps[n - 1], Step::Reopen) {
            drop(store);
            store = Pack::open_with(&options(&disk), limits).unwrap();
        }
    }
}

/// Each key is as after one of the steps from the last that is promised to the last that was begun.
fn fits(found: &Map, states: &[Map], notes: &[&Note]) -> Result<(), String> {
    let last = notes
        .last()
        .map_or((0, 0), |note| (note.promised, note.begun));
    let may = &states[last.0..=last.1.min(states.len() - 1)];
    let keys: BTreeSet<&Key> = may.iter().chain([found]).flat_map(Map::keys).collect();
    for key in keys {
        if !may.iter().any(|state| state.get(key) == found.get(key)) {
            let is = found.contains_key(key);
            return Err(format!(
                "{key} is there: {is}, from step {} to {}",
                last.0, last.1
            ));
        }
    }
    Ok(())
}

fn check(limits: Limits, states: &[Map], disk: &CrashDisk, notes: &[&Note]) -> Result<(), String> {
    let open = || Pack::open_with(&options(disk), limits).map_err(|e| format!("{e:?}"));
    let store = open()?;
    let found = all(&store);
    fits(&found, states, notes)?;
    are_cars(disk);
    // What is there is durable, and writing goes on.
    let new = block(1_000_000);
    let mut batch = datastore::Batch::new();
    batch.put(new.0.clone(), new.1.clone());
    store
        .write(&batch, Flush::Yes)
        .map_err(|e| format!("{e:?}"))?;
    store.close().map_err(|e| format!("{e:?}"))?;
    drop(store);
    for path in files(disk, ".run") {
        datastore::Disk::remove_file(disk, &path).map_err(|e| format!("{e:?}"))?;
    }
    let store = open()?;
    let mut wanted = found;
    wanted.insert(new.0, new.1);
    match all(&store) == wanted {
        true => Ok(()),
        false => Err("without its index the store is another".to_owned()),
    }
}

fn tried(name: &str, flush: Flush, states_count: usize) {
    let steps = steps(7, 150);
    let states = states(&steps);
    let disk = disk();
    laboratory(
        name,
        states_count,
        &disk,
        |disk, acks| workload(&steps, SMALL, flush, disk, acks),
        |disk, notes| {
            let mut states = states.clone();
            // The check's own, if the power is cut in it.
            let new = block(1_000_000);
            if Pack::open_with(&options(disk), SMALL).is_ok_and(|s| s.has(&new.0).unwrap_or(false))
            {
                states
                    .iter_mut()
                    .for_each(|state| drop(state.insert(new.0.clone(), new.1.clone())));
            }
            check(SMALL, &states, disk, notes)
        },
    )
    .must_hold();
}

#[test]
fn what_was_acknowledged_survives_a_cut_anywhere() {
    tried(
        "pack alone, each",
        Flush::Yes,
        testkit::run::count("CAIRN_STATES", 40, 300_000),
    );
}

#[test]
fn what_was_synced_survives_a_cut_anywhere() {
    tried(
        "pack alone, batch",
        Flush::No,
        testkit::run::count("CAIRN_STATES", 40, 300_000),
    );
}

/// The laboratory sees a loss: of what nobody flushed a cut may take any part.
#[test]
fn a_promise_that_is_not_kept_is_caught() {
    let steps: Vec<Step> = (0..12).map(|n| Step::Put(vec![n * 10])).collect();
    let states = states(&steps);
    let disk = disk();
    let workload = |disk: &CrashDisk, acks: &Acks<Note>| {
        let mut store = Pack::open_with(&options(disk), SMALL).unwrap();
        for (n, step) in steps.iter().enumerate() {
            take(&mut store, step, Flush::No).unwrap();
            let promised = n + 1;
            acks.note(Note {
                begun: promised,
                promised,
            });
        }
    };
    laboratory(
        "pack without a flush",
        40,
        &disk,
        workload,
        |disk, notes| {
            let store = Pack::open_with(&options(disk), SMALL).map_err(|e| format!("{e:?}"))?;
            fits(&all(&store), &states, notes)
        },
    )
    .must_catch();
}

/// Nor is what was written before it forgotten where a write finds no room, and cannot be cut off.
#[test]
fn what_came_before_a_write_that_ends_its_segment_is_flushed_with_the_next() {
    let states = states(&[Step::Put(vec![1])]);
    let disk = disk();
    let workload = |disk: &CrashDisk, acks: &Acks<Note>| {
        let mut store = Pack::open_with(&options(disk), SMALL).unwrap();
        acks.note(Note {
            begun: 1,
            promised: 0,
        });
        take(&mut store, &Step::Put(vec![1]), Flush::No).unwrap();
        for call in [&[Call::Write], &[Call::SetLen]] {
            disk.inject(Fault {
                calls: call,
                after: 0,
                times: 1,
                how: How::Error(ENOSPC),
            });
        }
        take(&mut store, &Step::Put(vec![2]), Flush::No).unwrap_err();
        disk.calm();
        assert_eq!(disk.struck(), 2);
        store.flush().unwrap();
        acks.note(Note {
            begun: 1,
            promised: 1,
        });
    };
    laboratory(
        "pack, a segment ended",
        20,
        &disk,
        workload,
        |disk, notes| {
            let store = Pack::open_with(&options(disk), SMALL).map_err(|e| format!("{e:?}"))?;
            fits(&all(&store), &states, notes)
        },
    )
    .must_hold();
}
