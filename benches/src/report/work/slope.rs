//! A store that grows.

use std::time::Instant;

use anyhow::Result;

use super::timed;
use crate::report::folder;
use crate::report::job::{Job, Outcome};
use crate::report::process;
use crate::report::source::Source;
use crate::report::store::{Open, Store};

/// Blocks of a batch.
const BATCH: u64 = 1000;

/// Operations that a figure is of, at most: those at the end.
const LAST: u64 = 100_000;

/// A cache that a million blocks are too many for.
const HOW: Open = Open {
    cache: persistent::config::DEFAULT_CACHE,
    durable: false,
    compress: false,
};

/// Grows the store from one number of blocks to another, closes it, opens it, and looks at it.
pub fn slope(job: &Job, from: u64, to: u64) -> Result<Outcome> {
    let mut out = Outcome::default();
    let store = Store::open(job.subject, &job.dir, HOW)?;
    let last = to.saturating_sub(LAST).max(from);
    let mut source = Source::starting(job.seed, job.size, from);
    let mut seconds = 0.0;
    while source.taken() < to {
        let counted = source.taken() >= last;
        let end = if counted { to } else { last };
        let blocks = source.take(BATCH.min(end - source.taken()))?;
        let start = Instant::now();
        store.put_many(&blocks)?;
        if counted {
            seconds += start.elapsed().as_secs_f64();
        }
    }
    out.rate("slope.put", to - last, seconds);
    store.close()?;

    // Which ones are read is not part of what is measured.
    let count = LAST.min(to);
    let picked = Source::picked(job.seed, job.size, 0, to, count);
    let absent = Source::picked(job.seed, job.size, to, to, count);
    let before = process::resident()?;
    let start = Instant::now();
    let store = Store::open(job.subject, &job.dir, HOW)?;
    out.add("slope.open", start.elapsed().as_secs_f64() * 1e3);
    let timed = timed::rate(job.load.read() * 50, &picked, |cid| {
        store.get(cid).map(drop)
    })?;
    out.rate("slope.get", timed.calls, timed.seconds);
    let timed = timed::rate(job.load.read() * 50, &absent, |cid| {
        anyhow::ensure!(!store.has(cid)?, "{cid} is there and was never put");
        Ok(())
    })?;
    out.rate("slope.absent", timed.calls, timed.seconds);
    out.add(
        "slope.memory",
        process::resident()?.saturating_sub(before) as f64,
    );
    store.close()?;
    let bytes = (to * job.size as u64) as f64;
    out.add("slope.disk", folder::allocated(&job.dir)? as f64 / bytes);
    out.stored = to;
    Ok(out)
}
