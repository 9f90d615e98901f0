//! 01-11: how a store is doing, told once and not a thousand times.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, Result};

/// Microseconds since some moment.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> u64;
}

/// How many buckets a histogram has: one for each power of two.
pub const BUCKETS: usize = 40;

/// Times in buckets: bucket 0 has 0 and 1 µs, bucket n those from 2^n up to, and without, 2^(n+1).
#[derive(Debug)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram {
            buckets: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }
}

impl Histogram {
    /// Notes a time. What is too long for all buckets goes into the last.
    pub fn record(&self, micros: u64) {
        //~ todo: which power of two?
        let bucket = (micros.max(1).ilog2() as usize).min(BUCKETS - 1);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        //~ end
    }

    /// How many times were noted.
    pub fn count(&self) -> u64 {
        //~ todo: all of them
        self.buckets
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed))
            .sum()
        //~ end
    }

    /// A time that so many of a thousand do not exceed, 990 for p99: the largest of the bucket that they end in, so
    /// at most twice the true one. `None` if nothing was noted.
    pub fn quantile(&self, of_1000: u64) -> Option<u64> {
        //~ todo: count up to the one that is asked for
        let count = self.count();
        let rank = (count * of_1000).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (bucket, times) in self.buckets.iter().enumerate() {
            seen += times.load(Ordering::Relaxed);
            if count > 0 && seen >= rank {
                return Some((2 << bucket) - 1);
            }
        }
        None
        //~ end
    }
}

/// What an alarm says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// It has become bad.
    Raised,
    /// It is good again.
    Cleared,
}

/// An alarm with two limits: it is raised at `raise` and above, and cleared at `clear` and below.
#[derive(Debug)]
pub struct Alarm {
    raise: u64,
    clear: u64,
    //~ blank: what it has to remember
    on: bool,
    //~ end
}

impl Alarm {
    /// An alarm that is not raised.
    pub fn new(raise: u64, clear: u64) -> Alarm {
        //~ todo: not raised
        Alarm {
            raise,
            clear,
            on: false,
        }
        //~ end
    }

    /// Looks at a value; says only what has changed.
    pub fn see(&mut self, value: u64) -> Option<Alert> {
        //~ todo: which limit counts now?
        if !self.on && value >= self.raise {
            self.on = true;
            Some(Alert::Raised)
        } else if self.on && value <= self.clear {
            self.on = false;
            Some(Alert::Cleared)
        } else {
            None
        }
        //~ end
    }
}

/// What was measured.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Times of `put`.
    pub put: Histogram,
    /// Times of `get`.
    pub get: Histogram,
    /// Bytes that were put, by `put` and by `apply`.
    pub bytes: AtomicU64,
    /// Calls that were errors.
    pub errors: AtomicU64,
}

/// A store that is measured. It is the store that it wraps, and makes no call that was not made.
pub struct Measured<D> {
    inner: D,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

impl<D: Datastore> Measured<D> {
    /// Measures a store.
    pub fn new(inner: D, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Measured<D> {
        Measured {
            inner,
            clock,
            metrics,
        }
    }
    //~ blank: every method counts errors, and two note times

    fn told<T>(&self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.metrics.errors.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    fn timed<T>(&self, times: &Histogram, call: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = self.clock.now();
        let result = self.told(call());
        times.record(self.clock.now().saturating_sub(start));
        result
    }
    //~ end
}

impl<D: Datastore> Datastore for Measured<D> {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        //~ todo: note its time
        self.timed(&self.metrics.get, || self.inner.get(key))
        //~ end
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        //~ todo: note its time, and its bytes if it succeeds
        self.timed(&self.metrics.put, || self.inner.put(key, value))?;
        self.metrics
            .bytes
            .fetch_add(value.len() as u64, Ordering::Relaxed);
        Ok(())
        //~ end
    }

    fn delete(&self, key: &Key) -> Result<()> {
        //~ todo: forward
        self.told(self.inner.delete(key))
        //~ end
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        //~ todo: forward
        self.told(self.inner.query(prefix))
        //~ end
    }

    fn has(&self, key: &Key) -> Result<bool> {
        //~ todo: forward; its default would read the whole value
        self.told(self.inner.has(key))
        //~ end
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        //~ todo: forward
        self.told(self.inner.size(key))
        //~ end
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        //~ todo: forward
        self.told(self.inner.get_many(keys))
        //~ end
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        //~ todo: forward
        self.told(self.inner.keys(prefix))
        //~ end
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        //~ todo: as one batch, with its bytes
        let values = batch.ops().iter().map(|op| match op {
            datastore::Op::Put(_, value) => value.len() as u64,
            datastore::Op::Delete(_) => 0,
        });
        let bytes: u64 = values.sum();
        self.told(self.inner.apply(batch))?;
        self.metrics.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
        //~ end
    }

    fn sync(&self) -> Result<()> {
        //~ todo: forward
        self.told(self.inner.sync())
        //~ end
    }

    fn disk_usage(&self) -> Result<u64> {
        //~ todo: forward
        self.told(self.inner.disk_usage())
        //~ end
    }

    fn close(&self) -> Result<()> {
        //~ todo: forward
        self.told(self.inner.close())
        //~ end
    }
}
