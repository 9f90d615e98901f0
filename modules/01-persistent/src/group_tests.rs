//! Writers that meet in one commit. `tests/schedules` tries more ways for them to meet.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use datastore::{Batch, Error, Key};

use crate::group::Group;

fn one(n: u32) -> Batch {
    let mut batch = Batch::new();
    batch.put(Key::block(&n.to_be_bytes()).unwrap(), n.to_string());
    batch
}

#[test]
fn every_write_is_committed_once_and_commits_never_overlap() {
    let group = Group::default();
    let seen = Mutex::new(BTreeSet::new());
    let inside = AtomicBool::new(false);
    thread::scope(|scope| {
        for t in 0..16u32 {
            let (group, seen, inside) = (&group, &seen, &inside);
            scope.spawn(move || {
                for i in 0..200 {
                    let n = t * 1000 + i;
                    group
                        .commit(one(n), |batch| {
                            assert!(!inside.swap(true, Ordering::SeqCst), "two at once");
                            let mut seen = seen.lock().unwrap();
                            for op in batch.ops() {
                                assert!(seen.insert(op.key().clone()), "twice: {op:?}");
                            }
                            drop(seen);
                            inside.store(false, Ordering::SeqCst);
                            Ok(())
                        })
                        .unwrap();
                    let key = Key::block(&n.to_be_bytes()).unwrap();
                    assert!(
                        seen.lock().unwrap().contains(&key),
                        "acknowledged too early"
                    );
                }
            });
        }
    });
    assert_eq!(seen.lock().unwrap().len(), 3200);
    assert!(!group.is_busy(), "nobody leads any more");
}

/// Holds a first commit until `writers` others wait, so that the second must take them all.
fn together(writers: u32, each: impl Fn(&Group, u32) + Sync) -> Group {
    let group = Group::default();
    thread::scope(|scope| {
        let (group, each) = (&group, &each);
        scope.spawn(move || {
            group.commit(one(0), |_| {
                while group.waiting() < writers as usize {
                    thread::yield_now();
                }
                Ok(())
            })
        });
        while !group.is_busy() {
            thread::yield_now();
        }
        for n in 1..=writers {
            scope.spawn(move || each(group, n));
        }
    });
    group
}

#[test]
fn those_that_wait_share_one_commit() {
    let group = together(9, |group, n| group.commit(one(n), |_| Ok(())).unwrap());
    assert_eq!(group.commits(), 2);
}

#[test]
fn a_failed_flush_fails_the_whole_group_and_no_other() {
    let eio = || Error::io("flush", "/x", std::io::Error::other("EIO"));
    let group = together(3, |group, n| {
        assert!(group.commit(one(n), |_| Err(eio())).is_err());
    });
    assert_eq!(group.commits(), 2);
    group.commit(one(9), |_| Ok(())).unwrap();
}

#[test]
fn a_bad_key_fails_only_its_own_write() {
    let bad = Key::block(&2u32.to_be_bytes()).unwrap();
    together(3, |group, n| {
        let write = |batch: &Batch| {
            if batch.ops().iter().any(|op| *op.key() == bad) {
                return Err(Error::InvalidKey {
                    key: bad.to_string(),
                    reason: "too long",
                });
            }
            Ok(())
        };
        assert_eq!(group.commit(one(n), write).is_err(), n == 2);
    });
}
