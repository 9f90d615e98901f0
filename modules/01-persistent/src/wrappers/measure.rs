//! What a store is asked, how often it fails, and how long it takes.
//!
//! Counting costs two looks at the clock and three additions a call, and never allocates, so it can
//! stay on. The result is text for Prometheus (exposition format 0.0.4), which any other collector
//! reads as well:
//!
//! ```text
//! cairn_store_call_seconds_bucket{store="main",call="get",le="0.000005"} 512
//! cairn_store_call_errors_total{store="main",call="put"} 1
//! ```

mod histogram;

use std::fmt::{self, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, Result};

use histogram::Histogram;

/// A datastore that counts and times the calls that go through it.
///
/// Of an enumeration the call is timed that begins it, not the walk through it.
pub struct Measure<D> {
    inner: D,
    calls: [Counts; Call::ALL.len()],
}

/// A call of [`Datastore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // They are the methods of the same names.
pub enum Call {
    Get,
    Put,
    Delete,
    Query,
    Has,
    Size,
    GetRange,
    GetMany,
    Keys,
    Apply,
    Sync,
    DiskUsage,
    Close,
}

use Call::{Apply, Close, Delete, DiskUsage, Get, GetMany, GetRange, Has, Put, Query, Size, Sync};

impl Call {
    /// Every call, in the order of the trait.
    pub const ALL: [Call; 13] = [
        Get,
        Put,
        Delete,
        Query,
        Has,
        Size,
        GetRange,
        GetMany,
        Call::Keys,
        Apply,
        Sync,
        DiskUsage,
        Close,
    ];

    /// The name of the method.
    pub fn name(self) -> &'static str {
        match self {
            Get => "get",
            Put => "put",
            Delete => "delete",
            Query => "query",
            Has => "has",
            Size => "size",
            GetRange => "get_range",
            GetMany => "get_many",
            Call::Keys => "keys",
            Apply => "apply",
            Sync => "sync",
            DiskUsage => "disk_usage",
            Close => "close",
        }
    }
}

#[derive(Debug, Default)]
struct Counts {
    took: Histogram,
    errors: AtomicU64,
    bytes: AtomicU64,
}

impl<D: Datastore> Measure<D> {
    /// Measures what goes through to `inner`.
    pub fn new(inner: D) -> Measure<D> {
        Measure {
            inner,
            calls: Default::default(),
        }
    }

    /// The store below.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// How often `call` was made, failures included.
    pub fn count(&self, call: Call) -> u64 {
        self.of(call).map_or(0, |c| c.took.count())
    }

    /// How often `call` failed.
    pub fn errors(&self, call: Call) -> u64 {
        self.of(call).map_or(0, |c| c.errors.load(Relaxed))
    }

    /// Bytes of values that `call` read or wrote.
    pub fn bytes(&self, call: Call) -> u64 {
        self.of(call).map_or(0, |c| c.bytes.load(Relaxed))
    }

    /// A time that this part (0 to 1) of the calls did not exceed: the true one lies between it and
    /// the next lower of 1, 2, 5, 10, …; `None` if there were none, or they took more than 10 s.
    pub fn quantile(&self, call: Call, quantile: f64) -> Option<Duration> {
        self.of(call)?.took.quantile(quantile)
    }

    /// All counts of the calls that were made, as text for Prometheus, labelled with the name of
    /// this `store`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_text(&self, store: &str, out: &mut dyn Write) -> fmt::Result {
        let store = store
            .replace('\\', r"\\")
            .replace('"', "\\\"")
            .replace('\n', r"\n");
        let made: Vec<_> = Call::ALL
            .iter()
            .zip(&self.calls)
            .filter(|(_, counts)| counts.took.count() > 0)
            .map(|(call, counts)| {
                (
                    format!("store=\"{store}\",call=\"{}\"", call.name()),
                    counts,
                )
            })
            .collect();

        let name = "cairn_store_call_seconds";
        writeln!(out, "# HELP {name} Time that calls took, failed ones too.")?;
        writeln!(out, "# TYPE {name} histogram")?;
        for (labels, counts) in &made {
            let mut count = 0;
            for (end, sum) in counts.took.cumulative() {
                let end = end.map_or("+Inf".into(), |end| end.as_secs_f64().to_string());
                writeln!(out, "{name}_bucket{{{labels},le=\"{end}\"}} {sum}")?;
                count = sum;
            }
            let total = counts.took.total().as_secs_f64();
            writeln!(out, "{name}_sum{{{labels}}} {total}")?;
            writeln!(out, "{name}_count{{{labels}}} {count}")?;
        }
        type Counter = fn(&Counts) -> &AtomicU64;
        let counters: [(_, _, Counter); 2] = [
            ("errors", "Calls that failed.", |counts| &counts.errors),
            ("bytes", "Bytes of values read or written.", |counts| {
                &counts.bytes
            }),
        ];
        for (what, help, of) in counters {
            let name = format!("cairn_store_call_{what}_total");
            writeln!(out, "# HELP {name} {help}")?;
            writeln!(out, "# TYPE {name} counter")?;
            for (labels, counts) in &made {
                writeln!(out, "{name}{{{labels}}} {}", of(counts).load(Relaxed))?;
            }
        }
        Ok(())
    }

    fn of(&self, call: Call) -> Option<&Counts> {
        self.calls.get(call as usize)
    }

    fn timed<'a, T>(&'a self, call: Call, run: impl FnOnce(&'a D) -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let result = run(&self.inner);
        if let Some(counts) = self.of(call) {
            counts.took.add(start.elapsed());
            if result.is_err() {
                counts.errors.fetch_add(1, Relaxed);
            }
        }
        result
    }

    fn moved(&self, call: Call, bytes: u64) {
        if let Some(counts) = self.of(call) {
            counts.bytes.fetch_add(bytes, Relaxed);
        }
    }

    fn read(&self, call: Call, values: &[Option<Bytes>]) {
        let bytes = values.iter().flatten().map(Bytes::len).sum::<usize>();
        self.moved(call, bytes as u64);
    }
}

impl<D: Datastore> Datastore for Measure<D> {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let value = self.timed(Get, |inner| inner.get(key))?;
        self.read(Get, std::slice::from_ref(&value));
        Ok(value)
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.timed(Put, |inner| inner.put(key, value))?;
        self.moved(Put, value.len() as u64);
        Ok(())
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.timed(Delete, |inner| inner.delete(key))
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        self.timed(Query, |inner| inner.query(prefix))
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.timed(Has, |inner| inner.has(key))
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.timed(Size, |inner| inner.size(key))
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        let part = self.timed(GetRange, |inner| inner.get_range(key, range))?;
        self.read(GetRange, std::slice::from_ref(&part));
        Ok(part)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let values = self.timed(GetMany, |inner| inner.get_many(keys))?;
        self.read(GetMany, &values);
        Ok(values)
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        self.timed(Call::Keys, |inner| inner.keys(prefix))
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        let bytes = batch.bytes();
        self.timed(Apply, |inner| inner.apply(batch))?;
        self.moved(Apply, bytes);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        self.timed(Sync, |inner| inner.sync())
    }

    fn disk_usage(&self) -> Result<u64> {
        self.timed(DiskUsage, |inner| inner.disk_usage())
    }

    fn close(&self) -> Result<()> {
        self.timed(Close, |inner| inner.close())
    }
}
