use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use datastore::{Batch, Datastore, Error, Key, MemStore, contract};
use testkit::Rng;

use crate::answer::{Alarm, Alert, Clock, Histogram, Measured, Metrics};
use crate::stores::{Watched, key};

/// A clock that goes on by itself, by as much as is set, each time it is asked.
#[derive(Default)]
struct Ticks {
    now: AtomicU64,
    step: AtomicU64,
}

impl Clock for Ticks {
    fn now(&self) -> u64 {
        self.now
            .fetch_add(self.step.load(Ordering::SeqCst), Ordering::SeqCst)
    }
}

fn measured<D: Datastore>(inner: D, step: u64) -> (Measured<D>, Arc<Metrics>) {
    let (clock, metrics) = (Arc::new(Ticks::default()), Arc::new(Metrics::default()));
    clock.step.store(step, Ordering::SeqCst);
    (Measured::new(inner, clock, metrics.clone()), metrics)
}

fn fresh() -> Measured<MemStore> {
    measured(MemStore::new(), 10).0
}

/// times fall into buckets of powers of two
#[test]
fn a1_buckets() {
    for (micros, wanted) in [
        (0, 1),
        (1, 1),
        (2, 3),
        (3, 3),
        (4, 7),
        (100, 127),
        (128, 255),
        (1_000_000, 1_048_575),
    ] {
        let times = Histogram::default();
        times.record(micros);
        let what = format!("the median of one time of {micros} µs");
        say::same(
            &what,
            &times.quantile(500),
            &Some(wanted),
            "a bucket has one number for all in it: the largest.",
        );
    }
    let times = Histogram::default();
    say::same(
        "the median of nothing",
        &times.quantile(500),
        &None,
        "0 would be the best store of all.",
    );
    times.record(u64::MAX);
    say::same(
        "how many times there are, after one that is too long for every bucket",
        &times.count(),
        &1,
        "the longest of all are those one looks for.",
    );
}

/// p50 and p99 of a thousand times
#[test]
fn a2_quantiles() {
    let times = Histogram::default();
    (0..985).for_each(|_| times.record(100));
    (0..15).for_each(|_| times.record(50_000));
    say::same(
        "count",
        &times.count(),
        &1_000,
        "what is not counted did not happen.",
    );
    say::same(
        "p50 of 985 times 100 µs and 15 times 50 ms",
        &times.quantile(500),
        &Some(127),
        "the middle one.",
    );
    say::same(
        "p98.5",
        &times.quantile(985),
        &Some(127),
        "the last of the quick ones.",
    );
    say::same(
        "p98.6",
        &times.quantile(986),
        &Some(65_535),
        "the first of the slow ones.",
    );
    say::same(
        "p99",
        &times.quantile(990),
        &Some(65_535),
        "one in a hundred waits 50 ms, which no mean shows: it is 848 µs.",
    );
}

/// an alarm is raised and cleared
#[test]
fn a3_alarm() {
    let mut alarm = Alarm::new(100, 50);
    let yours: Vec<_> = [10, 99, 100, 300, 51, 50, 10, 100]
        .map(|value| alarm.see(value))
        .to_vec();
    let (up, down) = (Some(Alert::Raised), Some(Alert::Cleared));
    let wanted = vec![None, None, up, None, None, down, None, up];
    say::same(
        "raise at 100, clear at 50: 10 99 100 300 51 50 10 100",
        &yours,
        &wanted,
        "people act on what changes.",
    );
}

/// the quantile is never below the true one, and at most twice as large
#[test]
fn b1_error() {
    let mut rng = Rng::new(7);
    for round in 0..50 {
        let times = Histogram::default();
        let many = 1 + rng.below(400);
        let mut all: Vec<u64> = (0..many)
            .map(|_| {
                let bits = 1 + rng.below(30);
                1 + rng.below(1 << bits)
            })
            .collect();
        all.iter().for_each(|micros| times.record(*micros));
        all.sort_unstable();
        for of_1000 in [1, 500, 900, 990, 999, 1_000] {
            let rank = (all.len() as u64 * of_1000).div_ceil(1_000).max(1);
            let real = all[rank as usize - 1];
            let yours = times.quantile(of_1000).unwrap_or(0);
            say::that(
                real <= yours && yours <= 2 * real,
                format!(
                    "{of_1000} of 1,000, of {} times (round {round})\nyours   {yours}\nthe true one is {real}, so from {real} to {}\nWhy it matters: a histogram may be coarse, but has to say how much.",
                    all.len(),
                    2 * real
                ),
            );
        }
    }
}

/// values that swing around one limit are one alert
#[test]
fn b2_no_storm() {
    let mut alarm = Alarm::new(100, 50);
    let alerts = (0..1_000)
        .filter_map(|n| alarm.see(if n % 2 == 0 { 101 } else { 99 }))
        .count();
    say::same(
        "alerts of 1,000 values that swing between 99 and 101",
        &alerts,
        &1,
        "whoever is called a thousand times does not come the last time.",
    );
    let alerts = (0..1_000)
        .filter_map(|n| alarm.see(if n % 2 == 0 { 49 } else { 51 }))
        .count();
    say::same(
        "and then of 1,000 between 49 and 51",
        &alerts,
        &1,
        "the end of it is told once, too.",
    );
}

/// the wrapper is the store that it wraps
#[test]
fn b3_contract() {
    let why = "a wrapper that loses a promise loses it for everything above.";
    for check in [
        contract::what_was_put_is_what_is_got,
        contract::an_absent_key_is_none,
        contract::a_delete_forgets,
        contract::has_and_size_agree_with_get,
        contract::get_many_answers_in_order,
        contract::a_query_gives_strict_children_once,
        contract::keys_agree_with_query,
        contract::a_batch_is_its_writes_in_order,
        contract::use_after_close_is_a_typed_error,
        contract::many_threads_may_call_at_once,
    ] {
        promise::kept("all nine of Datastore", fresh, check, why);
    }
    let (store, _) = measured(Watched::new(), 10);
    say::ok("put", store.put(&key("/a"), b"one"));
    say::same("disk_usage", &store.disk_usage().unwrap(), &0, why);
}

/// puts and gets are counted with their times, bytes too
#[test]
fn b4_counts() {
    let (store, metrics) = measured(Watched::new(), 300);
    for n in 0..10 {
        say::ok("put", store.put(&key(&format!("/{n}")), &[7; 100]));
    }
    for n in 0..30 {
        say::ok("get", store.get(&key(&format!("/{n}"))));
    }
    let mut batch = Batch::new();
    batch.put(key("/x"), vec![1; 1_000]);
    batch.delete(key("/1"));
    say::ok("apply", store.apply(batch));
    let why = "what is measured wrongly is worse than what is not.";
    say::same("times of put, after ten", &metrics.put.count(), &10, why);
    say::same(
        "times of get, after thirty",
        &metrics.get.count(),
        &30,
        "an absent key took its time, too.",
    );
    say::same(
        "p50 of put, with a clock that goes on by 300 µs",
        &metrics.put.quantile(500),
        &Some(511),
        why,
    );
    say::same(
        "bytes put, 10 times 100 and a batch with 1,000",
        &metrics.bytes.load(Ordering::SeqCst),
        &2_000,
        "keys and deletes are no values.",
    );
    say::same("errors", &metrics.errors.load(Ordering::SeqCst), &0, why);
}

/// errors are counted, and passed on as they are
#[test]
fn b5_errors() {
    let inner = Watched::new();
    let (store, metrics) = measured(inner.clone(), 10);
    inner.kill_after(0);
    for n in 1..=3 {
        let yours = store.put(&key("/a"), b"one");
        let same = matches!(yours, Err(Error::Closed));
        say::same(
            "put on a store that fails: the error of the store",
            &same,
            &true,
            "whoever handles it has to know which it is.",
        );
        say::same(
            "errors",
            &metrics.errors.load(Ordering::SeqCst),
            &n,
            "the first thing one looks at.",
        );
    }
    let mut batch = Batch::new();
    batch.put(key("/x"), vec![1; 1_000]);
    say::same(
        "apply on a store that fails is an error",
        &store.apply(batch).is_err(),
        &true,
        "an error that is counted and swallowed is a lie with a number.",
    );
    say::same(
        "errors after four",
        &metrics.errors.load(Ordering::SeqCst),
        &4,
        "a batch can fail as well.",
    );
    say::same(
        "bytes put, when every put failed",
        &metrics.bytes.load(Ordering::SeqCst),
        &0,
        "what is not there takes no room.",
    );
}

/// the store below gets the same calls, and no other
#[test]
fn e1_same_calls() {
    let run = |store: &dyn Datastore| {
        let keys = [key("/a"), key("/b")];
        store.put(&keys[0], b"one").unwrap();
        store.get(&keys[0]).unwrap();
        store.has(&keys[0]).unwrap();
        store.size(&keys[0]).unwrap();
        store.get_many(&keys).unwrap();
        store.keys(&Key::root()).unwrap().count();
        let mut batch = Batch::new();
        batch.put(keys[1].clone(), b"two".to_vec());
        store.apply(batch).unwrap();
        store.delete(&keys[0]).unwrap();
        store.sync().unwrap();
    };
    let bare = Watched::new();
    run(&*bare);
    let inner = Watched::new();
    run(&measured(inner.clone(), 10).0);
    let (yours, wanted) = (
        inner.calls.lock().unwrap().clone(),
        bare.calls.lock().unwrap().clone(),
    );
    let why = "a wrapper that forwards `apply` as single puts, or `has` as a read of the value, costs more than it measures.";
    say::same("the calls that reach the store below", &yours, &wanted, why);
}
