//! A store that fails when it is told to.
//!
//! Whoever builds on a store has to know what it does when the store fails, at each of the calls
//! that it makes. So a test lets the first call fail, then the second, until it gets through.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, Result};

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `get`, `has`, `size`, `get_range`, `get_many`.
    Read,
    /// `put`, `delete`, `apply`.
    Write,
    /// `query`, `keys`.
    Enumerate,
    /// `sync`.
    Sync,
    /// `disk_usage`.
    Measure,
    /// `close`.
    Close,
}

/// Which call fails, and how.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The kind of call that counts, or every call.
    pub on: Option<Call>,
    /// How many of them succeed before.
    pub after: u64,
    /// Whether those that follow fail as well.
    pub sticky: bool,
    /// Of a batch that fails, so many of its writes are done first.
    pub done: usize,
    /// What a failing call gives.
    pub error: Error,
}

impl Fault {
    /// The call after `after` others fails, once, with `error`; of a batch nothing is done.
    pub fn new(after: u64, error: Error) -> Fault {
        Fault {
            on: None,
            after,
            sticky: false,
            done: 0,
            error,
        }
    }

    /// Counts, and fails, calls of this kind only.
    pub fn on(mut self, call: Call) -> Fault {
        self.on = Some(call);
        self
    }

    /// Has those that follow fail as well.
    pub fn for_good(mut self) -> Fault {
        self.sticky = true;
        self
    }

    /// Has a failing batch do its first `writes` writes.
    pub fn midway(mut self, writes: usize) -> Fault {
        self.done = writes;
        self
    }
}

/// A datastore that fails as it is told to; for tests.
pub struct Faulty<D> {
    inner: D,
    fault: Mutex<State>,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    counted: u64,
    failed: u64,
}

impl<D: Datastore> Faulty<D> {
    /// `inner`, which does not fail yet.
    pub fn new(inner: D) -> Faulty<D> {
        Faulty {
            inner,
            fault: Mutex::default(),
        }
    }

    /// The store below.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// From now on fails so; an earlier fault is forgotten, and counting begins anew.
    pub fn fail(&self, fault: Fault) {
        *self.state() = State {
            fault: Some(fault),
            ..State::default()
        };
    }

    /// Fails no more. Gives how many calls failed since [`fail`](Self::fail).
    pub fn heal(&self) -> u64 {
        let mut state = self.state();
        state.fault = None;
        state.failed
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault of this call, if it has to fail.
    fn due(&self, call: Call) -> Option<Fault> {
        let mut state = self.state();
        let fault = state.fault.clone()?;
        if fault.on.is_some_and(|on| on != call) {
            return None;
        }
        state.counted += 1;
        let nth = state.counted;
        let due = nth == fault.after + 1 || (fault.sticky && nth > fault.after);
        state.failed += u64::from(due);
        due.then_some(fault)
    }

    fn calls(&self, call: Call) -> Result<&D> {
        self.due(call)
            .map_or(Ok(&self.inner), |fault| Err(fault.error))
    }
}

impl<D: Datastore> Datastore for Faulty<D> {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.calls(Call::Read)?.get(key)
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.calls(Call::Write)?.put(key, value)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.calls(Call::Write)?.delete(key)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        self.calls(Call::Enumerate)?.query(prefix)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.calls(Call::Read)?.has(key)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.calls(Call::Read)?.size(key)
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.calls(Call::Read)?.get_range(key, range)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.calls(Call::Read)?.get_many(keys)
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        self.calls(Call::Enumerate)?.keys(prefix)
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        let Some(fault) = self.due(Call::Write) else {
            return self.inner.apply(batch);
        };
        if fault.done > 0 {
            self.inner
                .apply(batch.into_iter().take(fault.done).collect())?;
        }
        Err(fault.error)
    }

    fn sync(&self) -> Result<()> {
        self.calls(Call::Sync)?.sync()
    }

    fn disk_usage(&self) -> Result<u64> {
        self.calls(Call::Measure)?.disk_usage()
    }

    fn close(&self) -> Result<()> {
        self.calls(Call::Close)?.close()
    }
}
