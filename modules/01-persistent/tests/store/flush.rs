//! After a flush that failed nothing is acknowledged, what was written can be read, and a restart
//! finds all that was acknowledged: whether the disk fails once or for good.

use persistent::Kind;
use testkit::calls::Point;
use testkit::mount::in_memory;
use testkit::{Trial, or_skip, run, strace};

use crate::calls::points_of;
use crate::restart::{restart, write_under};
use crate::writer::Said;

/// What the failing flush hit.
#[derive(PartialEq, Eq)]
enum Hit {
    Opening,
    Write,
    Nothing,
}

#[test]
fn after_a_failed_flush_nothing_is_acknowledged_and_nothing_is_lost() {
    if or_skip("failing flushes", strace::works()).is_none() {
        return;
    }
    let steps = run::count("CAIRN_STEPS", 30, 200) as u64;
    let tries = run::count("CAIRN_FLUSHES", 12, usize::MAX);
    for kind in crate::kinds() {
        let mut flushes = points_of(kind, steps);
        flushes.retain(Point::is_flush);
        // Once: a flush that is tried again would succeed, and prove nothing. For good: nor does
        // what one does about it reach the disk.
        for (on, word) in [(false, "once"), (true, "for good")] {
            let mut trial = Trial::new("flush", format!("{kind}, {word}"), None);
            let (mut hits, mut acks, mut refused, mut unseen) = (0, 0, 0, 0);
            for n in 0..tries.min(flushes.len()) {
                let point = &flushes[n * flushes.len() / tries.min(flushes.len())];
                trial.one();
                match fail_at(kind, point, on, steps) {
                    Ok((hit, acked)) => {
                        hits += usize::from(hit == Hit::Write);
                        refused += usize::from(hit == Hit::Opening);
                        unseen += usize::from(hit == Hit::Nothing);
                        acks += acked;
                    }
                    Err(why) => trial.fails(&format!("{point} fails: {why}")),
                }
            }
            assert!(hits > 0, "{kind}: no write met a failing flush");
            trial.end(&format!(
                "of {} flushes of {steps} steps; {hits} hit a write, {refused} an opening, {unseen} neither; \
                 {acks} steps acknowledged, none after an error",
                flushes.len()
            ));
        }
    }
}

/// Has this flush fail, and restarts; what it hit, and how many steps were acknowledged.
fn fail_at(kind: Kind, point: &Point, on: bool, steps: u64) -> Result<(Hit, usize), String> {
    let dir = in_memory();
    let (said, noise) = write_under(kind, dir.path(), &point.fail("EIO", on), steps);
    let hit = judge(&said).map_err(|why| format!("{why}: {said:?} {noise}"))?;
    restart(kind, dir.path(), &said, steps)?;
    Ok((hit, said.acks))
}

fn judge(said: &Said) -> Result<Hit, &'static str> {
    if let Some(why) = &said.refused {
        return if is_eio(why) {
            Ok(Hit::Opening)
        } else {
            Err("refused for another reason")
        };
    }
    let Some(first) = said.errors.first() else {
        return if said.done {
            Ok(Hit::Nothing)
        } else {
            Err("it did not end")
        };
    };
    let reads = said
        .reading
        .as_deref()
        .is_some_and(|read| read.ends_with("values are read"));
    let refuses = |later: &String| later.contains("is read-only: an earlier write failed");
    let mut later = said.errors.iter().skip(1).filter(|e| e.starts_with("e "));
    if !is_eio(first) {
        Err("another error came first")
    } else if said.acks_after_error > 0 {
        Err("acknowledged after a failed flush")
    } else if !first.starts_with("c ") && !reads {
        Err("what was written is not read")
    } else if !later.all(refuses) {
        Err("a later write was not refused")
    } else {
        Ok(Hit::Write)
    }
}

/// As Rust has it, and as C++ has it.
fn is_eio(error: &str) -> bool {
    error.contains("error 5") || error.contains("Input/output error")
}

/// The check sees an acknowledgement that comes after an error, and data that is not read.
#[test]
fn what_must_not_be_said_is_seen() {
    let said = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        judge(&Said::new(&lines, &[0])).is_ok()
    };
    let eio = "e 0 cannot flush: Input/output error";
    let refused = "e 0 the store is read-only: an earlier write failed";
    assert!(said(&[
        "ready",
        "a 0 1",
        eio,
        refused,
        "r 1 values are read"
    ]));
    assert!(!said(&["ready", eio, "a 0 2", "r 1 values are read"]));
    assert!(!said(&["ready", eio, refused, "r failed: gone"]));
    assert!(!said(&["ready", eio, eio, "r 1 values are read"]));
    assert!(!said(&["ready", "a 0 1"]));
}
