//! A backup under load: what was acknowledged before it began, and not deleted since, is in it.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Key};
use persistent::{Kind, Persistent};
use testkit::mount::in_memory;
use testkit::{Rng, Trial, run};

use crate::{backup, contents_of, kinds, open, restore};

/// What the writers know.
#[derive(Default)]
struct Log {
    /// Acknowledged.
    put: HashSet<u64>,
    /// Asked to be deleted, acknowledged or not.
    deleted: HashSet<u64>,
}

fn block(n: u64) -> Block {
    Block::raw(Rng::new(n).bytes(64 + (n % 3000) as usize))
}

/// A key that is no block and names one, put after it.
fn pin(n: u64) -> Key {
    Key::new(&format!("/pins/{n}")).unwrap()
}

/// How many blocks the writers may be ahead of a backup: in memory they would be without bounds.
const AHEAD: u64 = 1000;

/// What the writers share.
#[derive(Default)]
struct Shared {
    log: Mutex<Log>,
    next: AtomicU64,
    limit: AtomicU64,
    stop: AtomicBool,
}

fn write(store: &Persistent, shared: &Shared) {
    let log = &shared.log;
    let mut mine = Vec::new();
    while !shared.stop.load(SeqCst) {
        if shared.next.load(SeqCst) >= shared.limit.load(SeqCst) {
            thread::yield_now();
            continue;
        }
        let n = shared.next.fetch_add(1, SeqCst);
        store.blocks().put(&block(n)).unwrap();
        if n.is_multiple_of(4) {
            store.put(&pin(n), &n.to_le_bytes()).unwrap();
        }
        log.lock().unwrap().put.insert(n);
        mine.push(n);
        if n.is_multiple_of(5) {
            let old = mine.swap_remove(mine.len() / 2);
            log.lock().unwrap().deleted.insert(old);
            store.delete(&pin(old)).unwrap();
            store.blocks().delete(block(old).cid()).unwrap();
        }
    }
}

#[test]
fn what_was_acknowledged_before_is_in_it() {
    for kind in kinds() {
        let dir = in_memory();
        let (path, file) = (dir.path().join("from"), dir.path().join("backup.car"));
        let store = open(kind, &path);
        let shared = Shared::default();
        let Shared {
            log,
            next,
            limit,
            stop,
        } = &shared;
        let mut trial = Trial::new("load", format!("backup {kind}"), None);
        let rounds = run::count("CAIRN_BACKUPS", 2, 100);
        let (mut held, mut ended) = (0, 0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| write(&store, &shared));
            }
            for round in 1..=rounds as u64 {
                // Enough to be in the middle of.
                limit.store(next.load(SeqCst) + AHEAD, SeqCst);
                while next.load(SeqCst) < 300 * round {
                    thread::yield_now();
                }
                let before: HashSet<u64> = log.lock().unwrap().put.clone();
                let done = backup(&store, &file).unwrap();
                let deleted = log.lock().unwrap().deleted.clone();
                let last = next.load(SeqCst);
                let to = dir.path().join("to");
                restore(&file, Kind::Redb, &to).unwrap();
                let found = contents_of(Kind::Redb, &to);
                assert_eq!(found.len() as u64, done.blocks + done.keys);
                for n in before.difference(&deleted) {
                    let key = Key::block(&block(*n).cid().hash().to_bytes()).unwrap();
                    assert!(found.contains_key(key.as_bytes()), "{kind}: {n} is lost");
                    let pinned = found.contains_key(pin(*n).as_bytes());
                    assert!(pinned || *n % 4 != 0, "{kind}: the pin of {n} is lost");
                    trial.many(1);
                }
                // A key that names a block finds it, unless both were being deleted.
                for n in (0..last).filter(|n| !deleted.contains(n)) {
                    if found.contains_key(pin(n).as_bytes()) {
                        let key = Key::block(&block(n).cid().hash().to_bytes()).unwrap();
                        assert!(found.contains_key(key.as_bytes()), "{kind}: {n}");
                    }
                }
                held += found.len();
                ended = last;
                for name in ["backup.car", "to"] {
                    let path = dir.path().join(name);
                    let _ = std::fs::remove_file(&path);
                    let _ = std::fs::remove_dir_all(&path);
                }
            }
            stop.store(true, SeqCst);
        });
        store.close().unwrap();
        assert!(trial.tried() > 0 && ended > 0);
        trial.end(&format!(
            "keys acknowledged before a backup, in {rounds} by 4 writers of {ended} blocks; \
             {held} keys restored"
        ));
    }
}
