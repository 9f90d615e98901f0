//! Nothing is acknowledged before it is on disk, by the record of the system calls.
//!
//! A child with one thread puts blocks and acknowledges each; strace records its writes and
//! flushes, and the writes of the acknowledgements among them. Between two acknowledgements the
//! thread must have written at least the bytes of the block, and every file that it wrote so must
//! have been flushed after its last write; a file that was renamed needs a flush of the folder
//! that it was renamed into.
//!
//! ```text
//! write(.temp/x) … fdatasync(.temp/x) … rename(.temp/x, X3/y) … fsync(X3) … write(ack)     good
//! write(.temp/x) … rename(.temp/x, X3/y) … write(ack)                                      bad
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use persistent::Kind;
use testkit::strace::{self, CHANGES, Call};
use testkit::{or_skip, report, run};

use crate::history::{History, Rule, all};
use crate::writer::{self, Said};

/// What one record shows.
#[derive(Default)]
struct Shown {
    acks: usize,
    flushes: usize,
    early: Vec<String>,
}

/// Looks at each acknowledgement in a record of changes below `dir`.
fn look(calls: &[Call], dir: &Path, least: impl Fn(u64) -> u64) -> Shown {
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
    let mut written = 0;
    for call in calls.iter().filter(|call| call.result >= 0) {
        if flush(call) {
            shown.flushes += 1;
            // Another thread may flush for this one.
            match &call.name[..] {
                "syncfs" => dirty.clear(),
                _ => drop(dirty.remove(&call.path)),
            }
            continue;
        }
        if call.thread != thread {
            continue;
        }
        match &call.name[..] {
            "write" | "pwrite64" | "writev" | "pwritev" | "pwritev2"
                if call.path.starts_with(dir) =>
            {
                written += call.result as u64;
                dirty.insert(call.path.clone(), format!("{} was written", call.path));
            }
            "rename" | "renameat" | "renameat2" | "link" | "linkat" => {
                let to = call.text.rsplit('"').nth(1).unwrap_or_default();
                let folder = Path::new(to).parent().unwrap().to_str().unwrap();
                dirty.insert(folder.to_owned(), format!("{to} got its name"));
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

/// What a child did under strace.
fn recorded(kind: Kind, durability: &str, steps: u64) -> Shown {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("strace.log");
    let wrapper = strace::record(CHANGES, &log);
    let wrapper: Vec<&str> = wrapper.iter().map(String::as_str).collect();
    let seed = 9;
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
    look(&calls, &dir.path().join("store"), |step| {
        crate::history::Step::of(seed, 0, step - 1).least_bytes()
    })
}

#[test]
fn every_acknowledgement_comes_after_its_flush() {
    if or_skip("acknowledgements traced", strace::works()).is_none() {
        return;
    }
    let steps = run::count("CAIRN_ACKS", 60, 1_000) as u64;
    for kind in crate::kinds() {
        let shown = recorded(kind, "each", steps);
        report(&format!(
            "trace {kind}: {} acknowledgements, {} flushes, {} too early",
            shown.acks,
            shown.flushes,
            shown.early.len()
        ));
        assert_eq!(shown.acks as u64, steps, "{kind}");
        assert!(shown.early.is_empty(), "{kind}: {:#?}", shown.early);
    }
}

/// The check can see an early acknowledgement: a store that promises nothing gives many.
#[test]
fn a_store_that_promises_nothing_acknowledges_early() {
    if or_skip("acknowledgements traced", strace::works()).is_none() {
        return;
    }
    for kind in crate::kinds() {
        let shown = recorded(kind, "none", 40);
        assert!(
            shown.early.len() >= 20,
            "{kind}: only {} of 40 were seen to be early: {:#?}",
            shown.early.len(),
            shown.early
        );
    }
}
