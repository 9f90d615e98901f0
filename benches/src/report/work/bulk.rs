//! Bulk puts into a new store, not flushed.

use anyhow::Result;
use block_cid::Block;

use super::timed;
use crate::report::folder;
use crate::report::job::{Job, Outcome};
use crate::report::latency::Recorder;
use crate::report::load::batch;
use crate::report::process;
use crate::report::source::{self, Source};
use crate::report::store::{Open, Store};

/// Bytes for the cache of each store that is written to: the default of ours.
const HOW: Open = Open {
    cache: persistent::config::DEFAULT_CACHE,
    durable: false,
    compress: false,
};

/// Batches of a thousand, of a hundred, then blocks one by one.
pub fn write(job: &Job) -> Result<Outcome> {
    let mut out = Outcome::default();
    let mut source = Source::new(job.seed, job.size);
    let all = job.load.count(job.size);
    let parts = [
        ("put.none.1000", 1000, all / 2),
        ("put.none.100", 100, all / 4),
        ("put.none.1", 1, all / 4),
    ];
    let io = process::written()?;
    let mut store = None;
    for (what, wanted, count) in parts {
        let blocks = source.take(count.max(1))?;
        let before = process::resident()?;
        process::forget_peak()?;
        let first = store.is_none();
        let store = match &mut store {
            Some(store) => store,
            none => none.insert(Store::open(job.subject, &job.dir, HOW)?),
        };
        let each = batch(wanted, job.size);
        let mut put = 0;
        let mut recorder = Recorder::new()?;
        let timed = timed::each(
            job.load.put() * 4,
            blocks.chunks(each),
            &mut recorder,
            |part| {
                put += part.len() as u64;
                store.put_many(part)
            },
        )?;
        out.rate(what, put, timed.seconds);
        if each == 1 {
            out.calls.insert(what.to_owned(), recorder.calls());
        }
        if first {
            let peak = process::peak()?.saturating_sub(before);
            out.add("memory.put", peak as f64);
        }
        source.give_back(blocks.len() as u64 - put);
    }
    if let Some(store) = store {
        store.close()?;
    }
    out.stored = source.taken();
    let bytes = (out.stored * job.size as u64) as f64;
    if job.subject.is_on_disk() {
        out.add("written", (process::written()? - io) as f64 / bytes);
        out.add("disk", folder::of_blocks(&job.dir)? as f64 / bytes);
    }
    Ok(out)
}

/// What data that compresses takes on disk.
pub fn compressible(job: &Job) -> Result<Outcome> {
    let mut out = Outcome::default();
    let count = job.load.count(job.size) / 4 + 1;
    let how = Open {
        compress: true,
        ..HOW
    };
    let store = Store::open(job.subject, &job.dir, how)?;
    let blocks = |n| source::compressible(job.seed, n, job.size);
    let all: Vec<Block> = (0..count).map(blocks).collect();
    for part in all.chunks(batch(100, job.size)) {
        store.put_many(part)?;
    }
    // What the engine still has in memory it may write in another form: ours are asked to finish.
    store.compact()?;
    store.close()?;
    let bytes = (count * job.size as u64) as f64;
    out.add(
        "disk.compressible",
        folder::of_blocks(&job.dir)? as f64 / bytes,
    );
    Ok(out)
}
