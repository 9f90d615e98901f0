//! "It is not there", without asking the store.
//!
//! Most of what other nodes ask for is absent, and an engine has to look before it can say so. A
//! Bloom filter knows from memory: what was never added is not there. What it must never do is say
//! so of a key that is there, so three things are decided by that:
//!
//! - It answers nothing before every key of the store was added. Filled by half, it would take the
//!   other half for absent (boxo #1183).
//! - A key is added before it is put, also while the filter is being filled.
//! - A deleted key stays in it. Too many of those, or more keys than it was made for, only make it
//!   pass more questions on to the store; a new [`build`](Bloom::build) makes it lean again.
//!
//! ```text
//! build(keys) ──► step(1000) ─► step(1000) ─► … ─► true: the new filter answers
//!                   └─ the old one, if there is one, answers until then; puts go to both
//! ```

use std::ops::Range;

use bytes::Bytes;
use datastore::{Batch, Datastore, Error, Key, Keys, Op, Result};

use super::filter::Filter;
use crate::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::sync::Arc;

/// A datastore that answers for absent keys from memory, once it was [built](Bloom::build).
///
/// All writes have to go through it: a key that others put is absent to it. Until it is built, and
/// after a close, it passes everything on. It takes 1.5 bytes for each key that it is built for.
pub struct Bloom<D> {
    inner: D,
    // Held by a write until the store has acknowledged, so that a build, which needs it alone to
    // begin, never begins in the middle of one.
    filters: RwLock<Filters>,
}

#[derive(Default)]
struct Filters {
    active: Option<Arc<Filter>>,
    building: Option<Arc<Filter>>,
}

impl Filters {
    fn add(&self, key: &Key) {
        for filter in self.active.iter().chain(&self.building) {
            filter.add(key);
        }
    }

    /// Whether `key` cannot be there.
    fn excludes(&self, key: &Key) -> bool {
        self.active
            .as_ref()
            .is_some_and(|filter| !filter.may_have(key))
    }
}

impl<D: Datastore> Bloom<D> {
    /// Around `inner`, and inactive.
    pub fn new(inner: D) -> Bloom<D> {
        Bloom {
            inner,
            filters: RwLock::default(),
        }
    }

    /// The store below.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// Begins a filter for this many keys. Nothing runs by itself: whoever has the
    /// [`Build`] takes its steps, on a thread of its own if it likes. It waits for the writes that
    /// are under way.
    ///
    /// A build that begins takes the place of one that is under way, and one that is dropped
    /// before its end leaves everything as it was.
    ///
    /// # Errors
    /// Those of [`keys`](Datastore::keys).
    pub fn build(&self, keys: u64) -> Result<Build<'_, D>> {
        let filter = Arc::new(Filter::new(keys));
        self.alone().building = Some(Arc::clone(&filter));
        // From here on every put adds its key, so the enumeration has to give the older ones only.
        let mut build = Build {
            bloom: self,
            filter,
            rest: Rest::Done,
        };
        build.rest = Rest::Keys(self.inner.keys(&Key::root())?);
        Ok(build)
    }

    /// Whether a filter answers.
    pub fn is_active(&self) -> bool {
        self.shared().active.is_some()
    }

    /// Whether more keys were added than the filter was made for. It stays right, but passes on
    /// more and more questions: time for a [`build`](Self::build) for more keys.
    pub fn is_full(&self) -> bool {
        self.shared().active.as_ref().is_some_and(|f| f.is_full())
    }

    /// How many keys were added to the filter that answers, about, deleted ones included.
    pub fn added(&self) -> u64 {
        self.shared().active.as_ref().map_or(0, |f| f.added())
    }

    fn shared(&self) -> RwLockReadGuard<'_, Filters> {
        // Nothing that can panic leaves the filters half changed.
        self.filters.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn alone(&self) -> RwLockWriteGuard<'_, Filters> {
        self.filters.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A filter that is being filled; see [`Bloom::build`].
pub struct Build<'a, D> {
    bloom: &'a Bloom<D>,
    filter: Arc<Filter>,
    rest: Rest<'a>,
}

enum Rest<'a> {
    Keys(Keys<'a>),
    Done,
    Failed(Error),
}

impl<D: Datastore> Build<'_, D> {
    /// Adds up to `keys` more keys. True when all are in, and the filter answers from now on.
    ///
    /// # Errors
    /// Those of the enumeration. It cannot be gone on with then: begin a new build.
    pub fn step(&mut self, keys: usize) -> Result<bool> {
        let rest = match &mut self.rest {
            Rest::Keys(rest) => rest,
            Rest::Done => return Ok(true),
            Rest::Failed(error) => return Err(error.clone()),
        };
        for _ in 0..keys {
            match rest.next() {
                Some(Ok(key)) => self.filter.add(&key),
                Some(Err(error)) => {
                    // An enumeration ends at its first error, which is not its end.
                    self.rest = Rest::Failed(error.clone());
                    return Err(error);
                }
                None => {
                    self.rest = Rest::Done;
                    let mut filters = self.bloom.alone();
                    // Not if another build has begun meanwhile: puts go to that one.
                    if let Some(filter) = filters.building.take_if(|f| Arc::ptr_eq(f, &self.filter))
                    {
                        filters.active = Some(filter);
                    }
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Takes all steps.
    ///
    /// # Errors
    /// Those of [`step`](Self::step).
    pub fn finish(mut self) -> Result<()> {
        while !self.step(1000)? {}
        Ok(())
    }
}

impl<D> Drop for Build<'_, D> {
    fn drop(&mut self) {
        let filters = &self.bloom.filters;
        let mut filters = filters.write().unwrap_or_else(PoisonError::into_inner);
        filters.building.take_if(|f| Arc::ptr_eq(f, &self.filter));
    }
}

impl<D: Datastore> Datastore for Bloom<D> {
    forward!(inner: query keys delete sync disk_usage);

    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        if self.shared().excludes(key) {
            return Ok(None);
        }
        self.inner.get(key)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        if self.shared().excludes(key) {
            return Ok(false);
        }
        self.inner.has(key)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        if self.shared().excludes(key) {
            return Ok(None);
        }
        self.inner.size(key)
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        if self.shared().excludes(key) {
            return Ok(None);
        }
        self.inner.get_range(key, range)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let maybe: Vec<bool> = {
            let filters = self.shared();
            keys.iter().map(|key| !filters.excludes(key)).collect()
        };
        if maybe.iter().all(|maybe| *maybe) {
            return self.inner.get_many(keys);
        }
        let asked: Vec<Key> = keys
            .iter()
            .zip(&maybe)
            .filter(|(_, maybe)| **maybe)
            .map(|(key, _)| key.clone())
            .collect();
        let mut found = match asked.is_empty() {
            true => Vec::new(),
            false => self.inner.get_many(&asked)?,
        }
        .into_iter();
        Ok(maybe
            .into_iter()
            .map(|maybe| maybe.then(|| found.next().flatten()).flatten())
            .collect())
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        let filters = self.shared();
        filters.add(key);
        self.inner.put(key, value)
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        let filters = self.shared();
        for op in batch.ops() {
            if let Op::Put(key, _) = op {
                filters.add(key);
            }
        }
        self.inner.apply(batch)
    }

    /// Lets go of the filters first: what a closed store says is its own.
    fn close(&self) -> Result<()> {
        *self.alone() = Filters::default();
        self.inner.close()
    }
}
