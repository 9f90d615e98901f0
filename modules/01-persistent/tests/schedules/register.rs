//! A key as a register: what is read was there at some moment between the call and the return, and
//! no later read sees what came before.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, Op, Result};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::Mutex;
use shuttle::thread;

/// A store in which a thread may be held up before and after anything that it does, and whose
/// enumerations go on under writes.
#[derive(Default)]
pub struct Slow(Mutex<BTreeMap<Key, Bytes>>);

impl Slow {
    fn with<T>(&self, run: impl FnOnce(&mut BTreeMap<Key, Bytes>) -> T) -> Result<T> {
        let result = run(&mut self.0.lock().unwrap());
        // Done, and not yet returned.
        drop(self.0.lock().unwrap());
        Ok(result)
    }
}

impl Datastore for Slow {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.with(|map| map.get(key).cloned())
    }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        let value = Bytes::copy_from_slice(value);
        self.with(|map| map.insert(key.clone(), value)).map(drop)
    }
    fn delete(&self, key: &Key) -> Result<()> {
        self.with(|map| map.remove(key)).map(drop)
    }
    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        let range = prefix.range();
        let mut from = Bound::Included(range.start);
        Ok(Box::new(std::iter::from_fn(move || {
            let bounds = (
                from.as_ref().map(|k| k.as_slice()),
                Bound::Excluded(&range.end[..]),
            );
            let map = self.0.lock().unwrap();
            let (key, value) = map.range::<[u8], _>(bounds).next()?;
            from = Bound::Excluded(key.as_bytes().to_vec());
            Some(Ok((key.clone(), value.clone())))
        })))
    }
    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        Ok(Box::new(self.query(prefix)?.map(|e| e.map(|(key, _)| key))))
    }
    fn apply(&self, batch: Batch) -> Result<()> {
        self.with(|map| {
            for op in batch {
                match op {
                    Op::Put(key, value) => drop(map.insert(key, value)),
                    Op::Delete(key) => drop(map.remove(&key)),
                }
            }
        })
    }
    fn sync(&self) -> Result<()> {
        self.with(|_| ())
    }
    fn disk_usage(&self) -> Result<u64> {
        Ok(0)
    }
    fn close(&self) -> Result<()> {
        Err(Error::Closed)
    }
}

pub fn block(n: u8) -> Key {
    Key::block(&[0x12, 0x20, n]).unwrap()
}

/// The value of the register after each write of its one writer. `None`: absent.
const STATES: [Option<u8>; 5] = [None, Some(1), None, Some(3), Some(4)];

/// How far the writer is, and how far readers have seen.
#[derive(Default)]
struct Progress {
    begun: AtomicUsize,
    seen: AtomicUsize,
}

impl Progress {
    /// The state that a read begins at, at the earliest.
    fn before(&self) -> usize {
        self.seen.load(SeqCst)
    }

    /// Checks what was read by a test of the states: true of those that it may have been.
    fn read(&self, before: usize, what: &str, was: impl Fn(Option<u8>) -> bool) {
        let begun = self.begun.load(SeqCst);
        let state = (before..=begun).find(|state| was(STATES[*state]));
        let Some(state) = state else {
            let states = &STATES[before..=begun];
            panic!("{what} is none of the states there were: {states:?}");
        };
        self.seen.fetch_max(state, SeqCst);
    }
}

/// One writer, two readers and somebody `behind` on a store: every read is true. `old` was put
/// before and is there throughout.
pub fn is_a_register<D: Datastore + 'static>(
    store: D,
    old: Key,
    behind: impl FnOnce(&D) + Send + 'static,
) {
    let store = Arc::new(store);
    let progress = Arc::new(Progress::default());
    let key = block(7);
    let mut threads = Vec::new();
    {
        let (store, progress, key) = (Arc::clone(&store), Arc::clone(&progress), key.clone());
        threads.push(thread::spawn(move || {
            for (n, state) in STATES.iter().enumerate().skip(1) {
                progress.begun.store(n, SeqCst);
                // In one way or the other.
                let batched = thread_rng().r#gen::<bool>();
                match state {
                    Some(value) if !batched => store.put(&key, &[*value]).unwrap(),
                    None if !batched => store.delete(&key).unwrap(),
                    _ => {
                        let mut batch = Batch::new();
                        match state {
                            Some(value) => batch.put(key.clone(), vec![*value]),
                            None => batch.delete(key.clone()),
                        }
                        store.apply(batch).unwrap();
                    }
                }
                progress.seen.fetch_max(n, SeqCst);
            }
        }));
    }
    for reader in 0..2 {
        let (store, progress) = (Arc::clone(&store), Arc::clone(&progress));
        let (key, old) = (key.clone(), old.clone());
        threads.push(thread::spawn(move || {
            for round in 0..2 {
                let before = progress.before();
                if (reader + round) % 2 == 0 {
                    let got = store.get(&key).unwrap().map(|value| value[0]);
                    progress.read(before, &format!("get: {got:?}"), |state| state == got);
                } else {
                    let has = store.has(&key).unwrap();
                    let what = if has {
                        "a false have"
                    } else {
                        "a false missing"
                    };
                    progress.read(before, what, |state| state.is_some() == has);
                }
            }
            assert!(store.has(&old).unwrap(), "a false missing, of an old key");
            let both = store.get_many(&[old, key]).unwrap();
            assert!(
                both[0].is_some(),
                "get_many: a false missing, of an old key"
            );
        }));
    }
    behind(&store);
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    // Twice, since the first may be what fills a cache.
    for _ in 0..2 {
        let last = STATES[STATES.len() - 1];
        assert_eq!(store.get(&key).unwrap().map(|value| value[0]), last);
    }
}

/// Two writers of one key: whichever came last in the store is what is read in the end.
pub fn settles<D: Datastore + 'static>(store: D, below: impl Fn(&D) -> &Slow) {
    let store = Arc::new(store);
    let key = block(7);
    let threads: Vec<_> = (1..=2u8)
        .map(|n| {
            let (store, key) = (Arc::clone(&store), key.clone());
            thread::spawn(move || {
                store.put(&key, &[n]).unwrap();
                store.get(&key).unwrap();
                store.delete(&key).unwrap();
                store.has(&key).unwrap();
                if n == 1 {
                    store.put(&key, &[9]).unwrap();
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    for _ in 0..2 {
        let kept = below(&store).get(&key).unwrap();
        assert_eq!(store.get(&key).unwrap(), kept, "the cache is stale");
        assert_eq!(store.has(&key).unwrap(), kept.is_some());
    }
}
