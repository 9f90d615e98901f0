//! The cache, the filter and the tiers under every schedule, and what each of them must not be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, Op, Result};
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;

use crate::register::{Slow, block, is_a_register, settles};
use crate::wrappers::bloom::Bloom;
use crate::wrappers::cache::Cache;
use crate::wrappers::tiered::{Limits, Tiered};
use crate::wrappers::ttl::Ttl;
use crate::{holds, is_caught};

fn with_old() -> Slow {
    let store = Slow::default();
    store.put(&block(0), b"old").unwrap();
    store
}

fn cache() {
    is_a_register(Cache::new(with_old(), 1 << 20), block(0), |_| {});
}

fn cache_of_two_writers() {
    settles(Cache::new(Slow::default(), 1 << 20), |cache| cache.inner());
}

fn bloom() {
    is_a_register(Bloom::new(with_old()), block(0), |bloom| {
        for _ in 0..2 {
            let mut build = bloom.build(4).unwrap();
            while !build.step(1).unwrap() {}
        }
    });
}

/// A build that begins in the middle of a write, if it can.
fn one_put_and_one_build() {
    let store = Arc::new(Bloom::new(with_old()));
    let writer = Arc::clone(&store);
    let batched = thread_rng().r#gen::<bool>();
    let put = thread::spawn(move || match batched {
        false => writer.put(&block(7), b"x").unwrap(),
        true => {
            let mut batch = Batch::new();
            batch.put(block(7), "x");
            writer.apply(batch).unwrap();
        }
    });
    store.build(4).unwrap().finish().unwrap();
    put.join().unwrap();
    assert!(store.has(&block(7)).unwrap(), "a false missing");
}

fn tiers() {
    let limits = |bytes| Limits { bytes, idle: None };
    let bounded = vec![(Slow::default(), limits(4)), (Slow::default(), limits(4))];
    let store = Tiered::open(bounded, with_old()).unwrap();
    is_a_register(store, block(0), |store| {
        // Pushes out what is there.
        for n in 20..22 {
            store.put(&block(n), b"1234").unwrap();
        }
    });
}

/// A sweep finds a value expired, and meanwhile it is put anew.
fn a_sweep_and_a_put() {
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&seconds);
    let store = Ttl::new(Slow::default(), Some(Duration::from_secs(1)))
        .with_clock(move || UNIX_EPOCH + Duration::from_secs(clock.load(SeqCst)));
    store.put(&block(7), b"old").unwrap();
    seconds.store(1, SeqCst);
    let store = Arc::new(store);
    let writer = Arc::clone(&store);
    let put = thread::spawn(move || {
        assert!(!writer.has(&block(7)).unwrap(), "it has expired");
        writer.put(&block(7), b"new").unwrap();
        assert_eq!(writer.get(&block(7)).unwrap().unwrap(), "new");
    });
    store.sweep().unwrap();
    put.join().unwrap();
    assert_eq!(store.get(&block(7)).unwrap().unwrap(), "new");
}

#[test]
fn a_sweep_never_takes_what_was_put_anew() {
    holds("ttl, a sweep and a put", a_sweep_and_a_put);
}

#[test]
fn the_cache_never_says_what_is_no_longer_so() {
    holds("cache, one writer and two readers", cache);
    holds("cache, two writers", cache_of_two_writers);
}

#[test]
fn the_filter_never_takes_what_is_there_for_absent() {
    holds("bloom, built twice under reads and writes", bloom);
    holds("bloom, one put and one build", one_put_and_one_build);
}

#[test]
fn a_block_between_tiers_is_found() {
    holds("tiers, blocks pushed down and copied up", tiers);
}

/// A cache that keeps what it read, whatever was written meanwhile.
struct Careless(Slow, Mutex<BTreeMap<Key, Option<Bytes>>>);

#[rustfmt::skip]
impl Datastore for Careless {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        if let Some(known) = self.1.lock().unwrap().get(key) { return Ok(known.clone()); }
        let value = self.0.get(key)?;
        self.1.lock().unwrap().insert(key.clone(), value.clone());
        Ok(value)
    }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.1.lock().unwrap().remove(key);
        self.0.put(key, value)
    }
    fn delete(&self, key: &Key) -> Result<()> {
        self.1.lock().unwrap().remove(key);
        self.0.delete(key)
    }
    fn query(&self, prefix: &Key) -> Result<Entries<'_>> { self.0.query(prefix) }
    fn sync(&self) -> Result<()> { self.0.sync() }
    fn disk_usage(&self) -> Result<u64> { self.0.disk_usage() }
    fn close(&self) -> Result<()> { self.0.close() }
}

#[test]
fn a_cache_that_is_filled_carelessly_is_caught() {
    is_caught("it, with readers", || {
        is_a_register(Careless(with_old(), Mutex::default()), block(0), |_| {});
    });
    is_caught("it, with two writers", || {
        settles(Careless(Slow::default(), Mutex::default()), |c| &c.0);
    });
}

/// A filter, exact, that is wrong in one way.
struct Eager {
    store: Slow,
    known: Mutex<BTreeSet<Key>>,
    wrong: Wrong,
}

#[derive(PartialEq)]
enum Wrong {
    /// It answers while it is being filled.
    Early,
    /// It takes a key in once it was put, and does not take in what is put while it is filled.
    Late,
}

impl Eager {
    fn new(wrong: Wrong) -> Eager {
        let known = Mutex::new(BTreeSet::from([block(0)]));
        let known = if wrong == Wrong::Early {
            Mutex::default()
        } else {
            known
        };
        Eager {
            store: with_old(),
            known,
            wrong,
        }
    }

    fn build(&self) {
        if self.wrong == Wrong::Early {
            for key in self.store.keys(&Key::root()).unwrap() {
                self.known.lock().unwrap().insert(key.unwrap());
            }
        } else {
            let keys = self.store.keys(&Key::root()).unwrap();
            let keys: BTreeSet<Key> = keys.map(|key| key.unwrap()).collect();
            // What was put since it was enumerated is not in it.
            *self.known.lock().unwrap() = keys;
        }
    }

    fn excludes(&self, key: &Key) -> bool {
        !self.known.lock().unwrap().contains(key)
    }
}

#[rustfmt::skip]
impl Datastore for Eager {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        if self.excludes(key) { return Ok(None); }
        self.store.get(key)
    }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.known.lock().unwrap().insert(key.clone());
        self.store.put(key, value)
    }
    fn apply(&self, batch: Batch) -> Result<()> {
        self.known.lock().unwrap().extend(batch.ops().iter().map(Op::key).cloned());
        self.store.apply(batch)
    }
    fn delete(&self, key: &Key) -> Result<()> { self.store.delete(key) }
    fn query(&self, prefix: &Key) -> Result<Entries<'_>> { self.store.query(prefix) }
    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> { self.store.keys(prefix) }
    fn sync(&self) -> Result<()> { self.store.sync() }
    fn disk_usage(&self) -> Result<u64> { self.store.disk_usage() }
    fn close(&self) -> Result<()> { self.store.close() }
}

#[test]
fn a_filter_that_answers_too_early_or_misses_a_put_is_caught() {
    is_caught("one that answers early", || {
        is_a_register(Eager::new(Wrong::Early), block(0), Eager::build);
    });
    is_caught("one that misses a put", || {
        is_a_register(Eager::new(Wrong::Late), block(0), Eager::build);
    });
}

/// Two tiers between which a block moves by being deleted, then put.
struct Hasty(Slow, Slow);

#[rustfmt::skip]
impl Datastore for Hasty {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        Ok(match self.0.get(key)? { Some(value) => Some(value), None => self.1.get(key)? })
    }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> { self.0.put(key, value) }
    fn delete(&self, key: &Key) -> Result<()> { self.1.delete(key)?; self.0.delete(key) }
    fn query(&self, prefix: &Key) -> Result<Entries<'_>> { self.0.query(prefix) }
    fn sync(&self) -> Result<()> { self.0.sync() }
    fn disk_usage(&self) -> Result<u64> { self.0.disk_usage() }
    fn close(&self) -> Result<()> { self.0.close() }
}

#[test]
fn tiers_that_delete_before_they_copy_are_caught() {
    is_caught("a block in no tier", || {
        is_a_register(Hasty(with_old(), Slow::default()), block(0), |store| {
            let value = store.0.get(&block(0)).unwrap().unwrap();
            store.0.delete(&block(0)).unwrap();
            store.1.put(&block(0), &value).unwrap();
        });
    });
}
