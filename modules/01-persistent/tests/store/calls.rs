//! A writer that is killed at any of its system calls loses nothing that it acknowledged.

use std::fs;

use datastore::Datastore;
use persistent::Kind;
use testkit::calls::{Point, TRIES, points};
use testkit::mount::in_memory;
use testkit::strace;
use testkit::{Rng, Trial, or_skip, run};

use crate::restart::{restart, write_under};

/// The points of a run that nothing disturbs.
pub fn points_of(kind: Kind, steps: u64) -> Vec<Point> {
    let dir = in_memory();
    let log = dir.path().join("strace.log");
    let wrapper = strace::record(strace::STEPS, &log);
    let (said, noise) = write_under(kind, dir.path(), &wrapper, steps);
    assert!(said.done, "{kind}: {said:?} {noise}");
    let record = strace::parse(&fs::read_to_string(&log).unwrap());
    points(&record, &dir.path().join("store"))
}

/// Kills a writer at this point, in as many runs as it takes, and restarts after each: how many
/// steps it had acknowledged; `None` if no run came to the point.
fn killed_at(kind: Kind, point: &Point, steps: u64) -> Result<Option<usize>, String> {
    for _ in 0..TRIES {
        if let (true, acks) = kill_at(kind, point, steps)? {
            return Ok(Some(acks));
        }
    }
    Ok(None)
}

/// Kills a writer at this point, and restarts; whether it came to the point, and how many steps
/// it had acknowledged.
fn kill_at(kind: Kind, point: &Point, steps: u64) -> Result<(bool, usize), String> {
    let dir = in_memory();
    let (said, noise) = write_under(kind, dir.path(), &point.kill(), steps);
    if said.refused.is_some() || !said.errors.is_empty() {
        return Err(format!("{said:?} {noise}"));
    }
    restart(kind, dir.path(), &said, steps)?;
    Ok((!said.done, said.acks))
}

#[test]
fn a_writer_killed_at_any_system_call_loses_nothing() {
    if or_skip("kills by system call", strace::works()).is_none() {
        return;
    }
    let steps = run::count("CAIRN_STEPS", 25, 200) as u64;
    let tries = run::count("CAIRN_CALLS", 24, usize::MAX);
    let seed = run::seed("calls");
    for kind in crate::kinds() {
        let mut trial = Trial::new("calls", kind, seed);
        let all = points_of(kind, steps);
        let chosen = sample(&all, tries, &mut Rng::of(seed, &[kind as u64]));
        let (mut acks, mut missed) = (0, Vec::new());
        for point in &chosen {
            match killed_at(kind, point, steps) {
                Ok(Some(acked)) => {
                    trial.one();
                    acks += acked;
                }
                Ok(None) => missed.push(point.to_string()),
                Err(why) => {
                    trial.one();
                    trial.fails(&format!("killed at {point}: {why}"));
                }
            }
        }
        assert!(
            missed.len() * 10 <= chosen.len(),
            "{kind}: no run in {TRIES} came to {missed:?}"
        );
        trial.end(&format!(
            "{} of {} calls of {steps} steps; {} were not met in {TRIES} runs{}; {acks} steps acknowledged",
            chosen.len(),
            all.len(),
            missed.len(),
            match missed.len() {
                0 => String::new(),
                _ => format!(" ({})", missed.join(", ")),
            }
        ));
    }
}

/// All of them, or some drawn by lot, each call alike however often it is made: a rename is one
/// in twenty writes.
pub fn sample(all: &[Point], tries: usize, rng: &mut Rng) -> Vec<Point> {
    if tries >= all.len() {
        return all.to_vec();
    }
    let mut names: Vec<&str> = all.iter().map(|point| &point.call[..]).collect();
    names.dedup();
    let pick = |_| {
        let name = names[rng.below(names.len() as u64) as usize];
        let of: Vec<&Point> = all.iter().filter(|point| point.call == name).collect();
        of[rng.below(of.len() as u64) as usize].clone()
    };
    (0..tries).map(pick).collect()
}

/// A store that was not closed is known for one, wherever the next opening was killed.
#[test]
fn the_sign_of_an_unclean_end_outlives_a_killed_opening() {
    if or_skip("kills by system call", strace::works()).is_none() {
        return;
    }
    for kind in crate::kinds() {
        // The first writes are those of the test harness, so the one to the lock file is met by
        // the call before it.
        let calls = ["lseek", "write", "ftruncate", "fdatasync"];
        for (call, when) in calls
            .iter()
            .flat_map(|call| (1..=4).map(move |when| (call, when)))
        {
            let dir = tempfile::tempdir().unwrap();
            let config = crate::config(kind, dir.path());
            crate::open(&config).close().unwrap();
            let old = "pid 4711\nprogram with-quite-a-long-name-indeed\nsince then\n";
            fs::write(dir.path().join("store/lock"), old).unwrap();
            let wrapper = strace::inject(call, "signal=KILL", &when.to_string());
            // More steps than calls, so that none of those is made after the close.
            let (said, _) = write_under(kind, dir.path(), &wrapper, 12);
            if said.done {
                // The call was never made.
                continue;
            }
            let store = crate::open(&config);
            assert!(
                store.found().unclean,
                "{kind}, killed at {call} {when}, is taken for a store that was closed"
            );
        }
    }
}
