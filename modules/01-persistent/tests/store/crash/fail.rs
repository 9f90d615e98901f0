//! Calls that fail: a flush, once and for good; a full disk; signals; half of what was asked for.

use datastore::Datastore;
use persistent::{Durability, Kind, Persistent};
use testkit::Trial;
use testkit::crash::{Call, CrashDisk, EINTR, EIO, ENOSPC, FLUSHES, Fault, How};
use testkit::run;

use super::SEED;
use super::steps::{Place, Steps};

const KINDS: [Kind; 3] = [Kind::File, Kind::Redb, Kind::Pack];

/// The workload with a fault, to its end; then what is on the disk after the power was cut.
struct Faulty<'a> {
    place: &'a Place,
    steps: &'a Steps,
    /// The states after a cut.
    seed: u64,
    writer: Writer,
}

/// What takes step `n`.
type Writer = fn(&Faulty<'_>, &CrashDisk, &mut Persistent, usize) -> datastore::Result<()>;

/// As a user of the store does.
fn takes(
    faulty: &Faulty<'_>,
    _: &CrashDisk,
    store: &mut Persistent,
    n: usize,
) -> datastore::Result<()> {
    faulty.steps.run(n, store)
}

/// As what must not be: after an error it opens the store anew and tries again.
fn tries_again(
    faulty: &Faulty<'_>,
    disk: &CrashDisk,
    store: &mut Persistent,
    n: usize,
) -> datastore::Result<()> {
    let Err(error) = faulty.steps.run(n, store) else {
        return Ok(());
    };
    let _ = store.close();
    *store = faulty.place.open(disk).map_err(|_| error)?;
    faulty.steps.run(n, store)
}

/// What one of them showed.
#[derive(Default)]
struct Shown {
    /// Whether it was the opening that failed.
    refused: bool,
    errors: Vec<datastore::Error>,
    acked: usize,
    /// The first step that was acknowledged after a call had failed, and how many were.
    late: Option<usize>,
    after: usize,
}

impl Shown {
    /// Why this must not be, after a flush that failed under [`Durability::Each`].
    fn fault(&self, steps: usize) -> Option<String> {
        if let Some(n) = self.late {
            return Some(format!("step {n} was acknowledged after it"));
        }
        if !self.refused && self.acked + self.errors.len() < steps {
            return Some("a step ended in nothing".to_owned());
        }
        // Those after the first are refusals.
        let writes = (steps - self.acked).saturating_sub(1);
        let mut writes = self.errors.iter().skip(1).take(writes);
        let refused = writes.all(|e| matches!(e, datastore::Error::ReadOnly { .. }));
        (!refused).then(|| "tried again after it failed".to_owned())
    }
}

impl Faulty<'_> {
    /// Takes every step whatever became of those before it.
    fn run(&self, fault: Fault) -> Result<Shown, String> {
        let disk = self.place.disk();
        disk.settle();
        disk.inject(fault);
        let mut shown = Shown::default();
        let mut done = Vec::new();
        match self.place.open(&disk) {
            Err(_) => shown.refused = true,
            Ok(mut store) => {
                for n in 0..self.steps.count() {
                    match (self.writer)(self, &disk, &mut store, n) {
                        Ok(()) => {
                            done.push(n);
                            if disk.struck() > 0 {
                                shown.late.get_or_insert(n);
                                shown.after += 1;
                            }
                        }
                        Err(error) => shown.errors.push(error),
                    }
                }
                disk.calm();
                let found = self.place.found(&store)?;
                self.steps.fits_any(&found, &done)?;
                // An error is one more that is told.
                shown.errors.extend(store.close().err());
            }
        }
        shown.acked = done.len();
        let record = disk.record();
        let cut = record.cut(record.last());
        for number in 0..8 {
            let left = cut.state(self.seed, number);
            let store = self.place.restart(&left)?;
            let found = self.place.found(&store)?;
            self.steps
                .fits_any(&found, &done)
                .map_err(|why| format!("state {number} after it: {why}"))?;
            store.close().map_err(|e| crate::chain(&e))?;
        }
        Ok(shown)
    }

    fn calls(&self, calls: &[Call]) -> u64 {
        let disk = self.place.disk();
        let before = disk.calls(calls);
        let store = self.place.open(&disk).unwrap();
        for n in 0..self.steps.count() {
            self.steps.run(n, &store).unwrap();
        }
        store.close().unwrap();
        disk.calls(calls) - before
    }
}

#[test]
fn after_a_failed_flush_nothing_is_acknowledged_and_a_restart_has_the_rest() {
    let count = run::count("CAIRN_STEPS", 14, 200) as u64;
    let seed = run::seed("crash, failing flushes");
    for kind in KINDS {
        let place = Place::new(kind, Durability::Each);
        let steps = Steps::of(SEED, count);
        let faulty = Faulty {
            place: &place,
            steps: &steps,
            seed,
            writer: takes,
        };
        let flushes = faulty.calls(FLUSHES);
        for (times, word) in [(1, "once"), (u64::MAX, "for good")] {
            let mut trial = Trial::new("crash", format!("{kind}, a flush fails {word}"), seed);
            let (mut hits, mut acks, mut after) = (0, 0, 0);
            for flush in 0..flushes {
                trial.one();
                match faulty.run(eio(flush, times)) {
                    Err(why) => trial.fails(&format!("flush {flush} of {flushes}: {why}")),
                    Ok(shown) => {
                        hits += usize::from(!shown.errors.is_empty());
                        acks += shown.acked;
                        after += shown.after;
                        if let Some(why) = shown.fault(steps.count()) {
                            trial.fails(&format!("flush {flush}: {why}"));
                        }
                    }
                }
            }
            assert!(hits > 0, "{kind}: no step met a failing flush");
            trial.end(&format!(
                "every flush of {count} steps, and 8 states after each; {hits} hit a step; {acks} \
                 steps acknowledged, {after} of them after it"
            ));
        }
    }
}

/// A flush that fails after `after` that do not.
fn eio(after: u64, times: u64) -> Fault {
    Fault {
        calls: FLUSHES,
        after,
        times,
        how: How::Error(EIO),
    }
}

/// The laboratory sees an acknowledgement after a failed flush, also where nothing is lost by it.
#[test]
fn a_writer_that_tries_again_after_a_failed_flush_is_caught() {
    for kind in KINDS {
        let place = Place::new(kind, Durability::Each);
        let steps = Steps::of(SEED, 2);
        let faulty = Faulty {
            place: &place,
            steps: &steps,
            seed: SEED,
            writer: tries_again,
        };
        let flushes = faulty.calls(FLUSHES);
        let (mut early, mut lost) = (0, 0);
        for flush in 0..flushes {
            match faulty.run(eio(flush, 1)) {
                Ok(shown) => {
                    let why = shown.fault(steps.count());
                    early += usize::from(why.is_some_and(|why| why.contains("acknowledged")));
                }
                Err(_) => lost += 1,
            }
        }
        println!("{kind}: {early} acknowledged after it, {lost} lost of {flushes}");
        assert!(early > 0, "{kind}: nothing was caught but {lost} losses");
    }
}

#[test]
fn a_full_disk_at_every_write_loses_nothing() {
    const WRITES: &[Call] = &[Call::Create, Call::Write, Call::SetLen, Call::CreateDir];
    let count = run::count("CAIRN_STEPS", 12, 200) as u64;
    let seed = run::seed("crash, no room");
    for kind in KINDS {
        let place = Place::new(kind, Durability::Each);
        let steps = Steps::of(SEED, count);
        let faulty = Faulty {
            place: &place,
            steps: &steps,
            seed,
            writer: takes,
        };
        let writes = faulty.calls(WRITES);
        let stride = run::count("CAIRN_STRIDE", 3, 1);
        let mut trial = Trial::new("crash", format!("{kind}, no room for a while"), seed);
        let (mut typed, mut others) = (0, 0);
        for after in (0..writes).step_by(stride) {
            trial.one();
            let fault = Fault {
                calls: WRITES,
                after,
                times: 3,
                how: How::Error(ENOSPC),
            };
            match faulty.run(fault) {
                Err(why) => trial.fails(&format!("write {after} of {writes}: {why}")),
                Ok(shown) => {
                    let full = shown.errors.iter().filter(|e| e.is_out_of_space()).count();
                    typed += full;
                    others += shown.errors.len() - full;
                }
            }
        }
        assert!(typed > 0, "{kind}: no step met a full disk");
        trial.end(&format!(
            "{typed} writes refused for lack of room, {others} for another reason"
        ));
        assert_eq!(others, 0, "{kind}: a full disk is no other error");
    }
}

/// Signals in the middle of reads and writes, and half of what was asked for, are nobody's
/// business.
#[test]
fn signals_and_halves_change_nothing() {
    const BOTH: &[Call] = &[Call::Read, Call::Write];
    let steps = Steps::of(SEED, 40);
    for kind in KINDS {
        for durability in [Durability::Each, Durability::Batch] {
            let place = Place::new(kind, durability);
            let disk = place.disk();
            let fault = |after, times, how| Fault {
                calls: BOTH,
                after,
                times,
                how,
            };
            // A signal before one in a hundred, and never a whole read or write.
            for n in 0..200 {
                disk.inject(fault(n * 100, 1, How::Error(EINTR)));
            }
            disk.inject(fault(0, u64::MAX, How::Short));
            let store = place.open(&disk).unwrap();
            for n in 0..steps.count() {
                steps.run(n, &store).unwrap();
            }
            let all = steps.count();
            let found = place.found(&store).unwrap();
            assert_eq!(steps.position(&found, all, all), Some(all), "{kind}");
            store.close().unwrap();
            let store = place.open(&disk).unwrap();
            assert_eq!(place.found(&store).unwrap(), found, "{kind}");
            assert!(disk.struck() > 50, "{kind}: {}", disk.struck());
        }
    }
}
