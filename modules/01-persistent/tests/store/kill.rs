//! A writer that is killed (`kill -9`) at any moment loses nothing that it acknowledged, and what
//! it leaves opens without further ado.
//!
//! Every 20 rounds begin with a new store; in between each child goes on where the last was
//! killed, and some are killed twice before anybody looks, so that a recovery is interrupted too.

use std::time::{Duration, Instant};

use persistent::Kind;
use testkit::kill::{Moments, at_random};
use testkit::mount::in_memory;
use testkit::{Rng, Trial, run};

use crate::history::{History, Rule, all};
use crate::writer::{self, Said};

const STEPS: u64 = u64::MAX;
const THREADS: usize = 3;

#[derive(Default)]
struct Tally {
    acks: usize,
    opens: usize,
    slowest: Duration,
}

/// A folder in memory for one half of the stores, where far more steps fall into a round. On disk
/// writers wait for each other's flushes, which is the other half of the truth.
fn folder(rng: &mut Rng) -> tempfile::TempDir {
    if rng.once_in(2) {
        in_memory()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// Kills writers of one kind, and says how it went; panics at the first loss.
fn laboratory(kind: Kind, durability: &str, kills: u64, seed: u64) {
    let mut rng = Rng::of(seed, &[kind as u64, durability.len() as u64]);
    let mut tally = Tally::default();
    let mut trial = Trial::new("kill", format!("{kind} {durability}"), seed);
    let each = durability == "each";
    // The file store keeps blocks in the page cache and other keys in a database of their own: a
    // kill takes what was not flushed of the one and not of the other, and then nobody knows at
    // which step to go on.
    let (rule, rounds) = match (kind.atomic_batches(), each) {
        (true, _) => (Rule::Atomic, 20),
        (false, true) => (Rule::EachKey, 20),
        (false, false) => (Rule::AnyOrder, 1),
    };
    while trial.tried() < kills {
        let dir = folder(&mut rng);
        let store_seed = rng.next();
        let mut history = History::new(store_seed, THREADS);
        let mut from = history.known();
        let mut durable = from.clone();
        let mut reached = from.clone();
        let mut was_open = false;
        for round in 0..rounds.min(kills - trial.tried()) {
            trial.one();
            let child =
                writer::plan(kind, dir.path(), durability, store_seed, &from, STEPS).start();
            let lines = at_random(child, &mut rng, &Moments::default());
            let said = Said::new(&lines, &from);
            let place = format!(
                "{kind} {durability}, seed {seed}, kill {}, round {round} of its store",
                trial.tried()
            );
            assert!(
                said.errors.is_empty() && said.refused.is_none(),
                "{place}: {said:?}"
            );
            tally.acks += said.acks;
            was_open |= said.ready;
            for t in 0..THREADS {
                durable[t] = durable[t].max(if each { said.acked[t] } else { said.synced[t] });
                reached[t] = reached[t].max(said.acked[t] + 1);
                from[t] = from[t].max(said.acked[t]);
            }
            // Without a promise for each step nobody but the store knows where to go on.
            if each && rng.once_in(4) && trial.tried() < kills {
                continue;
            }
            let begun = Instant::now();
            let store = crate::open(&crate::config(kind, dir.path()));
            tally.slowest = tally.slowest.max(begun.elapsed());
            tally.opens += 1;
            if was_open {
                assert!(
                    store.found().unclean,
                    "{place}: taken for a store that was closed"
                );
            }
            was_open = false;
            let outcome =
                all(&store).and_then(|found| history.check(&found, &durable, &reached, rule));
            if let Err(why) = outcome {
                let kept = dir.keep();
                panic!("{place}: {why}\nthe store is kept in {}", kept.display());
            }
            datastore::Datastore::close(&store).unwrap();
            from = history.known();
            durable = from.clone();
            reached = from.clone();
        }
    }
    assert!(
        tally.acks as u64 > trial.tried(),
        "{kind}: too few acknowledgements to prove anything"
    );
    trial.end(&format!(
        "{} steps acknowledged, {} opens, the slowest in {:.0?}",
        tally.acks, tally.opens, tally.slowest
    ));
}

fn run_laboratory(durability: &str, kills: usize) {
    let seed = run::seed("kill");
    for kind in crate::kinds() {
        laboratory(kind, durability, kills as u64, seed);
    }
}

#[test]
fn nothing_acknowledged_is_lost() {
    run_laboratory("each", run::count("CAIRN_KILLS", 100, 10_000));
}

#[test]
fn nothing_synced_is_lost() {
    run_laboratory("batch", run::count("CAIRN_KILLS", 100, 10_000) / 4);
}
