//! Group commit: each write is committed once, no acknowledgement comes before its commit, a failed
//! commit is told to all whose writes were in it, and nobody sleeps for ever.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use datastore::{Batch, Error, Key, Result};
use shuttle::sync::Mutex as Point;
use shuttle::thread;

use crate::group::Group;
use crate::{holds, is_caught};

const WRITERS: usize = 3;
const EACH: usize = 2;

fn one(n: usize) -> Batch {
    let mut batch = Batch::new();
    batch.put(Key::block(&[n as u8]).unwrap(), "x");
    batch
}

/// The disk: what became of each key, in one commit at a time.
#[derive(Default)]
struct Disk {
    ends: Mutex<BTreeMap<Key, bool>>,
    commits: AtomicUsize,
    busy: AtomicBool,
    point: Point<()>,
}

impl Disk {
    /// Every third commit fails.
    fn write(&self, batch: &Batch) -> Result<()> {
        assert!(!self.busy.swap(true, SeqCst), "two commits at once");
        // A flush takes its time.
        drop(self.point.lock().unwrap());
        let fails = self.commits.fetch_add(1, SeqCst) % 3 == 2;
        for op in batch.ops() {
            let twice = self.ends.lock().unwrap().insert(op.key().clone(), !fails);
            assert_eq!(twice, None, "{} was committed twice", op.key());
        }
        drop(self.point.lock().unwrap());
        assert!(self.busy.swap(false, SeqCst));
        match fails {
            true => Err(Error::io("flush", "/x", std::io::Error::other("EIO"))),
            false => Ok(()),
        }
    }
}

type Commit<G> = fn(&G, Batch, &Disk) -> Result<()>;

fn commits<G: Default + Send + Sync + 'static>(commit: Commit<G>) -> (Arc<G>, Arc<Disk>) {
    let group = Arc::new(G::default());
    let disk = Arc::new(Disk::default());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (group, disk) = (Arc::clone(&group), Arc::clone(&disk));
            thread::spawn(move || {
                for n in 0..EACH {
                    let n = writer * EACH + n;
                    let told = commit(&group, one(n), &disk).is_ok();
                    let key = Key::block(&[n as u8]).unwrap();
                    let end = disk.ends.lock().unwrap().get(&key).copied();
                    assert_eq!(end, Some(told), "write {n}: what it was told is not so");
                }
            })
        })
        .collect();
    writers
        .into_iter()
        .for_each(|writer| writer.join().unwrap());
    assert_eq!(disk.ends.lock().unwrap().len(), WRITERS * EACH);
    (group, disk)
}

fn group() {
    let (group, disk) =
        commits(|group: &Group, batch, disk| group.commit(batch, |batch| disk.write(batch)));
    assert!(
        !group.is_busy() && group.waiting() == 0,
        "nobody leads any more"
    );
    assert_eq!(group.commits() as usize, disk.commits.load(SeqCst));
}

#[test]
fn every_write_is_committed_once_and_acknowledged_after_that() {
    holds("group commit, three writers", group);
}

/// What a group must not be.
#[derive(Default)]
struct Bad {
    queue: Point<(bool, Vec<Batch>)>,
    sleepers: Mutex<Vec<thread::Thread>>,
}

impl Bad {
    /// Leaves its batch to whoever leads, and is content with that.
    fn early(&self, batch: Batch, disk: &Disk) -> Result<()> {
        let mut queue = self.queue.lock().unwrap();
        queue.1.push(batch);
        if queue.0 {
            return Ok(());
        }
        queue.0 = true;
        loop {
            let all = std::mem::take(&mut queue.1);
            if all.is_empty() {
                queue.0 = false;
                return Ok(());
            }
            drop(queue);
            let ops = all.into_iter().flatten();
            disk.write(&ops.collect())?;
            queue = self.queue.lock().unwrap();
        }
    }

    /// Wakes those who slept when it began, and not those who fell asleep since.
    fn sleepy(&self, batch: Batch, disk: &Disk) -> Result<()> {
        loop {
            let mut queue = self.queue.lock().unwrap();
            if !queue.0 {
                queue.0 = true;
                break;
            }
            drop(queue);
            self.sleepers.lock().unwrap().push(thread::current());
            thread::park();
        }
        let woken = std::mem::take(&mut *self.sleepers.lock().unwrap());
        let end = disk.write(&batch);
        self.queue.lock().unwrap().0 = false;
        woken.iter().for_each(|sleeper| sleeper.unpark());
        end
    }
}

#[test]
fn an_early_acknowledgement_and_a_lost_wake_up_are_caught() {
    is_caught("an early acknowledgement", || drop(commits(Bad::early)));
    is_caught("a lost wake-up", || drop(commits(Bad::sleepy)));
}
