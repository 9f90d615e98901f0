//! Whatever was put, deleted, killed and opened: nothing is missed that is not lost, and what is
//! lost is named.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use block_cid::{Block, Blockstore, Cid};
use datastore::{Batch, Datastore};
use persistent::ops::verify::{Damage, Mend};
use persistent::{Durability, Kind, Persistent};
use testkit::flip::Snapshot;
use testkit::mount::in_memory;
use testkit::{Rng, Trial, run};

use crate::{block, config, key, kinds, missing, open, promises, unclean, verify};

/// What was acknowledged of each block: whether it is there.
type Model = BTreeMap<Cid, bool>;

const BLOCKS: u64 = 40;

/// One write, of any kind.
fn step(store: &Persistent, model: &mut Model, rng: &mut Rng) {
    let mut draw = || block(rng.below(BLOCKS));
    let mut batch = Batch::new();
    let (a, b, c) = (draw(), draw(), draw());
    let mut did = |block: &Block, there| {
        model.insert(*block.cid(), there);
    };
    let put = |batch: &mut Batch, block: &Block| batch.put(key(block), block.data().clone());
    match rng.below(8) {
        0..3 => {
            store.blocks().put(&a).unwrap();
            did(&a, true);
        }
        3 => {
            store.blocks().put_many(&[a.clone(), b.clone()]).unwrap();
            did(&a, true);
            did(&b, true);
        }
        4 | 5 => {
            store.blocks().delete(a.cid()).unwrap();
            did(&a, false);
        }
        // Two writes to one block, in either order, and others.
        6 => {
            put(&mut batch, &a);
            batch.delete(key(&b));
            batch.delete(key(&a));
            put(&mut batch, &c);
            store.apply(batch).unwrap();
            did(&b, false);
            did(&a, false);
            did(&c, true);
        }
        _ => {
            batch.delete(key(&a));
            put(&mut batch, &b);
            put(&mut batch, &a);
            store.apply(batch).unwrap();
            did(&b, true);
            did(&a, true);
        }
    }
}

/// What a killed process leaves is opened, and compared with what was acknowledged.
fn look(kind: Kind, durability: Durability, dir: &Path, model: &Model, place: &str) -> u64 {
    let store = open(&config(kind, dir).with_durability(durability));
    assert!(store.found().unclean, "{place}");
    let lost = store.found().lost.clone();
    assert_eq!(lost.ledger, None, "{place}");
    let (report, faults) = verify(&store, &Mend::default());
    let mut named = 0;
    for fault in &faults {
        assert!(
            matches!(fault.damage, Damage::Missing | Damage::Perhaps),
            "{place}: {fault:?}"
        );
        // Perhaps deleted may be anything; missing is what was there.
        let there = model.get(&fault.cid) == Some(&true);
        assert!(
            there || fault.damage == Damage::Perhaps,
            "{place}: false alarm: {fault:?}"
        );
        named += u64::from(there);
    }
    for (cid, _) in model.iter().filter(|(_, there)| **there) {
        let here = store.blocks().has(cid).unwrap();
        let is_named = faults.iter().any(|fault| fault.cid == *cid);
        assert_eq!(here, !is_named, "{place}: {cid} vanished without a word");
    }
    if durability == Durability::Each {
        assert!(
            faults.is_empty() && lost.is_nothing(),
            "{place}: {faults:?} {lost:?}"
        );
    }
    assert_eq!(
        (lost.missing, lost.perhaps),
        (report.missing, report.perhaps),
        "{place}"
    );
    assert_eq!(lost.weak, lost.missing, "{place}: none was promised");
    assert_eq!(report.strangers, Some(0), "{place}");
    store.close().unwrap();
    named
}

#[test]
fn a_killed_store_names_what_it_lost_and_nothing_else() {
    let seed = run::seed("acks");
    let kills = run::count("CAIRN_ACKS_KILLS", 6, 300);
    for kind in kinds() {
        for durability in promises() {
            let mut rng = Rng::of(seed, &[kind as u64, durability as u64]);
            let dir = in_memory();
            let mut model = Model::new();
            let config = config(kind, dir.path()).with_durability(durability);
            let mut store = open(&config);
            let mut named = 0;
            let mut trial = Trial::new("acks", format!("{kind} {durability:?}"), seed);
            for kill in 0..kills {
                trial.one();
                let place = format!("{kind} {durability:?}, seed {seed}, kill {kill}");
                for _ in 0..rng.below(30) {
                    step(&store, &mut model, &mut rng);
                    if rng.once_in(12) {
                        store.sync().unwrap();
                    }
                }
                let copy = in_memory();
                Snapshot::take(&dir.path().join("store"))
                    .unwrap()
                    .write(&copy.path().join("store"))
                    .unwrap();
                named += look(kind, durability, copy.path(), &model, &place);
                if rng.once_in(3) {
                    store.close().unwrap();
                    let (report, none) = missing(kind, dir.path());
                    assert!(report.is_good() && none.is_empty(), "{place}: {report:?}");
                    store = open(&config);
                }
            }
            trial.end(&format!(
                "copies; {named} losses, all of them under no promise, all named"
            ));
        }
    }
}

/// The order of the records of a block is that of the engine's writes.
#[test]
fn writers_of_the_same_blocks_at_once_cause_no_alarm() {
    let seed = run::seed("acks at once");
    let rounds = run::count("CAIRN_ACKS_RACES", 3, 100);
    for kind in kinds() {
        for durability in [Durability::Each, Durability::None] {
            let mut trial = Trial::new("acks", format!("{kind} {durability:?}, at once"), seed);
            for round in 0..rounds as u64 {
                trial.one();
                let dir = in_memory();
                let store = open(&config(kind, dir.path()).with_durability(durability));
                thread::scope(|scope| {
                    for t in 0..4 {
                        let store = &store;
                        scope.spawn(move || {
                            let mut rng = Rng::of(seed, &[round, t]);
                            for _ in 0..150 {
                                step(store, &mut Model::new(), &mut rng);
                            }
                        });
                    }
                });
                let (report, faults) = verify(&store, &Mend::default());
                assert!(
                    report.is_good() && faults.is_empty(),
                    "{kind} {durability:?}: {faults:?}"
                );
                assert_eq!(report.strangers, Some(0), "{kind} {durability:?}");
                store.close().unwrap();
                unclean(dir.path());
                let store = open(&config(kind, dir.path()));
                assert!(
                    store.found().lost.is_nothing(),
                    "{kind}: {:?}",
                    store.found().lost
                );
            }
            trial.end("four writers of the same blocks");
        }
    }
}
