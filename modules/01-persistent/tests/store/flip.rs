//! What is damaged on disk is never returned as if it were whole, is never absent without a word,
//! and never ends the process.
//!
//! A store is written in two halves, with a snapshot between them, and closed or killed. Each damage
//! is done to a fresh copy in memory, which a child opens and reads: if the child ends, the parent
//! starts another behind the damage that ended it.

mod bits;
mod seen;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use persistent::{Kind, Persistent};
use testkit::child::{arg, orders, say};
use testkit::flip::{Damage, Damages, Snapshot};
use testkit::mount::in_memory;
use testkit::{Child, Rng, Trial, run};

use seen::{Seen, Tally, look};

const BLOCKS: u64 = 60;
const BATCH: usize = 7;

fn block(n: u64) -> Block {
    Block::raw(Rng::new(n).bytes(4096))
}

/// Writes these blocks, several to a batch.
fn put(store: &Persistent, which: std::ops::Range<u64>) {
    let blocks: Vec<Block> = which.map(block).collect();
    for some in blocks.chunks(BATCH) {
        store.blocks().put_many(some).unwrap();
    }
}

/// How the writer of a store ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Closed,
    Killed,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            End::Closed => "closed",
            End::Killed => "killed",
        })
    }
}

/// A store of this kind in `dir/store`, and in `dir/earlier` what it was with half of its blocks.
fn make(kind: Kind, dir: &Path, end: End) {
    let config = crate::config(kind, dir);
    let store = crate::open(&config);
    put(&store, 0..BLOCKS / 2);
    store.close().unwrap();
    drop(store);
    let earlier = Snapshot::take(&dir.join("store")).unwrap();
    earlier.write(&dir.join("earlier")).unwrap();
    let child = Child::of("child", "damaged")
        .with("kind", kind)
        .with("dir", dir.display())
        .with("end", end)
        .start();
    match end {
        End::Closed => assert!(child.end().0.success()),
        End::Killed => {
            child.wait_for(|line| line == "written").unwrap();
            child.kill();
        }
    }
}

/// The child that writes the other half, and is killed or closes.
pub fn damaged() {
    let orders = orders();
    let config = crate::config(arg("kind").parse().unwrap(), Path::new(&arg("dir")));
    let store = crate::open(&config);
    put(&store, BLOCKS / 2..BLOCKS);
    say("written");
    if arg("end") == End::Killed.to_string() {
        let _killed_here = orders.recv();
    }
    store.close().unwrap();
}

/// The damage number `n` of this seed.
fn draw(damages: &Damages, what: &str, seed: u64, n: u64) -> Damage {
    let mut rng = Rng::of(seed, &[n]);
    match what {
        "bits" => damages.bit(&mut rng),
        _ => damages.other(&mut rng),
    }
    .unwrap()
}

/// The child: says `at N DAMAGE` before each, and then what [`Seen`] reads.
pub fn flipper() {
    let _parent = orders();
    let kind: Kind = arg("kind").parse().unwrap();
    let dir = PathBuf::from(arg("dir"));
    let (seed, what) = (arg("seed").parse().unwrap(), arg("what"));
    let whole = Snapshot::take(&dir.join("store")).unwrap();
    let earlier = Snapshot::take(&dir.join("earlier")).unwrap();
    let damages = Damages::of(&whole, &earlier);
    // It reads every file to its end, and takes longer than all else.
    let every = run::count("CAIRN_SALVAGE_EVERY", 30, 10) as u64;
    let alive = watchdog();
    for n in arg("from").parse().unwrap()..arg("upto").parse().unwrap() {
        let damage = draw(&damages, &what, seed, n);
        say(&format!("at {n} {damage}"));
        let copy = tempfile::tempdir_in(&dir).unwrap();
        whole.write(&copy.path().join("store")).unwrap();
        damage.apply(&copy.path().join("store")).unwrap();
        let salvages = n.is_multiple_of(every);
        say(&look(kind, copy.path(), salvages).line());
        alive.send(()).unwrap();
    }
}

/// Ends this process if it does not say for this long that it goes on.
fn watchdog() -> mpsc::Sender<()> {
    const PATIENCE: Duration = Duration::from_secs(30);
    let (alive, signs) = mpsc::channel();
    thread::spawn(move || {
        loop {
            match signs.recv_timeout(PATIENCE) {
                Ok(()) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    eprintln!("no answer after {PATIENCE:?}");
                    std::process::exit(4);
                }
            }
        }
    });
    alive
}

/// Damages copies of one store, in children, and judges each.
fn laboratory(kind: Kind, end: End, what: &str, tries: u64, seed: u64) {
    let mut trial = Trial::new("flip", format!("{kind}, {what}, {end}"), seed);
    let dir = in_memory();
    make(kind, dir.path(), end);
    let mut tally = Tally::default();
    let torn = match (kind, end) {
        // Its library opens a log at its last whole record, and removes it.
        (Kind::Rocksdb, _) => BLOCKS,
        (_, End::Closed) => 0,
        (_, End::Killed) => BATCH as u64,
    };
    // To repeat one: CAIRN_FROM=N CAIRN_FLIPS=N+1, and the seed.
    let mut next = run::count("CAIRN_FROM", 0, 0) as u64;
    while next < tries {
        let child = Child::of("child", "flipper")
            .with("kind", kind)
            .with("dir", dir.path().display())
            .with("what", what)
            .with("seed", seed)
            .with("from", next)
            .with("upto", tries)
            .start();
        let mut at = String::new();
        let (status, lines, noise) = child.end();
        for line in lines {
            if line.starts_with("at ") {
                trial.one();
                next += 1;
                at = line;
            } else if let Some(seen) = Seen::parse(&line) {
                tally.add(&at, &seen);
                if let Some(why) = seen.fault(torn) {
                    trial.fails(&format!("{at}: {why}: {seen:?}"));
                }
                at.clear();
            }
        }
        if !at.is_empty() {
            trial.fails(&format!("{at}: the process ended, {status}\n{noise}"));
        }
    }
    assert!(tally.whole < tries, "{kind}: no damage hit anything");
    trial.end(&tally.text());
}

#[test]
fn a_flipped_bit_is_never_returned_and_never_ends_the_process() {
    let tries = run::count("CAIRN_FLIPS", 60, 10_000) as u64;
    let seed = run::seed("flip");
    for kind in crate::kinds() {
        for end in [End::Closed, End::Killed] {
            laboratory(kind, end, "bits", tries, seed);
        }
    }
}

#[test]
fn pages_tails_and_names_that_are_wrong_are_never_returned_either() {
    let tries = run::count("CAIRN_FLIPS", 60, 10_000) as u64 / 2;
    let seed = run::seed("flip");
    for kind in crate::kinds() {
        for end in [End::Closed, End::Killed] {
            laboratory(kind, end, "pages", tries, seed);
        }
    }
}
