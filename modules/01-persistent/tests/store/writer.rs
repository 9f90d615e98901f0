//! The child that writes until it is stopped, and what its parent makes of what it said.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use datastore::Datastore;
use persistent::{Kind, Persistent};
use testkit::child::{arg, orders, say};
use testkit::{Child, child};

use crate::history::Step;

/// How many steps one thread takes between two syncs, where it syncs at all.
const SYNC_EVERY: u64 = 7;

/// A child that writes the steps of `seed` into the store in `dir`; thread `t` begins at
/// `from[t]` and stops at `upto`.
pub fn plan(
    kind: Kind,
    dir: &Path,
    durability: &str,
    seed: u64,
    from: &[u64],
    upto: u64,
) -> child::Plan {
    let from: Vec<String> = from.iter().map(u64::to_string).collect();
    Child::of("child", "writer")
        .with("kind", kind)
        .with("dir", dir.display())
        .with("durability", durability)
        .with("seed", seed)
        .with("from", from.join(","))
        .with("upto", upto)
}

/// The writing child. It says
///
/// ```text
/// ready        it is open
/// a T N        thread T has taken N steps
/// s T N        thread T has synced after N steps
/// e T TEXT     an error; the thread goes on with the next step
/// r TEXT       how reading goes after an error
/// done         all steps were taken, and the store is closed
/// ```
pub fn run() {
    let _parent = orders();
    let kind: Kind = arg("kind").parse().unwrap();
    let durability_name = arg("durability");
    let config = crate::config(kind, Path::new(&arg("dir")))
        .with_durability(crate::durability(&durability_name));
    let seed: u64 = arg("seed").parse().unwrap();
    let upto: u64 = arg("upto").parse().unwrap();
    let from: Vec<u64> = arg("from").split(',').map(|n| n.parse().unwrap()).collect();
    let store = match Persistent::open(&config) {
        Ok(store) => store,
        Err(error) => return say(&format!("refused {}", crate::chain(&error))),
    };
    say("ready");
    let failed = AtomicBool::new(false);
    let work = |thread: u64, from: u64| {
        for step in from..upto {
            match Step::of(seed, thread, step).run(&store) {
                Ok(()) => say(&format!("a {thread} {}", step + 1)),
                Err(error) => {
                    say(&format!("e {thread} {}", crate::chain(&*error)));
                    failed.store(true, SeqCst);
                }
            }
            if durability_name == "batch" && (step + 1).is_multiple_of(SYNC_EVERY) {
                match store.sync() {
                    Ok(()) => say(&format!("s {thread} {}", step + 1)),
                    Err(error) => {
                        say(&format!("e {thread} sync: {}", crate::chain(&error)));
                        failed.store(true, SeqCst);
                    }
                }
            }
        }
    };
    match &from[..] {
        // On this very thread: strace counts the calls of each thread by itself.
        [from] => work(0, *from),
        _ => thread::scope(|scope| {
            for (thread, from) in (0..).zip(from.iter().copied()) {
                let work = &work;
                scope.spawn(move || work(thread, from));
            }
        }),
    }
    if failed.load(SeqCst) {
        // After a failed write what was written before can still be read.
        match crate::history::all(&store) {
            Ok(found) => say(&format!("r {} values are read", found.len())),
            Err(why) => say(&format!("r failed: {why}")),
        }
    }
    if let Err(error) = store.close() {
        return say(&format!("c {}", crate::chain(&error)));
    }
    say("done");
}

/// What a writer said.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub ready: bool,
    pub done: bool,
    /// Steps taken by each thread, as far as they were acknowledged before the first error.
    pub acked: Vec<u64>,
    /// Steps taken by each thread before its last acknowledged sync.
    pub synced: Vec<u64>,
    /// How many acknowledgements came.
    pub acks: usize,
    /// How many came after the first error.
    pub acks_after_error: usize,
    pub errors: Vec<String>,
    /// What came of reading after an error.
    pub reading: Option<String>,
    /// Why it could not open.
    pub refused: Option<String>,
}

impl Said {
    pub fn new(lines: &[String], from: &[u64]) -> Said {
        let mut said = Said {
            acked: from.to_vec(),
            synced: from.to_vec(),
            ..Said::default()
        };
        for line in lines {
            let mut words = line.splitn(3, ' ');
            let what = words.next().unwrap_or_default();
            let mut numbers = || -> (usize, u64) {
                let thread = words.next().unwrap().parse().unwrap();
                (thread, words.next().unwrap().parse().unwrap())
            };
            match what {
                "ready" => said.ready = true,
                "done" => said.done = true,
                "a" => {
                    let (thread, n) = numbers();
                    // Of the steps up to this one some may have failed.
                    if said.errors.is_empty() {
                        said.acked[thread] = n;
                    }
                    said.acks += 1;
                    said.acks_after_error += usize::from(!said.errors.is_empty());
                }
                "s" => {
                    let (thread, n) = numbers();
                    said.synced[thread] = n;
                }
                "e" | "c" => said.errors.push(line.clone()),
                "r" => said.reading = Some(line.clone()),
                "refused" => said.refused = Some(line.clone()),
                _ => panic!("the writer said {line:?}"),
            }
        }
        said
    }

    /// The step that each thread may have been in when it was stopped.
    pub fn reached(&self, upto: u64) -> Vec<u64> {
        self.acked.iter().map(|n| (n + 1).min(upto)).collect()
    }
}
