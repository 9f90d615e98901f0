//! Reads, scans and deletes in a store that was closed.

use std::time::Instant;

use anyhow::{Result, ensure};
use block_cid::{Blocks, Blockstore, Cid};
use persistent::wrappers::Bloom;

use super::timed;
use crate::report::folder;
use crate::report::job::{Job, Outcome};
use crate::report::latency::Recorder;
use crate::report::load::batch;
use crate::report::process;
use crate::report::source::{Source, stride};
use crate::report::store::{Open, Store};

/// What is read warm has at most half of the cache.
const CACHE: u64 = persistent::config::DEFAULT_CACHE;
const WARM: u64 = CACHE / 2;

/// Cold reads have a cache that is this part of the data.
const COLD: u64 = 8;

fn open(job: &Job, cache: u64) -> Result<Store> {
    let how = Open {
        cache,
        durable: false,
        compress: false,
    };
    Store::open(job.subject, &job.dir, how)
}

pub fn read(job: &Job, stored: u64) -> Result<Outcome> {
    let mut out = Outcome::default();
    let bytes = stored * job.size as u64;
    let names = Source::names(job.seed, job.size, 0, stored);
    let before = process::resident()?;

    let store = if job.subject.is_on_disk() {
        let start = Instant::now();
        open(job, CACHE)?.close()?;
        out.add("open.closed", start.elapsed().as_secs_f64() * 1e3);
        folder::forget(&job.dir)?;
        let store = open(job, (bytes / COLD).max(1 << 20))?;
        cold(job, &mut out, &store, &names)?;
        store.close()?;
        open(job, CACHE)?
    } else {
        let store = open(job, CACHE)?;
        for part in Source::new(job.seed, job.size)
            .take(stored)?
            .chunks(batch(1000, job.size))
        {
            store.put_many(part)?;
        }
        store
    };
    let few = (WARM / job.size as u64).clamp(1, stored) as usize;
    warm(job, &mut out, &store, names.get(..few).unwrap_or(&names))?;
    if job.subject.is_on_disk() {
        let rest = process::resident()?.saturating_sub(before);
        out.add("memory.rest", rest as f64);
    }
    absent(job, &mut out, &store, stored)?;
    let added = mixed(job, &mut out, &store, &names)?;
    scan(&mut out, &store, stored + added)?;
    delete(job, &mut out, store, &names, added)?;
    Ok(out)
}

/// Places of all names, in an order that is none.
fn places(names: &[Cid]) -> impl Iterator<Item = usize> + use<> {
    stride(names.len() as u64).map(|place| place as usize)
}

fn cold(job: &Job, out: &mut Outcome, store: &Store, names: &[Cid]) -> Result<()> {
    let mut recorder = Recorder::new()?;
    // None twice, or it would be cached.
    let once = places(names).take(names.len());
    let picked = once.filter_map(|at| names.get(at));
    let timed = timed::each(job.load.read(), picked, &mut recorder, |cid| {
        sized(store.get(cid)?, job)
    })?;
    out.rate("get.cold", timed.calls, timed.seconds);
    out.calls.insert("get.cold".to_owned(), recorder.calls());
    Ok(())
}

fn warm(job: &Job, out: &mut Outcome, store: &Store, names: &[Cid]) -> Result<()> {
    for cid in names {
        sized(store.get(cid)?, job)?;
    }
    let picked = || places(names).filter_map(|at| names.get(at));
    let timed = timed::rate(job.load.read(), picked(), |cid| sized(store.get(cid)?, job))?;
    out.rate("get.warm", timed.calls, timed.seconds);
    let mut recorder = Recorder::new()?;
    timed::each(job.load.read() / 2, picked(), &mut recorder, |cid| {
        sized(store.get(cid)?, job)
    })?;
    out.calls.insert("get.warm".to_owned(), recorder.calls());
    if let Some(store) = store.unproven() {
        let timed = timed::rate(job.load.read(), picked(), |cid| {
            sized(store.get(cid)?.map_or(0, |block| block.len()), job)
        })?;
        out.rate("get.unproven", timed.calls, timed.seconds);
    }
    Ok(())
}

fn sized(len: usize, job: &Job) -> Result<()> {
    ensure!(
        len == job.size,
        "a block of {} bytes came back with {len}",
        job.size
    );
    Ok(())
}

fn absent(job: &Job, out: &mut Outcome, store: &Store, stored: u64) -> Result<()> {
    // Of another seed: no store has them.
    let names = Source::names(!job.seed, job.size.min(256), 0, stored.clamp(64, 4096));
    let limit = job.load.read();
    let timed = timed::rate(limit, names.iter().cycle(), |cid| {
        there(!store.has(cid)?, cid)
    })?;
    out.rate("has.absent", timed.calls, timed.seconds);
    if let Some(ours) = store.ours() {
        let bloom = Bloom::new(ours.store());
        bloom.build(stored)?.finish()?;
        let filtered = Blocks::new(&bloom);
        let timed = timed::rate(limit, names.iter().cycle(), |cid| {
            there(!filtered.has(cid)?, cid)
        })?;
        out.rate("has.bloom", timed.calls, timed.seconds);
    }
    Ok(())
}

fn there(right: bool, cid: &Cid) -> Result<()> {
    ensure!(right, "{cid} is there and was never put");
    Ok(())
}

/// Four gets, then a put; how many blocks that put.
fn mixed(job: &Job, out: &mut Outcome, store: &Store, names: &[Cid]) -> Result<u64> {
    let mut source = Source::new(job.seed.wrapping_add(1 << 32), job.size);
    let blocks = source.take((job.load.count(job.size) / 4).max(1))?;
    let mut picked = places(names).filter_map(|at| names.get(at));
    let mut put = 0;
    let timed = timed::batches(job.load.read() * 2, &blocks, |block| {
        for cid in picked.by_ref().take(4) {
            sized(store.get(cid)?, job)?;
        }
        put += 1;
        store.put_many(std::slice::from_ref(block))
    })?;
    out.rate("mixed", timed.calls * 5, timed.seconds);
    Ok(put)
}

fn scan(out: &mut Outcome, store: &Store, count: u64) -> Result<()> {
    let start = Instant::now();
    Store::expect(store.keys()?, count, "a list of the keys")?;
    out.rate("scan.keys", count, start.elapsed().as_secs_f64());
    let start = Instant::now();
    Store::expect(store.values()?, count, "a scan of the blocks")?;
    out.rate("scan.blocks", count, start.elapsed().as_secs_f64());
    Ok(())
}

/// Every second block goes.
fn delete(job: &Job, out: &mut Outcome, store: Store, names: &[Cid], added: u64) -> Result<()> {
    let half: Vec<&Cid> = names.iter().step_by(2).collect();
    let start = Instant::now();
    for cid in &half {
        store.delete(cid)?;
    }
    out.rate("delete", half.len() as u64, start.elapsed().as_secs_f64());
    let left = (names.len() - half.len()) as u64 + added;
    Store::expect(store.keys()?, left, "a list after the deletes")?;
    let compacted = store.compact()?;
    store.close()?;
    if compacted && job.subject.is_on_disk() && left > 0 {
        let bytes = (left * job.size as u64) as f64;
        out.add("disk.deleted", folder::of_blocks(&job.dir)? as f64 / bytes);
    }
    Ok(())
}
