//! Puts that are on disk when they return.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use block_cid::Block;

use super::timed;
use crate::report::job::{Job, Outcome};
use crate::report::latency::Recorder;
use crate::report::load::batch;
use crate::report::source::Source;
use crate::report::store::{Open, Store};

/// Threads that put at once.
const WRITERS: usize = 64;

/// Puts that each of them makes however long they take: the first of all finds nobody to share with.
const LEAST: usize = 4;

pub fn sync(job: &Job) -> Result<Outcome> {
    let mut out = Outcome::default();
    let mut source = Source::new(job.seed, job.size);
    let how = Open {
        cache: persistent::config::DEFAULT_CACHE,
        durable: true,
        compress: false,
    };
    let store = Store::open(job.subject, &job.dir, how)?;
    let all = job.load.count(job.size);
    // The first makes the folders that a store of files has; it is not counted.
    for (what, wanted) in [
        (None, 256),
        (Some("put.batch.1000"), 1000),
        (Some("put.batch.100"), 100),
        (Some("put.batch.64"), 64),
    ] {
        let each = batch(wanted, job.size);
        let blocks = source.take(all.min(8 * each as u64))?;
        let mut put = 0;
        let timed = timed::batches(job.load.put(), blocks.chunks(each), |part| {
            put += part.len() as u64;
            store.put_many(part)
        })?;
        if let Some(what) = what {
            out.rate(what, put, timed.seconds);
        }
        source.give_back(blocks.len() as u64 - put);
    }
    one(job, &mut out, &store, &source.take(all)?)?;
    many(
        job,
        &mut out,
        &store,
        &source.take(all.max((LEAST * WRITERS) as u64))?,
    )?;
    if store.ours().is_some() {
        out.add("hand-off", crate::hand_off(1000));
    }
    store.close()?;
    Ok(out)
}

fn one(job: &Job, out: &mut Outcome, store: &Store, blocks: &[Block]) -> Result<()> {
    let mut recorder = Recorder::new()?;
    let timed = timed::each(job.load.put(), blocks, &mut recorder, |block| {
        store.put_many(std::slice::from_ref(block))
    })?;
    out.rate("put.each.1", timed.calls, timed.seconds);
    out.calls.insert("put.each.1".to_owned(), recorder.calls());
    Ok(())
}

fn many(job: &Job, out: &mut Outcome, store: &Store, blocks: &[Block]) -> Result<()> {
    let commits = || store.ours().map(|ours| ours.store().commits());
    let before = commits();
    let start = Instant::now();
    let writer = |part: &[Block]| -> Result<(u64, Recorder)> {
        let mut recorder = Recorder::new()?;
        let put = |block: &Block| store.put_many(std::slice::from_ref(block));
        let (first, rest) = part.split_at(LEAST.min(part.len()));
        let first = timed::each(Duration::MAX, first, &mut recorder, put)?;
        let left = job.load.put().saturating_sub(start.elapsed());
        let rest = match left.is_zero() {
            true => 0,
            false => timed::each(left, rest, &mut recorder, put)?.calls,
        };
        Ok((first.calls + rest, recorder))
    };
    let ends: Vec<_> = thread::scope(|scope| {
        let writer = &writer;
        let parts = blocks.chunks(blocks.len() / WRITERS);
        let threads: Vec<_> = parts
            .take(WRITERS)
            .map(|part| scope.spawn(move || writer(part)))
            .collect();
        threads.into_iter().map(|thread| thread.join()).collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    let (mut puts, mut all) = (0, Recorder::new()?);
    for end in ends {
        let (calls, recorder) = end.ok().context("a writer panicked")??;
        puts += calls;
        all.merge(&recorder)?;
    }
    out.rate("put.each.64", puts, seconds);
    out.calls.insert("put.each.64".to_owned(), all.calls());
    if let (Some(before), Some(after)) = (before, commits()) {
        out.add(
            "commits.each.64",
            (after - before) as f64 * 1e3 / puts.max(1) as f64,
        );
    }
    Ok(())
}
