//! One system call, or it and all later ones, says that there is no room.

use block_cid::Blockstore;
use datastore::{Datastore, Key};
use persistent::{Kind, Persistent};
use testkit::calls::Point;
use testkit::mount::in_memory;
use testkit::{Rng, Trial, or_skip, run, strace};

use crate::calls::{points_of, sample};
use crate::restart::{restart, write_under};

/// What a disk and a quota say.
const NO_ROOM: [&str; 2] = ["ENOSPC", "EDQUOT"];

#[test]
fn a_call_that_finds_no_room_loses_nothing() {
    if or_skip("calls without room", strace::works()).is_none() {
        return;
    }
    let tries = run::count("CAIRN_FULL_CALLS", 4, usize::MAX);
    let steps = run::count("CAIRN_STEPS", 25, 200) as u64;
    let seed = run::seed("full calls");
    for kind in crate::kinds() {
        let mut trial = Trial::new("full", format!("{kind}, calls"), seed);
        // A flush that fails is another matter, and has a laboratory of its own.
        let mut all = points_of(kind, steps);
        all.retain(|point| !point.is_flush() && point.call != "flock");
        let mut rng = Rng::of(seed, &[kind as u64]);
        let (mut refused, mut failed, mut fine) = (0, 0, 0);
        for point in sample(&all, tries, &mut rng) {
            for (error, on) in NO_ROOM.into_iter().flat_map(|e| [(e, false), (e, true)]) {
                // The child acknowledges by such calls, too: it would go dumb, and tell nothing.
                if on && point.call == "write" {
                    continue;
                }
                let end = meet(kind, &point, error, on, steps);
                if matches!(end, Ok(End::Before)) {
                    continue;
                }
                trial.one();
                let counted = match end {
                    Ok(End::Refused) => &mut refused,
                    Ok(End::Failed) => &mut failed,
                    Ok(End::Fine | End::Before) => &mut fine,
                    Err(why) => {
                        trial.fails(&format!("{error} at {point}, on: {on}: {why}"));
                        continue;
                    }
                };
                *counted += 1;
            }
        }
        trial.end(&format!(
            "{} calls of {steps} steps, once and (but for `write`) for good, as a full disk and as a full quota; it \
             met {refused} openings and {failed} writes, and {fine} runs came to their end without \
             an error",
            all.len()
        ));
    }
}

/// How a run under a fault ended.
enum End {
    /// The program did not come to the store.
    Before,
    Refused,
    Failed,
    Fine,
}

fn meet(kind: Kind, point: &Point, error: &str, on: bool, steps: u64) -> Result<End, String> {
    let dir = in_memory();
    let (said, noise) = write_under(kind, dir.path(), &point.fail(error, on), steps);
    // What the test harness writes goes through such calls, too.
    let silent = point.call == "write" && !said.ready && said.refused.is_none();
    if silent || noise.contains("while loading shared libraries") {
        return Ok(End::Before);
    }
    let typed = |why: &String| why.contains("no space") || why.contains("no inode") || is_full(why);
    if let Some(why) = said.refused.iter().chain(&said.errors).find(|e| !typed(e)) {
        return Err(format!("{why}\n{noise}"));
    }
    if said.refused.is_none() && said.errors.is_empty() && !said.done {
        return Err(format!("it ended in the middle: {said:?}\n{noise}"));
    }
    restart(kind, dir.path(), &said, steps)?;
    empty(kind, dir.path()).map_err(|why| format!("afterwards: {why}"))?;
    Ok(match (&said.refused, &said.errors[..]) {
        (Some(_), _) => End::Refused,
        (None, []) => End::Fine,
        _ => End::Failed,
    })
}

/// As Rust has it, and as C++ has it.
fn is_full(why: &str) -> bool {
    [
        "os error 28",
        "os error 122",
        "No space left",
        "quota exceeded",
    ]
    .iter()
    .any(|words| why.contains(words))
}

/// Deletes every key, compacts, and writes again.
fn empty(kind: Kind, dir: &std::path::Path) -> Result<(), String> {
    let store = Persistent::open(&crate::config(kind, dir)).map_err(|e| crate::chain(&e))?;
    let said = |error: datastore::Error| crate::chain(&error);
    let keys: Vec<Key> = store
        .keys(&Key::root())
        .map_err(said)?
        .collect::<Result<_, _>>()
        .map_err(said)?;
    keys.iter()
        .try_for_each(|key| store.delete(key))
        .map_err(said)?;
    store.compact().map_err(said)?;
    let left = store.keys(&Key::root()).map_err(said)?.count();
    if left > 0 {
        return Err(format!("{left} of {} keys are left", keys.len()));
    }
    let block = block_cid::Block::raw("there is room again");
    let put = store.blocks().put(&block);
    put.map_err(|error| crate::chain(&error))?;
    store.close().map_err(said)
}
