//! Calls until their time is over.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::report::latency::Recorder;

/// How many calls there were, and in how many seconds.
pub struct Timed {
    pub calls: u64,
    pub seconds: f64,
}

/// Calls `call` with each item until `limit` is over or there are no more. The clock is looked at
/// after each sixteenth only, so that it costs nothing where a call takes nanoseconds.
pub fn rate<T>(
    limit: Duration,
    items: impl IntoIterator<Item = T>,
    call: impl FnMut(T) -> Result<()>,
) -> Result<Timed> {
    by(16, limit, items, call)
}

/// The same of calls that take long, such as those of a batch: none begins after the limit.
pub fn batches<T>(
    limit: Duration,
    items: impl IntoIterator<Item = T>,
    call: impl FnMut(T) -> Result<()>,
) -> Result<Timed> {
    by(1, limit, items, call)
}

fn by<T>(
    look: u64,
    limit: Duration,
    items: impl IntoIterator<Item = T>,
    mut call: impl FnMut(T) -> Result<()>,
) -> Result<Timed> {
    let start = Instant::now();
    let mut calls = 0;
    for item in items {
        call(item)?;
        calls += 1;
        if calls % look == 0 && start.elapsed() >= limit {
            break;
        }
    }
    Ok(Timed {
        calls,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The same, with a look at the clock around each call.
pub fn each<T>(
    limit: Duration,
    items: impl IntoIterator<Item = T>,
    recorder: &mut Recorder,
    mut call: impl FnMut(T) -> Result<()>,
) -> Result<Timed> {
    let start = Instant::now();
    let mut calls = 0;
    for item in items {
        let before = Instant::now();
        call(item)?;
        recorder.record(before.elapsed().as_nanos());
        calls += 1;
        if start.elapsed() >= limit {
            break;
        }
    }
    Ok(Timed {
        calls,
        seconds: start.elapsed().as_secs_f64(),
    })
}
