//! A move that is killed, or meets a full disk, goes on with the rest.

use std::fs;
use std::path::Path;

use persistent::Kind;
use persistent::ops::{self, Silent};
use testkit::calls::{Point, TRIES, points};
use testkit::child::{arg, orders, say};
use testkit::{Child, Rng, Trial, kill, or_skip, run, strace};

use super::{MANY, Two, at, check, good, migrate, pairs, with};

/// The moving child; says `moved` and what was copied, or what was wrong.
pub fn mover() {
    let _parent = orders();
    let [from, to] = ["from", "to"].map(|end| {
        let kind: Kind = arg(&format!("{end}_kind")).parse().unwrap();
        at(kind, Path::new(&arg(end)))
    });
    say("ready");
    let remove = arg("remove") == "yes";
    match ops::migrate(&from, &to, remove, &Silent) {
        Ok(done) => say(&format!("moved {} {}", done.is_whole(), done.copied.blocks)),
        Err(error) => say(&format!("failed {}", crate::chain(&error))),
    }
}

fn plan(two: &Two, remove: &str) -> testkit::child::Plan {
    let path = |config: &persistent::Config| config.path.clone().unwrap().display().to_string();
    Child::of("child", "mover")
        .with("from_kind", two.from.kind)
        .with("to_kind", two.to.kind)
        .with("from", path(&two.from))
        .with("to", path(&two.to))
        .with("remove", remove)
}

/// Runs a move that removes its source under this wrapper to its end.
fn under(two: &Two, wrapper: &[String]) -> (Vec<String>, String) {
    let wrapper: Vec<&str> = wrapper.iter().map(String::as_str).collect();
    let (_, said, noise) = plan(two, "yes").under(&wrapper).start().end();
    (said, noise)
}

fn large(from: Kind, to: Kind) -> Two {
    with(from, to, MANY)
}

/// Some of the pairs, others each time, unless it is a long run.
fn some_pairs(seed: u64) -> Vec<(Kind, Kind)> {
    let of = run::count("CAIRN_MOVE_PAIRS", 5, 1).max(1);
    let some = pairs().into_iter().skip(seed as usize % of).step_by(of);
    some.collect()
}

/// Goes on after a kill: only the rest is copied, and everything is there. How many blocks were
/// good before.
fn finish(two: &Two, place: &str) -> u64 {
    let before = good(&two.to);
    let done = migrate(&two.from, &two.to).unwrap_or_else(|error| panic!("{place}: {error}"));
    assert!(done.is_whole(), "{place}: {done:?}");
    assert_eq!(done.copied.blocks, MANY - before, "{place}");
    check(&two.to, MANY, place);
    check(&two.from, MANY, place);
    before
}

#[test]
fn killed_at_any_moment_it_goes_on_with_the_rest() {
    let rounds = run::count("CAIRN_MOVES", 1, 100);
    let seed = run::seed("migrate");
    for (from, to) in some_pairs(seed) {
        let mut trial = Trial::new("migrate", format!("{from} to {to}, killed"), seed);
        let (mut kills, mut partly) = (0, 0);
        for round in 0..rounds {
            trial.one();
            let mut rng = Rng::of(seed, &[from as u64, to as u64, round as u64]);
            let two = large(from, to);
            let place = format!("{}, seed {seed}, round {round}", two.place);
            let child = plan(&two, "no").start();
            let said = kill::at_random(child, &mut rng, &kill::Moments::default());
            let ended = said.iter().any(|line| line.starts_with("moved"));
            kills += usize::from(!ended);
            let before = finish(&two, &place);
            partly += usize::from(!ended && before > 0);
        }
        trial.end(&format!("{kills} kills, {partly} with blocks copied"));
    }
}

/// The points of a move that nothing disturbs.
fn points_of(from: Kind, to: Kind) -> Vec<Point> {
    let two = large(from, to);
    let home = two.from.path.as_ref().unwrap().parent().unwrap();
    let log = home.join("log");
    let (said, noise) = under(&two, &strace::record(strace::STEPS, &log));
    let moved = format!("moved true {MANY}");
    assert_eq!(said.last(), Some(&moved), "{noise}");
    let record = strace::parse(&fs::read_to_string(&log).unwrap());
    points(&record, home)
}

/// Kills a move at this point, and goes on: whether a run came to it, and how many had removed
/// the source.
fn killed_at(from: Kind, to: Kind, point: &Point, place: &str) -> (bool, usize) {
    let mut gone = 0;
    for _ in 0..TRIES {
        let two = large(from, to);
        let place = format!("{}, {place}", two.place);
        let (said, noise) = under(&two, &point.kill());
        let failed = said.iter().find(|line| line.starts_with("failed"));
        assert!(failed.is_none(), "{place}: {failed:?} {noise}");
        if two.from.path.as_ref().unwrap().exists() {
            finish(&two, &place);
        } else {
            gone += 1;
            check(&two.to, MANY, &place);
        }
        if !said.iter().any(|line| line.starts_with("moved")) {
            return (true, gone);
        }
    }
    (false, gone)
}

#[test]
fn killed_at_any_system_call_it_goes_on_with_the_rest() {
    if or_skip("kills of a migration by system call", strace::works()).is_none() {
        return;
    }
    let tries = run::count("CAIRN_MOVE_CALLS", 2, 100);
    let seed = run::seed("migrate-calls");
    for (from, to) in some_pairs(seed) {
        let mut trial = Trial::new("migrate", format!("{from} to {to}, killed at a call"), seed);
        let all = points_of(from, to);
        let mut rng = Rng::of(seed, &[from as u64, to as u64]);
        let (mut missed, mut gone) = (0, 0);
        for point in crate::calls::sample(&all, tries, &mut rng) {
            let place = format!("seed {seed}, killed at {point}");
            let (met, removed) = killed_at(from, to, &point, &place);
            gone += removed;
            if met {
                trial.one();
            } else {
                missed += 1;
            }
        }
        assert!(trial.tried() > 0, "{from} to {to}: no run met its call");
        trial.end(&format!(
            "of {} calls; {missed} were not met in {TRIES} runs; {gone} sources were removed",
            all.len()
        ));
    }
}

#[test]
fn a_disk_that_fills_in_the_middle_is_an_error_and_the_rest_follows() {
    if or_skip("failing writes", strace::works()).is_none() {
        return;
    }
    const WRITES: [&str; 6] = [
        "write",
        "writev",
        "pwrite64",
        "pwritev",
        "ftruncate",
        "fallocate",
    ];
    let tries = run::count("CAIRN_MOVE_FULL", 1, 100);
    let seed = run::seed("migrate-full");
    for (from, to) in some_pairs(seed) {
        let mut trial = Trial::new("migrate", format!("{from} to {to}, full disk"), seed);
        let mut all = points_of(from, to);
        all.retain(|point| WRITES.contains(&&*point.call));
        let mut rng = Rng::of(seed, &[from as u64, to as u64]);
        let (mut hits, mut partly) = (0, 0);
        for point in crate::calls::sample(&all, tries, &mut rng) {
            trial.one();
            let two = large(from, to);
            let place = format!("{}, seed {seed}, full from {point}", two.place);
            // What the child says is written as well, and may not arrive.
            let (said, noise) = under(&two, &point.fail("ENOSPC", true));
            if !two.from.path.as_ref().unwrap().exists() {
                check(&two.to, MANY, &place);
                continue;
            }
            hits += 1;
            if let Some(end) = said.last().filter(|line| *line != "ready") {
                assert!(end.contains("pace"), "{place}: {end} {noise}");
            }
            partly += usize::from(finish(&two, &place) > 0);
        }
        trial.end(&format!(
            "{hits} runs met a full disk, {partly} with blocks copied"
        ));
    }
}
