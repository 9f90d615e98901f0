//! A power cut takes nothing that was acknowledged under `Durability::Each`, and nothing that was
//! synced under `Durability::Batch`.
//!
//! The store lies on a file system in an image; the cut stops everything on its way to the
//! device. Acknowledgements count if they were read before the cut: a flush that is on its way
//! when the power goes may still say that it succeeded.

use std::time::Duration;

use persistent::Kind;
use testkit::kill::at;
use testkit::mount::{Fs, Image};
use testkit::{Rng, Trial, or_skip, power, report, run};

use crate::history::{History, Rule, State, look};
use crate::restart::rule;
use crate::writer::{self, Said};

const STEPS: u64 = u64::MAX;
const THREADS: usize = 2;

/// fjall reserves 64 MiB for a journal; a small image would be a test of a full disk.
const MIB: u64 = 512;

/// What one cut left.
struct After {
    /// What is there. A block whose bytes did not reach the disk in time, though its name did, is
    /// as good as absent: the block layer refuses to give it, and the next put heals it.
    found: State,
    /// What was said before the cut, and in all.
    before: Said,
    whole: Said,
}

/// Writes into the store of this image, cuts the power, and looks what is there.
fn cut(
    kind: Kind,
    image: &mut Image,
    durability: &str,
    history: &History,
    seed: u64,
    rng: &mut Rng,
) -> Result<After, String> {
    let from = history.known();
    let child = writer::plan(kind, image.path(), durability, seed, &from, STEPS).start();
    // One in eight while it starts, the others while it writes: not before there is something to
    // lose.
    if rng.once_in(8) && durability != "none" {
        at(&child, rng, Duration::from_millis(60));
    } else {
        let first = match durability {
            "batch" => "s ",
            "none" => "a 0 20",
            _ => "a ",
        };
        child.wait_for(|line| line.starts_with(first));
        at(
            &child,
            rng,
            Duration::from_millis(if durability == "none" { 20 } else { 300 }),
        );
    }
    let said = power::cut(child, image)?;
    let store = crate::open(&crate::config(kind, image.path()));
    let (found, damaged) = look(&store)?;
    if durability == "each" && !damaged.is_empty() {
        return Err(format!("damaged blocks: {damaged:?}"));
    }
    datastore::Datastore::close(&store).map_err(|e| crate::chain(&e))?;
    Ok(After {
        found,
        before: Said::new(&said.before, &from),
        whole: Said::new(&said.whole, &from),
    })
}

fn laboratory(kind: Kind, fs: Fs, cuts: u64, seed: u64) -> Option<()> {
    let mut trial = Trial::new("power", format!("{kind} on {fs}"), seed);
    let mut rng = Rng::of(seed, &[kind as u64, fs as u64]);
    let mut acks = 0;
    while trial.tried() < cuts {
        let mut image = or_skip("power", Image::new(fs, MIB, &[]))?;
        let store_seed = rng.next();
        let mut history = History::new(store_seed, THREADS);
        for _ in 0..10.min(cuts - trial.tried()) {
            let place = format!("{kind} on {fs}, seed {seed}, cut {}", trial.tried());
            trial.one();
            let after = cut(kind, &mut image, "each", &history, store_seed, &mut rng)
                .unwrap_or_else(|why| panic!("{place}: {why}"));
            history
                .check(
                    &after.found,
                    &after.before.acked,
                    &after.whole.reached(STEPS),
                    rule(kind),
                )
                .unwrap_or_else(|why| panic!("{place}: {why}"));
            acks += after.before.acks;
        }
    }
    assert!(
        acks > 0,
        "{kind} on {fs}: nothing was acknowledged, so nothing was shown"
    );
    trial.end(&format!("{acks} steps acknowledged before the cuts"));
    Some(())
}

/// How often the power is cut under each engine on each file system.
fn cuts() -> u64 {
    run::count("CAIRN_CUTS", 5, 500) as u64
}

fn run_laboratory(fs: Fs) {
    let seed = run::seed("power");
    for kind in crate::kinds() {
        if laboratory(kind, fs, cuts(), seed).is_none() {
            return;
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_on_ext4() {
    run_laboratory(Fs::Ext4);
}

#[test]
fn nothing_acknowledged_is_lost_on_xfs() {
    run_laboratory(Fs::Xfs);
}

#[test]
fn what_was_synced_is_there() {
    let seed = run::seed("power, synced");
    let mut rng = Rng::new(seed);
    for kind in crate::kinds() {
        let mut trial = Trial::new("power", format!("{kind} batch on {}", Fs::Ext4), seed);
        let mut synced = 0;
        for n in 0..cuts().div_ceil(3) {
            // Each with a new store: what was not flushed may be there in any part.
            let Some(mut image) = or_skip("power", Image::new(Fs::Ext4, MIB, &[])) else {
                return;
            };
            let store_seed = rng.next();
            let mut history = History::new(store_seed, THREADS);
            let place = format!("{kind}, seed {seed}, cut {n}");
            trial.one();
            let after = cut(kind, &mut image, "batch", &history, store_seed, &mut rng)
                .unwrap_or_else(|why| panic!("{place}: {why}"));
            synced += after.before.synced.iter().sum::<u64>();
            history
                .check(
                    &after.found,
                    &after.before.synced,
                    &after.whole.reached(STEPS),
                    Rule::AnyOrder,
                )
                .unwrap_or_else(|why| panic!("{place}: {why}"));
        }
        trial.end(&format!("{synced} steps synced before the cuts"));
    }
}

/// The laboratory can see a loss: a store that promises nothing loses what it acknowledged.
#[test]
fn a_store_that_promises_nothing_loses() {
    let seed = run::seed("power, no promise");
    let mut rng = Rng::new(seed);
    for kind in crate::kinds() {
        let (mut lost, mut acks) = (0, 0);
        for _ in 0..4 {
            let Some(mut image) = or_skip("power", Image::new(Fs::Ext4, MIB, &[])) else {
                return;
            };
            let store_seed = rng.next();
            let mut history = History::new(store_seed, THREADS);
            // A store that was never flushed may not even be a store.
            match cut(kind, &mut image, "none", &history, store_seed, &mut rng) {
                Err(why) => report(&format!("power {kind} without a promise: {why}")),
                Ok(after) => {
                    acks += after.before.acks;
                    let said = &after.before.acked;
                    let reached = after.whole.reached(STEPS);
                    lost += usize::from(
                        history
                            .check(&after.found, said, &reached, Rule::AnyOrder)
                            .is_err(),
                    );
                }
            }
        }
        report(&format!(
            "power {kind} without a promise: {lost} of 4 cuts lost of {acks} acknowledged steps"
        ));
        assert!(
            lost > 0,
            "{kind}: the cut of the power takes nothing, so it shows nothing"
        );
    }
}
