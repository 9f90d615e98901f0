//! Nothing is acknowledged before it is on disk, by the record of the system calls.
//!
//! A child with one thread puts blocks and acknowledges each; strace records its writes and
//! flushes, and the writes of the acknowledgements among them. Between two acknowledgements the
//! thread must have written at least the bytes of the block, and every file that it wrote so must
//! have been flushed after its last write; a file that was renamed needs a flush of the folder
//! that it was renamed into, and a block that was removed a flush of the folder that it was in.
//! The record of what was acknowledged is no part of that: it is there to miss what an engine
//! loses, and a power cut may take its end.
//!
//! ```text
//! write(.temp/x) … fdatasync(.temp/x) … rename(.temp/x, X3/y) … fsync(X3) … write(ack)     good
//! write(.temp/x) … rename(.temp/x, X3/y) … write(ack)                                      bad
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use persistent::Kind;
use testkit::mount::in_memory;
use testkit::strace::{self, CHANGES, Call};
use testkit::{Trial, or_skip, run};

use crate::history::{History, Rule, State, Step, all};
use crate::writer::{self, Said};

/// What one record shows.
#[derive(Default)]
struct Shown {
    acks: usize,
    flushes: usize,
    early: Vec<String>,
}

/// Looks at each acknowledgement in a record of changes below `dir`.
fn look(calls: &[Call], dir: &Path, mut least: impl FnMut(u64) -> u64) -> Shown {
    let dir = dir.to_str().unwrap();
    let mut shown = Shown::default();
    let Some(thread) = calls
        .iter()
        .find(|call| call.text.contains("> a 0 "))
        .map(|call| call.thread)
    else {
        return shown;
    };
    let flush = |call: &Call| strace::FLUSHES.split(',').any(|name| name == call.name);
    // What this thread wrote since the last acknowledgement, and is not flushed.
    let mut dirty: BTreeMap<String, String> = BTreeMap::new();
    // Files that are promised to nobody before they get a name: the length of the last write to
    // each, and whether it is flushed.
    let mut temps: BTreeMap<String, (u64, bool)> = BTreeMap::new();
    let mut written = 0;
    for call in calls.iter().filter(|call| call.result >= 0) {
        if flush(call) {
            shown.flushes += 1;
            // Another thread may flush for this one.
            let all = call.name == "syncfs";
            dirty.retain(|path, _| !all && *path != call.path);
            for (path, (_, flushed)) in &mut temps {
                *flushed |= all || *path == call.path;
            }
            continue;
        }
        if call.thread != thread {
            continue;
        }
        match &call.name[..] {
            "write" | "pwrite64" | "writev" | "pwritev" | "pwritev2"
                if call.path.starts_with(dir) && !call.path.ends_with("/acks") =>
            {
                if call.path.contains("/.temp/") {
                    temps.insert(call.path.clone(), (call.result as u64, false));
                    continue;
                }
                written += call.result as u64;
                dirty.insert(call.path.clone(), format!("{} was written", call.path));
            }
            "rename" | "renameat" | "renameat2" | "link" | "linkat" => {
                let (folder, name) = named(call);
                if let Some((bytes, flushed)) = temps.remove(&call.path) {
                    written += bytes;
                    if !flushed {
                        dirty.insert(call.path.clone(), format!("{name} was written"));
                    }
                }
                dirty.insert(folder, format!("{name} got its name"));
            }
            // Databases remove what nothing in them names any more.
            "unlink" | "unlinkat" if call.text.contains(".data\"") => {
                let (folder, name) = named(call);
                dirty.insert(folder, format!("{name} was removed"));
            }
            "write" if call.text.contains("> a 0 ") => {
                let step = call.text.split("> a 0 ").nth(1).unwrap();
                let step: u64 = step.split('\\').next().unwrap().parse().unwrap();
                if let Some(what) = dirty.values().next() {
                    shown
                        .early
                        .push(format!("step {step}: {what}, and not flushed"));
                } else if written < least(step) {
                    shown
                        .early
                        .push(format!("step {step}: {written} bytes were written"));
                }
                shown.acks += 1;
                dirty.clear();
                written = 0;
            }
            _ => {}
        }
    }
    shown
}

/// The last path that a call has, and its folder.
fn named(call: &Call) -> (String, String) {
    let name = call.text.rsplit('"').nth(1).unwrap_or_default();
    let folder = Path::new(name).parent().unwrap().to_str().unwrap();
    (folder.to_owned(), name.to_owned())
}

/// What is written where the check itself is tried.
const SEED: u64 = 9;

/// The calls of a child under strace, and the folder of its store.
///
/// In memory: the order of calls is the same there, and a flush costs nothing.
fn recorded(kind: Kind, durability: &str, seed: u64, steps: u64) -> (Vec<Call>, PathBuf) {
    let dir = in_memory();
    let log = dir.path().join("strace.log");
    let wrapper = strace::record(CHANGES, &log);
    let wrapper: Vec<&str> = wrapper.iter().map(String::as_str).collect();
    let child = writer::plan(kind, dir.path(), durability, seed, &[0], steps)
        .under(&wrapper)
        .start();
    let (status, lines, noise) = child.end();
    let said = Said::new(&lines, &[0]);
    assert!(said.done, "{kind}: {status}: {said:?} {noise}");
    let mut history = History::new(seed, 1);
    let found = all(&crate::open(&crate::config(kind, dir.path()))).unwrap();
    history
        .check(&found, &[steps], &[steps], Rule::Atomic)
        .unwrap();
    let calls = strace::parse(&std::fs::read_to_string(&log).unwrap());
    (calls, dir.path().join("store"))
}

/// What a record of a child shows.
fn shown(kind: Kind, (calls, dir): &(Vec<Call>, PathBuf), seed: u64) -> Shown {
    // pack need not write a block again that is there.
    let mut there = State::new();
    let mut least = Vec::new();
    look(calls, dir, |step| {
        while (least.len() as u64) < step {
            let next = Step::of(seed, 0, least.len() as u64);
            least.push(next.least_bytes(&there));
            if kind == Kind::Pack {
                next.on(&mut there);
            }
        }
        least[step as usize - 1]
    })
}

#[test]
fn every_acknowledgement_comes_after_its_flush() {
    if or_skip("acknowledgements traced", strace::works()).is_none() {
        return;
    }
    let steps = run::count("CAIRN_ACKS", 500, 10_000) as u64;
    let seed = run::seed("trace");
    for kind in crate::kinds() {
        let mut trial = Trial::new("trace", kind, seed);
        let shown = shown(kind, &recorded(kind, "each", seed, steps), seed);
        trial.many(shown.acks as u64);
        shown.early.iter().for_each(|early| trial.fails(early));
        assert_eq!(shown.acks as u64, steps, "{kind}");
        trial.end(&format!("{} flushes", shown.flushes));
    }
}

/// The check sees it when the flushes of any one step are not there.
#[test]
fn a_step_without_its_flushes_is_seen() {
    if or_skip("acknowledgements traced", strace::works()).is_none() {
        return;
    }
    for kind in crate::kinds() {
        flushes_are_missed(kind, recorded(kind, "each", SEED, 40));
    }
}

fn flushes_are_missed(kind: Kind, (calls, dir): (Vec<Call>, PathBuf)) {
    let flush = |call: &Call| {
        strace::FLUSHES.split(',').any(|name| name == call.name) && !call.path.ends_with("/acks")
    };
    let ack = |call: &Call| call.text.contains("> a 0 ");
    let mut part = Vec::new();
    let mut parts = Vec::new();
    for call in calls {
        let ends = ack(&call);
        part.push(call);
        if ends {
            parts.push(std::mem::take(&mut part));
        }
    }
    let (mut without, mut seen) = (0, 0);
    // Each with those before it, which show what is open.
    for n in 1..parts.len() {
        let mut less = parts[..=n].to_vec();
        let all = less[n].len();
        less[n].retain(|call| !flush(call));
        if less[n].len() < all {
            without += 1;
            seen += usize::from(
                !shown(kind, &(less.concat(), dir.clone()), SEED)
                    .early
                    .is_empty(),
            );
        }
    }
    assert!(without > 0, "{kind}: no step flushes anything");
    assert_eq!(seen, without, "{kind}: steps without their flushes pass");
}

/// The check can see an early acknowledgement: a store that promises nothing gives many.
#[test]
fn a_store_that_promises_nothing_acknowledges_early() {
    if or_skip("acknowledgements traced", strace::works()).is_none() {
        return;
    }
    for kind in crate::kinds() {
        let shown = shown(kind, &recorded(kind, "none", SEED, 40), SEED);
        assert!(
            shown.early.len() >= 20,
            "{kind}: only {} of 40 were seen to be early: {:#?}",
            shown.early.len(),
            shown.early
        );
    }
}
