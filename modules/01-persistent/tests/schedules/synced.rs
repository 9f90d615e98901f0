//! What is acknowledged before it is flushed: no sync says that it is on disk if it was lost when
//! the engine was opened anew, unless some sync has told that since.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use datastore::{Batch, Error, Key, Result};
use shuttle::sync::{Mutex as Point, RwLock};
use shuttle::thread;

use crate::unsynced::Unsynced;
use crate::{holds, is_caught};

fn key(n: usize) -> Key {
    Key::block(&[n as u8]).unwrap()
}

/// How the engine is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Right,
    /// A put is noted after the engine has been let go of.
    NotedLate,
    /// What is flushed is taken off after the flush.
    TakenOffLate,
}

/// An engine that holds in memory what is not flushed, under the lock that `Live` has.
#[derive(Default)]
struct Store {
    memory: RwLock<Mutex<BTreeSet<usize>>>,
    disk: Mutex<BTreeSet<usize>>,
    unsynced: Unsynced,
    flushes: AtomicUsize,
    /// How often a loss was told.
    told: AtomicUsize,
    point: Point<()>,
}

impl Store {
    /// How often a loss had been told when it was written.
    fn put(&self, n: usize, way: Way) -> usize {
        let batch = {
            let mut batch = Batch::new();
            batch.put(key(n), "x");
            batch
        };
        let memory = self.memory.read().unwrap();
        memory.lock().unwrap().insert(n);
        drop(self.point.lock().unwrap());
        let told = self.told.load(SeqCst);
        if way == Way::NotedLate {
            drop(memory);
            self.unsynced.wrote(&batch);
        } else {
            self.unsynced.wrote(&batch);
        }
        told
    }

    /// Every third finds no room.
    fn flush(&self, memory: &Mutex<BTreeSet<usize>>) -> Result<()> {
        if self.flushes.fetch_add(1, SeqCst) % 3 == 2 {
            return Err(Error::Closed);
        }
        let mut taken = memory.lock().unwrap().clone();
        self.disk.lock().unwrap().append(&mut taken);
        drop(self.point.lock().unwrap());
        Ok(())
    }

    /// Whether it says that all is on disk.
    fn sync(&self, way: Way) -> bool {
        let memory = self.memory.read().unwrap();
        let flushed = match way {
            Way::TakenOffLate => {
                let flushed = self.flush(&memory);
                self.unsynced.flushed(|| flushed)
            }
            _ => self.unsynced.flushed(|| self.flush(&memory)),
        };
        if flushed.is_err() {
            return false;
        }
        let dropped = self.unsynced.take_dropped();
        self.told.fetch_add(usize::from(dropped), SeqCst);
        !dropped
    }

    fn reopen(&self) {
        let memory = self.memory.write().unwrap();
        self.unsynced.reopened();
        memory.lock().unwrap().clear();
    }
}

fn synced(way: Way) {
    let store = Arc::new(Store::default());
    let writers = (0..2).map(|n| {
        let store = Arc::clone(&store);
        thread::spawn(move || {
            let told = store.put(n, way);
            if store.sync(way) {
                let there = store.disk.lock().unwrap().contains(&n);
                assert!(
                    there || store.told.load(SeqCst) > told,
                    "a sync vouched for {n}, which was lost without a word"
                );
            }
        })
    });
    let mut threads: Vec<_> = writers.collect();
    let reopened = Arc::clone(&store);
    threads.push(thread::spawn(move || {
        reopened.reopen();
        reopened.reopen();
    }));
    for thread in threads {
        thread.join().unwrap();
    }
    // Whatever was acknowledged and told to be nobody's loss is there.
    while !store.sync(way) {}
    let lost = (0..2).filter(|n| !store.disk.lock().unwrap().contains(n));
    assert!(lost.count() == 0 || store.told.load(SeqCst) > 0);
}

#[test]
fn no_sync_vouches_for_what_a_reopening_lost() {
    holds("synced", || synced(Way::Right));
}

#[test]
fn a_put_that_is_noted_too_late_is_caught() {
    is_caught("a put noted late", || synced(Way::NotedLate));
}

#[test]
fn what_is_taken_off_after_its_flush_is_caught() {
    is_caught("taken off late", || synced(Way::TakenOffLate));
}
