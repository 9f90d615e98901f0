//! Of many openers at once exactly one gets the store, in one process and among several.

use std::path::Path;
use std::sync::Barrier;
use std::thread;

use datastore::Datastore;
use persistent::{Error, Kind, Persistent};
use testkit::child::{arg, orders, say};
use testkit::{Child, Trial, run};

const OPENERS: usize = 8;

/// The child: opens at `go`, closes at `end`.
pub fn opener() {
    let config = crate::config(arg("kind").parse().unwrap(), Path::new(&arg("dir")));
    let mut held: Option<Persistent> = None;
    let orders = orders();
    say("ready");
    for order in orders {
        match order.as_str() {
            "go" => match Persistent::open(&config) {
                Ok(store) => {
                    held = Some(store);
                    say("won");
                }
                Err(Error::Locked { .. }) => say("lost"),
                Err(error) => say(&format!("failed {}", crate::chain(&error))),
            },
            _ => {
                if let Some(store) = held.take() {
                    store.close().unwrap();
                }
                say("ended");
            }
        }
    }
}

/// Races among processes, each of which holds what it won until all have tried.
fn among_processes(kind: Kind, races: usize) {
    let mut trial = Trial::new("race", format!("{kind}, {OPENERS} processes"), None);
    let dir = tempfile::tempdir().unwrap();
    let start = || {
        Child::of("child", "opener")
            .with("kind", kind)
            .with("dir", dir.path().display())
            .start()
    };
    let mut children: Vec<Child> = (0..OPENERS).map(|_| start()).collect();
    for child in &children {
        child.wait_for(|line| line == "ready").unwrap();
    }
    let mut winners = [0usize; OPENERS];
    for race in 0..races {
        trial.one();
        // One to begin with that differs, so that not always the same comes first.
        for n in 0..OPENERS {
            children[(n + race) % OPENERS].tell("go");
        }
        let mut won = 0;
        for (n, child) in children.iter().enumerate() {
            match answer(child, 2 * race + 1).as_str() {
                "won" => {
                    won += 1;
                    winners[n] += 1;
                }
                "lost" => {}
                other => panic!("{kind}, race {race}: opener {n} {other}"),
            }
        }
        assert_eq!(
            won, 1,
            "{kind}, race {race}: {won} processes hold the store"
        );
        for child in &mut children {
            child.tell("end");
        }
        for child in &children {
            assert_eq!(answer(child, 2 * race + 2), "ended");
        }
    }
    let ever = winners.iter().filter(|wins| **wins > 0).count();
    assert!(
        races < 100 || ever > 1,
        "the same one won always: that is no race"
    );
    trial.end(&format!(
        "one holder in each; {ever} of them won at least once"
    ));
}

/// The line number `n` that the child said.
fn answer(child: &Child, n: usize) -> String {
    let seen = std::cell::Cell::new(0);
    child
        .wait_for(|_| {
            seen.set(seen.get() + 1);
            seen.get() > n
        })
        .unwrap_or_else(|| panic!("an opener died: {}", child.noise()))
}

/// Races among threads, each beginning with no store half of the time.
fn among_threads(kind: Kind, races: usize) {
    let mut trial = Trial::new("race", format!("{kind}, {OPENERS} threads"), None);
    let mut dir = tempfile::tempdir().unwrap();
    for race in 0..races {
        trial.one();
        if race % 2 == 0 {
            dir = tempfile::tempdir().unwrap();
        }
        let config = crate::config(kind, dir.path());
        let (start, end) = (Barrier::new(OPENERS), Barrier::new(OPENERS));
        let won: usize = thread::scope(|scope| {
            let opener = || {
                start.wait();
                let opened = Persistent::open(&config);
                end.wait();
                match opened {
                    Ok(store) => {
                        store.close().unwrap();
                        1
                    }
                    Err(Error::Locked { .. }) => 0,
                    Err(error) => panic!("{kind}, race {race}: {}", crate::chain(&error)),
                }
            };
            let threads: Vec<_> = (0..OPENERS).map(|_| scope.spawn(opener)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(won, 1, "{kind}, race {race}: {won} threads hold the store");
    }
    trial.end("one holder in each");
}

#[test]
fn of_eight_processes_one_gets_the_store() {
    // The lock is the same for every engine: most races are run on the one that opens quickly.
    for kind in crate::kinds() {
        let (short, long) = match kind {
            Kind::File => (1000, 10_000),
            _ => (30, 1000),
        };
        among_processes(kind, run::count("CAIRN_RACES", short, long));
    }
}

#[test]
fn of_eight_threads_one_gets_the_store() {
    for kind in crate::kinds() {
        among_threads(kind, run::count("CAIRN_RACES", 1000, 10_000) / 10);
    }
}

/// Between looking at a folder and locking it, another may have made a store of another kind
/// there.
#[test]
fn a_new_folder_becomes_a_store_of_one_kind() {
    const KINDS: [Kind; 2] = [Kind::File, Kind::Redb];
    for race in 0..run::count("CAIRN_RACES", 1000, 10_000) / 10 {
        let dir = tempfile::tempdir().unwrap();
        let start = Barrier::new(OPENERS);
        let kinds: Vec<Kind> = thread::scope(|scope| {
            let start = &start;
            let path = dir.path();
            let opener = |n: usize| {
                let config = crate::config(KINDS[n % 2], path);
                start.wait();
                loop {
                    match Persistent::open(&config) {
                        Ok(store) => {
                            store.close().unwrap();
                            return Some(KINDS[n % 2]);
                        }
                        Err(Error::Locked { .. }) => thread::yield_now(),
                        Err(Error::WrongKind { .. }) => return None,
                        Err(error) => panic!("race {race}: {}", crate::chain(&error)),
                    }
                }
            };
            let threads: Vec<_> = (0..OPENERS)
                .map(|n| scope.spawn(move || opener(n)))
                .collect();
            threads
                .into_iter()
                .filter_map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(
            kinds,
            [kinds[0]; OPENERS / 2],
            "race {race}: one folder was opened as stores of these kinds"
        );
    }
}
