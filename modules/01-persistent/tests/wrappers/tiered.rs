//! A block is never in no tier, tiers keep within their bytes, and the hottest copy counts.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use datastore::{Batch, Datastore, Error, Key, MemStore, Result};
use persistent::wrappers::tiered::Limits;
use persistent::wrappers::{Fault, Faulty, Tiered};
use testkit::rng::Rng;
use testkit::run::count;

use crate::{Clock, all, block, key};

type Stores = [Arc<Faulty<MemStore>>; 3];

fn stores() -> Stores {
    [(); 3].map(|()| Arc::new(Faulty::new(MemStore::new())))
}

/// Ten blocks of 100 bytes in the hot tier, twenty in the warm one.
fn tiered(stores: &Stores, clock: &Clock) -> Tiered<Arc<Faulty<MemStore>>> {
    let [hot, warm, cold] = stores.clone();
    let limits = |bytes| Limits {
        bytes,
        idle: Some(Duration::from_secs(60)),
    };
    let bounded = vec![(hot, limits(1000)), (warm, limits(2000))];
    Tiered::open_with_clock(bounded, cold, clock.read()).unwrap()
}

fn heal(stores: &Stores) {
    for store in stores {
        store.heal();
    }
}

fn counts(stores: &Stores) -> [usize; 3] {
    stores.each_ref().map(|store| all(&**store).len())
}

fn eio() -> Error {
    Error::io("write", "/x", std::io::Error::other("EIO"))
}

#[test]
fn blocks_move_down_as_they_come_and_up_as_they_are_read() {
    let (stores, clock) = (stores(), Clock::default());
    let store = tiered(&stores, &clock);
    for n in 0..100 {
        store.put(&block(n), &[n as u8; 100]).unwrap();
    }
    let [hot, warm, cold] = counts(&stores);
    assert!(
        hot <= 10 && warm <= 20 && hot + warm + cold == 100,
        "{hot} {warm} {cold}"
    );
    assert!(hot >= 8 && warm >= 15, "{hot} {warm}");
    assert!(stores[0].has(&block(99)).unwrap(), "the last is hot");
    assert!(stores[2].has(&block(0)).unwrap(), "the first is cold");
    assert_eq!(store.get(&block(0)).unwrap().unwrap(), [0; 100][..]);
    assert!(stores[0].has(&block(0)).unwrap(), "what was read is hot");
    assert_eq!(
        all(&store).len(),
        100,
        "each once, though it lies in two tiers"
    );
    // Reading everything does not make it grow.
    for n in 0..100 {
        assert_eq!(store.get(&block(n)).unwrap().unwrap(), [n as u8; 100][..]);
        assert!(store.bytes()[0] <= 1000 && store.bytes()[1] <= 2000);
    }
}

#[test]
fn what_is_idle_moves_on_and_what_is_used_stays() {
    let (stores, clock) = (stores(), Clock::default());
    let store = tiered(&stores, &clock);
    for n in 0..5 {
        store.put(&block(n), &[0; 100]).unwrap();
    }
    clock.pass(59);
    store.get(&block(3)).unwrap();
    assert_eq!(store.settle().unwrap(), 0);
    clock.pass(1);
    assert_eq!(store.settle().unwrap(), 4);
    assert_eq!(counts(&stores), [1, 4, 0]);
    assert!(stores[0].has(&block(3)).unwrap());
    clock.pass(60);
    store.settle().unwrap();
    clock.pass(60);
    store.settle().unwrap();
    assert_eq!(counts(&stores), [0, 0, 5]);
}

#[test]
fn what_is_too_large_for_a_tier_goes_below_it() {
    let (stores, clock) = (stores(), Clock::default());
    let store = tiered(&stores, &clock);
    store.put(&block(1), &[1; 10]).unwrap();
    store.put(&block(1), &[2; 1500]).unwrap();
    assert_eq!(counts(&stores), [0, 1, 0], "the copy above would count");
    store.put(&block(2), &[3; 5000]).unwrap();
    assert_eq!(counts(&stores), [0, 1, 1]);
    assert_eq!(store.get(&block(1)).unwrap().unwrap(), [2; 1500][..]);
    let mut batch = Batch::new();
    (10..14).for_each(|n| batch.put(block(n), vec![0; 400]));
    store.apply(batch).unwrap();
    assert_eq!(counts(&stores)[0], 0, "a batch stays together");
}

#[test]
fn other_keys_lie_in_the_cold_store_and_a_delete_reaches_every_tier() {
    let (stores, clock) = (stores(), Clock::default());
    let store = tiered(&stores, &clock);
    store.put(&key("/a"), b"x").unwrap();
    assert_eq!(counts(&stores), [0, 0, 1]);
    store.put(&block(1), b"old").unwrap();
    clock.pass(60);
    store.settle().unwrap();
    store.get(&block(1)).unwrap();
    assert_eq!(counts(&stores), [1, 1, 1], "copied up");
    store.delete(&block(1)).unwrap();
    assert_eq!(counts(&stores), [0, 0, 1]);
    assert!(!store.has(&block(1)).unwrap());
}

#[test]
fn a_new_value_counts_though_an_old_one_lies_below() {
    let (stores, clock) = (stores(), Clock::default());
    let store = tiered(&stores, &clock);
    store.put(&block(1), b"old").unwrap();
    clock.pass(60);
    store.settle().unwrap();
    store.get(&block(1)).unwrap();
    store.put(&block(1), b"new").unwrap();
    for _ in 0..3 {
        clock.pass(60);
        store.settle().unwrap();
        assert_eq!(store.get(&block(1)).unwrap().unwrap(), "new");
        let again = tiered(&stores, &clock);
        assert_eq!(again.get(&block(1)).unwrap().unwrap(), "new");
    }
}

#[test]
fn what_lay_in_a_tier_is_known_after_opening() {
    let (stores, clock) = (stores(), Clock::default());
    let store = tiered(&stores, &clock);
    (0..10).for_each(|n| store.put(&block(n), &[0; 100]).unwrap());
    drop(store);
    let store = tiered(&stores, &clock);
    assert_eq!(store.bytes(), [1000, 0]);
    store.put(&block(10), &[0; 100]).unwrap();
    assert!(store.bytes()[0] <= 1000 && counts(&stores)[1] > 0);
}

/// A crash or an error after any call that a move makes: every block is somewhere, with its bytes.
#[test]
fn a_block_is_never_in_no_tier() {
    let mut tried = 0;
    for failing in 0..3 {
        for done in [0, 1] {
            for after in 0.. {
                let (stores, clock) = (stores(), Clock::default());
                let store = tiered(&stores, &clock);
                (0..25).for_each(|n| store.put(&block(n), &[n as u8; 100]).unwrap());
                // From here on one tier fails, as if the power had gone: for good.
                let fault = Fault::new(after, eio()).for_good().midway(done);
                stores[failing].fail(fault);
                let moved: Result<Vec<()>> = (25..60)
                    .map(|n| store.put(&block(n), &[n as u8; 100]))
                    .collect();
                let _ = store.get(&block(0));
                clock.pass(60);
                let settled = store.settle();
                let failed = stores[failing].heal();
                drop(store);
                let store = tiered(&stores, &clock);
                for n in 0..25 {
                    let got = store.get(&block(n)).unwrap();
                    assert!(
                        got.is_some_and(|v| v == [n as u8; 100][..]),
                        "block {n} is gone: tier {failing}, call {after}, {done} of a batch"
                    );
                }
                tried += 1;
                if failed == 0 {
                    moved.unwrap();
                    settled.unwrap();
                    break;
                }
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

/// The same, seen by a reader while blocks move.
#[test]
fn a_reader_always_finds_what_moves() {
    let (stores, clock) = (stores(), Clock::default());
    let store = tiered(&stores, &clock);
    (0..20).for_each(|n| store.put(&block(n), &[n as u8; 100]).unwrap());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (store, done, clock) = (&store, &done, &clock);
        for reader in 0..2u32 {
            scope.spawn(move || {
                let mut n = reader;
                while !done.load(SeqCst) {
                    n = (n + 7) % 20;
                    let got = store.get(&block(n)).unwrap();
                    assert!(got.is_some_and(|v| v == [n as u8; 100][..]), "block {n}");
                    let keys = all(store);
                    let there = |n| keys.iter().filter(|k| **k == block(n)).count();
                    assert!((0..20).all(|n| there(n) == 1), "{}", keys.len());
                }
            });
        }
        for round in 0..200 {
            store.put(&block(100 + round % 30), &[0; 100]).unwrap();
            clock.pass(30);
            store.settle().unwrap();
        }
        done.store(true, SeqCst);
    });
}

/// What a call that failed was to write may be there or not, now or later. What was acknowledged
/// before it was replaced and acknowledged again is gone for good, whatever failed meanwhile.
#[test]
fn a_value_that_was_replaced_never_comes_back() {
    for seed in 0..count("CAIRN_TIERED_RUNS", 100, 5_000) as u64 {
        replaced(seed);
    }
}

fn replaced(seed: u64) {
    let (stores, clock) = (stores(), Clock::default());
    let mut rng = Rng::new(seed);
    let sizes = [(); 2].map(|()| 50 * (1 + rng.below(10)));
    let open = || {
        let [hot, warm, cold] = stores.clone();
        let idle = Some(Duration::from_secs(60));
        let [one, two] = sizes.map(|bytes| Limits { bytes, idle });
        Tiered::open_with_clock(vec![(hot, one), (warm, two)], cold, clock.read()).unwrap()
    };
    let keys: Vec<Key> = (0..5).map(block).chain([key("/a")]).collect();
    // What may be read under each key.
    let mut may: Vec<HashSet<Option<Bytes>>> = vec![HashSet::from([None]); keys.len()];
    let mut store = open();
    for step in 0..200u32 {
        if rng.once_in(4) {
            let fault = Fault::new(rng.below(6), eio()).midway(rng.below(3) as usize);
            let fault = if rng.once_in(3) {
                fault.for_good()
            } else {
                fault
            };
            stores[rng.below(3) as usize].fail(fault);
        } else if rng.once_in(3) {
            heal(&stores);
        }
        let mut writes: Vec<(usize, Option<Bytes>)> = Vec::new();
        for _ in 0..1 + rng.below(3) {
            let value = step.to_be_bytes().repeat(1 + rng.below(80) as usize);
            let value = (!rng.once_in(4)).then(|| Bytes::from(value));
            writes.push((rng.below(keys.len() as u64) as usize, value));
        }
        match rng.below(8) {
            0 => clock.pass(60),
            1 => drop(store.settle()),
            2 => {
                heal(&stores);
                store = open();
            }
            3..6 => {
                let mut batch = Batch::new();
                for (at, value) in &writes {
                    match value {
                        Some(value) => batch.put(keys[*at].clone(), value.clone()),
                        None => batch.delete(keys[*at].clone()),
                    }
                }
                let done = store.apply(batch).is_ok();
                for (at, value) in writes {
                    if done {
                        may[at].clear();
                    }
                    may[at].insert(value);
                }
            }
            _ => {}
        }
        for (key, may) in keys.iter().zip(&may) {
            if let Ok(got) = store.get(key) {
                assert!(
                    may.contains(&got),
                    "seed {seed}, step {step}: {key} is {got:?}"
                );
            }
        }
    }
}
