//! Values in memory, in front of a store that is slower.
//!
//! A cache must never say what is no longer so: not a value that was replaced, not "there" of what
//! was deleted, not "absent" of what was put. The way it usually goes wrong is a fill that meets a
//! write (go-ipfs-blockstore #64):
//!
//! ```text
//! reader   miss, reads v1 from the store ─────────────────────► keeps v1: wrong from now on
//! writer            forgets the key in the cache, writes v2
//! ```
//!
//! Here a write holds the lock of its key, shared with other writes, from before it forgets the key
//! until the store has acknowledged. A fill reads the store and keeps the answer under the same
//! lock, alone; if somebody writes, the reader does not wait, and keeps nothing.
//!
//! `tests/schedules` tries this under shuttle, and shows that it catches a cache without the lock.

use std::ops::Range;

use bytes::Bytes;
use datastore::{Batch, Datastore, Key, Op, Result, store::slice};
use quick_cache::Weighter;
use quick_cache::sync::Cache as Known;

use super::stripes::Stripes;
use crate::bounded;
use crate::sync::RandomState;
use crate::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// A value up to this length may be a slice of an engine's page. It is copied, or the whole page
/// would stay in memory for it.
const COPIED: usize = 32 << 10;

/// A datastore that keeps values, and the absence of values, in memory once they were read.
///
/// All writes have to go through it: it does not see those of others. It forgets what is used least
/// when its bytes are used up (S3-FIFO, by quick_cache). It has parts of 8 MiB, or one that is
/// smaller, and does not keep a value that is larger than a part. Enumerations go to the store.
pub struct Cache<D> {
    inner: D,
    known: Known<Key, Option<Bytes>, Weight, RandomState>,
    stripes: Stripes,
    closed: AtomicBool,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Option<Bytes>> for Weight {
    fn weight(&self, key: &Key, value: &Option<Bytes>) -> u64 {
        bounded::ENTRY + (key.as_bytes().len() + value.as_ref().map_or(0, Bytes::len)) as u64
    }
}

impl<D: Datastore> Cache<D> {
    /// A cache of so many bytes in front of `inner`: keys, values and what it takes to find them.
    pub fn new(inner: D, bytes: u64) -> Cache<D> {
        Cache {
            inner,
            known: bounded::cache(bytes, 4096, Weight),
            stripes: Stripes::new(),
            closed: AtomicBool::new(false),
        }
    }

    /// The store behind it.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// Bytes that it holds now.
    pub fn bytes(&self) -> u64 {
        self.known.weight()
    }

    /// Keeps what was read. The caller holds the lock of the key alone.
    fn learn(&self, key: &Key, value: &Option<Bytes>) {
        if !self.closed.load(SeqCst) {
            let value = value.as_ref().map(|value| match value.len() {
                0..=COPIED => Bytes::copy_from_slice(value),
                _ => value.clone(),
            });
            self.known.insert(key.clone(), value);
        }
    }
}

impl<D: Datastore> Datastore for Cache<D> {
    forward!(inner: query keys sync disk_usage);

    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        if let Some(known) = self.known.get(key) {
            return Ok(known);
        }
        let alone = self.stripes.try_alone(key);
        let value = self.inner.get(key)?;
        if alone.is_some() {
            self.learn(key, &value);
        }
        Ok(value)
    }

    /// A miss is kept if it is an absence.
    fn has(&self, key: &Key) -> Result<bool> {
        if let Some(known) = self.known.get(key) {
            return Ok(known.is_some());
        }
        let alone = self.stripes.try_alone(key);
        let has = self.inner.has(key)?;
        if alone.is_some() && !has {
            self.learn(key, &None);
        }
        Ok(has)
    }

    /// A miss is kept if it is an absence.
    fn size(&self, key: &Key) -> Result<Option<u64>> {
        if let Some(known) = self.known.get(key) {
            return Ok(known.map(|value| value.len() as u64));
        }
        let alone = self.stripes.try_alone(key);
        let size = self.inner.size(key)?;
        if alone.is_some() && size.is_none() {
            self.learn(key, &None);
        }
        Ok(size)
    }

    /// A miss is kept if it is an absence: a part is read to be spared the whole.
    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        if let Some(known) = self.known.get(key) {
            return Ok(known.map(|value| slice(&value, range)));
        }
        let alone = self.stripes.try_alone(key);
        let part = self.inner.get_range(key, range)?;
        if alone.is_some() && part.is_none() {
            self.learn(key, &None);
        }
        Ok(part)
    }

    /// Asks the store for the misses alone, all at once.
    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let mut answers: Vec<_> = keys.iter().map(|key| self.known.get(key)).collect();
        let missed: Vec<Key> = keys
            .iter()
            .zip(&answers)
            .filter(|(_, answer)| answer.is_none())
            .map(|(key, _)| key.clone())
            .collect();
        if missed.is_empty() && !keys.is_empty() {
            return Ok(answers.into_iter().map(Option::flatten).collect());
        }
        let alone = self.stripes.try_alone_each(&missed);
        let found = self.inner.get_many(&missed)?;
        for (key, value) in missed.iter().zip(&found) {
            if alone.holds(key) {
                self.learn(key, value);
            }
        }
        let mut found = found.into_iter();
        for answer in answers.iter_mut().filter(|answer| answer.is_none()) {
            *answer = found.next();
        }
        Ok(answers.into_iter().map(Option::flatten).collect())
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        let _writing = self.stripes.shared_one(key);
        self.known.remove(key);
        self.inner.put(key, value)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        let _writing = self.stripes.shared_one(key);
        self.known.remove(key);
        self.inner.delete(key)
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        let _writing = self.stripes.shared(batch.ops().iter().map(Op::key));
        for op in batch.ops() {
            self.known.remove(op.key());
        }
        self.inner.apply(batch)
    }

    /// Forgets everything, and keeps nothing from then on: what a closed store says is its own.
    fn close(&self) -> Result<()> {
        {
            let _writing = self.stripes.shared_all();
            self.closed.store(true, SeqCst);
            self.known.clear();
        }
        self.inner.close()
    }
}
