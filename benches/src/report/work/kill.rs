//! A store whose writer is killed.

use std::time::Instant;

use anyhow::Result;

use crate::report::folder;
use crate::report::job::{Job, Outcome};
use crate::report::load::batch;
use crate::report::process;
use crate::report::source::Source;
use crate::report::store::{Open, Store};

const HOW: Open = Open {
    cache: persistent::config::DEFAULT_CACHE,
    durable: true,
    compress: false,
};

/// Puts `blocks` blocks, tells how many are there, and puts more, until it is killed or there are
/// twice as many; then it gives back the store, open.
pub fn fill(job: &Job, blocks: u64, tell: impl FnOnce(&Outcome) -> Result<()>) -> Result<Store> {
    let mut source = Source::new(job.seed, job.size);
    let store = Store::open(job.subject, &job.dir, HOW)?;
    let each = batch(1000, job.size) as u64;
    while source.taken() < blocks {
        let count = each.min(blocks - source.taken());
        store.put_many(&source.take(count)?)?;
    }
    let mut out = Outcome {
        stored: source.taken(),
        ..Outcome::default()
    };
    out.add("written.bytes", process::written()? as f64);
    tell(&out)?;
    while source.taken() < 2 * blocks {
        store.put_many(&source.take(1)?)?;
    }
    Ok(store)
}

/// Opens it and counts what is not there of the first `blocks`; then closes it and opens it again.
pub fn recover(job: &Job, blocks: u64) -> Result<Outcome> {
    let mut out = Outcome::default();
    let start = Instant::now();
    let store = Store::open(job.subject, &job.dir, HOW)?;
    out.add("open.killed", start.elapsed().as_secs_f64() * 1e3);
    let mut missing = 0;
    for cid in Source::names(job.seed, job.size, 0, blocks) {
        missing += u64::from(!store.has(&cid)?);
    }
    out.add("missing", missing as f64);
    // With those that were put until the kill came.
    let bytes = (store.keys()? * job.size as u64) as f64;
    store.close()?;
    out.add("disk", folder::allocated(&job.dir)? as f64 / bytes);
    out.add("written.bytes", process::written()? as f64);
    let start = Instant::now();
    let store = Store::open(job.subject, &job.dir, HOW)?;
    out.add("open.closed", start.elapsed().as_secs_f64() * 1e3);
    store.close()?;
    Ok(out)
}
