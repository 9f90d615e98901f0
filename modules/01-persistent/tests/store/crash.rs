//! The store on a disk that loses its power at every point, and is left in every state that may
//! be: it opens, and has what was acknowledged.
//!
//! In the workloads the store is closed and opened again, and its process killed in the middle of
//! a step, so that what is in the cache and not on the disk meets a later cut. The lock and the
//! space that is left are asked of the system; all else is on the crash disk.

mod fail;
mod ops;
mod steps;

use datastore::{Datastore, Key};
use persistent::ops::verify::{Damage, Fault, Mend};
use persistent::ops::{Silent, verify};
use persistent::{Durability, Kind, Persistent};
use testkit::crash::{ALL, Acks, CrashDisk, Fault as Failure, How, Tally, laboratory};
use testkit::run;

use steps::{Place, Steps};

/// How many steps a workload has.
const STEPS: u64 = 220;

/// The seed of what is written; what is drawn by lot comes from that of the run.
const SEED: u64 = 41;

/// What a workload notes.
#[derive(Clone, Copy, Debug)]
enum Note {
    /// So many steps were begun.
    Begun(usize),
    /// So many are promised.
    Promised(usize),
}

/// A store in use, through restarts.
struct Life<'a> {
    place: &'a Place,
    steps: &'a Steps,
    acks: &'a Acks<Note>,
    disk: CrashDisk,
    store: Persistent,
    reached: usize,
    promised: usize,
}

impl<'a> Life<'a> {
    fn begin(
        place: &'a Place,
        steps: &'a Steps,
        acks: &'a Acks<Note>,
        disk: &CrashDisk,
    ) -> Life<'a> {
        Life {
            place,
            steps,
            acks,
            disk: disk.clone(),
            store: place.open(disk).unwrap(),
            reached: 0,
            promised: 0,
        }
    }

    fn promise(&mut self, upto: usize) {
        self.promised = upto;
        self.acks.note(Note::Promised(upto));
    }

    /// Takes step `n`; false if the process was killed in it.
    fn step(&mut self, n: usize) -> bool {
        self.reached = self.reached.max(n + 1);
        self.acks.note(Note::Begun(self.reached));
        let done = self.steps.run(n, &self.store);
        if done.is_ok() && self.store.durability() == Durability::Each {
            self.promise(n + 1);
        }
        done.is_ok()
    }

    /// The process is gone; another opens the store. The step from which it goes on.
    fn restart(&mut self) -> usize {
        self.disk = self.disk.kill();
        self.disk.calm();
        // Whatever it does in its end reaches nothing any more.
        let _ = self.store.close();
        self.store = self.place.restart(&self.disk).unwrap();
        assert!(self.store.found().unclean);
        // The process may have held back what was not promised. Where steps are not whole, they are
        // taken again: that changes nothing of those that are there.
        if !self.place.kind.atomic_batches() {
            return self.promised;
        }
        let found = self.place.found(&self.store).unwrap();
        let position = self.steps.position(&found, self.promised, self.reached);
        position.expect("a kill leaves the state after some step")
    }
}

fn workload(place: &Place, steps: &Steps, disk: &CrashDisk, acks: &Acks<Note>) {
    let mut rng = acks.rng();
    let mut life = Life::begin(place, steps, acks, disk);
    let mut n = 0;
    while n < steps.count() {
        let kill = rng.once_in(40);
        if kill {
            life.disk.inject(Failure {
                calls: ALL,
                after: rng.below(25),
                times: 1,
                how: How::Kill,
            });
        }
        let done = life.step(n);
        assert!(done || kill, "step {n} failed");
        n += usize::from(done);
        if kill {
            n = life.restart();
        }
        if rng.once_in(17) {
            life.store.sync().unwrap();
            life.promise(n);
        }
        if rng.once_in(60) {
            life.store.close().unwrap();
            life.promise(n);
            life.store = place.open(&life.disk).unwrap();
        }
    }
    life.store.close().unwrap();
    life.promise(n);
}

fn check(place: &Place, steps: &Steps, disk: &CrashDisk, notes: &[&Note]) -> Result<(), String> {
    let (mut promised, mut reached) = (0, 0);
    for note in notes {
        match note {
            Note::Begun(n) => reached = *n,
            Note::Promised(n) => promised = *n,
        }
    }
    let store = place.restart(disk)?;
    let found = place.found(&store)?;
    steps.fits(&found, promised, reached, place.kind.atomic_batches())?;
    acknowledged(&store, steps, promised, reached)?;
    store.close().map_err(|e| crate::chain(&e))
}

/// Nothing is missed that was deleted, and nothing at all where each step is promised.
fn acknowledged(
    store: &Persistent,
    steps: &Steps,
    promised: usize,
    reached: usize,
) -> Result<(), String> {
    let mut alarms = Vec::new();
    let mut told = |fault: &Fault| {
        let key = Key::block(&fault.cid.hash().to_bytes())?;
        let lost = store.durability() != Durability::Each && steps.have(&key, promised, reached);
        if fault.damage == Damage::Missing && !lost {
            alarms.push(fault.cid);
        }
        Ok(())
    };
    let report = verify(store, &Mend::default(), &Silent, &mut told);
    let report = report.map_err(|e| crate::chain(&e))?;
    let lost = &store.found().lost;
    match (&alarms[..], &report.store[..], &lost.ledger) {
        ([], [], None) if report.strangers == Some(0) => Ok(()),
        _ => Err(format!("false alarms: {alarms:?}, {report:?}, {lost:?}")),
    }
}

fn tried(kind: Kind, durability: Durability, states: usize) -> Tally {
    let place = Place::new(kind, durability);
    let steps = Steps::of(SEED, STEPS);
    let name = format!("{kind} {durability:?}").to_lowercase();
    laboratory(
        &name,
        states,
        &place.disk(),
        |disk, acks| workload(&place, &steps, disk, acks),
        |disk, notes| check(&place, &steps, disk, notes),
    )
}

#[test]
fn the_file_engine_has_what_it_acknowledged() {
    let states = run::count("CAIRN_STATES", 250, 700_000);
    tried(Kind::File, Durability::Each, states).must_hold();
}

#[test]
fn the_file_engine_has_what_was_synced() {
    let states = run::count("CAIRN_STATES", 250, 300_000);
    tried(Kind::File, Durability::Batch, states).must_hold();
}

#[test]
fn redb_has_what_it_acknowledged() {
    let states = run::count("CAIRN_STATES", 30, 10_000);
    tried(Kind::Redb, Durability::Each, states).must_hold();
}

#[test]
fn redb_has_what_was_synced() {
    let states = run::count("CAIRN_STATES", 30, 10_000);
    tried(Kind::Redb, Durability::Batch, states).must_hold();
}

#[test]
fn pack_has_what_it_acknowledged() {
    let states = run::count("CAIRN_STATES", 60, 300_000);
    tried(Kind::Pack, Durability::Each, states).must_hold();
}

#[test]
fn pack_has_what_was_synced() {
    let states = run::count("CAIRN_STATES", 60, 300_000);
    tried(Kind::Pack, Durability::Batch, states).must_hold();
}

/// The laboratory sees a loss: of a store that promises nothing the last step may be gone.
#[test]
fn a_promise_that_is_not_kept_is_caught() {
    for kind in [Kind::File, Kind::Redb, Kind::Pack] {
        let place = Place::new(kind, Durability::None);
        let steps = Steps::of(SEED, 12);
        let workload = |disk: &CrashDisk, acks: &Acks<Note>| {
            let mut life = Life::begin(&place, &steps, acks, disk);
            for n in 0..12 {
                assert!(life.step(n));
                life.promise(n + 1);
            }
        };
        let name = format!("{kind} without a flush");
        laboratory(&name, 60, &place.disk(), workload, |disk, notes| {
            check(&place, &steps, disk, notes)
        })
        .must_catch();
    }
}

/// A store that is being made is made by the next opening, wherever the power was cut.
#[test]
fn a_beginning_that_was_cut_short_goes_on() {
    for kind in [Kind::File, Kind::Redb, Kind::Pack] {
        let states = match kind {
            Kind::File => run::count("CAIRN_STATES", 150, 100_000),
            _ => run::count("CAIRN_STATES", 30, 10_000),
        };
        let place = Place::new(kind, Durability::Each);
        let steps = Steps::of(SEED, 1);
        let workload = |disk: &CrashDisk, _: &Acks<()>| {
            place.open(disk).unwrap().close().unwrap();
        };
        let check = |disk: &CrashDisk, _: &[&()]| {
            let store = place.restart(disk)?;
            // Once it is there, it may have the first step: what this check does is cut short, too.
            steps.fits(&place.found(&store)?, 0, 1, kind.atomic_batches())?;
            steps.run(0, &store).map_err(|e| crate::chain(&e))?;
            store.close().map_err(|e| crate::chain(&e))
        };
        let name = format!("{kind} begun");
        laboratory(&name, states, &place.disk(), workload, check).must_hold();
    }
}
