//! Ours beside the bare engine, in one process and turn by turn.
//!
//! What a wrapper costs is a few parts in a hundred, and two processes on one machine differ by
//! more. Here both are open side by side and their turns alternate, so that what disturbs one
//! disturbs the other.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use block_cid::{Block, Blockstore, Cid, put_batches};
use persistent::Kind;

use super::timed::{self, Timed};
use crate::report::job::{Job, Outcome};
use crate::report::load::batch;
use crate::report::source::{Source, stride};
use crate::report::store::{Open, Store};
use crate::report::subject::Subject;

const HOW: Open = Open {
    cache: persistent::config::DEFAULT_CACHE,
    durable: false,
    compress: false,
};

/// Turns that each has of a kind of read: an even number, so that each is as often the first.
const TURNS: u32 = 4;

/// Bytes that a batch has at most, and one of a stream that is hashed on its way.
const BATCH: usize = 4 << 20;
const STREAM_BATCH: usize = 1 << 20;

/// What is read warm has at most half of the cache.
const WARM: u64 = HOW.cache / 2;

/// Calls, and the seconds that they took together.
#[derive(Clone, Copy, Default)]
struct Sum {
    calls: u64,
    seconds: f64,
}

impl Sum {
    fn add(&mut self, timed: Timed) {
        self.calls += timed.calls;
        self.seconds += timed.seconds;
    }

    /// Adds the time of `work`, which is so many calls.
    fn time(&mut self, calls: u64, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let start = Instant::now();
        work()?;
        let seconds = start.elapsed().as_secs_f64();
        self.add(Timed { calls, seconds });
        Ok(())
    }

    /// Seconds of a call.
    fn each(self) -> f64 {
        self.seconds / self.calls.max(1) as f64
    }
}

/// One store of each.
struct Pair {
    ours: Store,
    bare: Store,
}

impl Pair {
    fn open(job: &Job, kind: Kind) -> Result<Pair> {
        let open = |subject, name| {
            let dir = job.dir.join(name);
            fs::create_dir_all(&dir)?;
            Store::open(subject, &dir, HOW)
        };
        Ok(Pair {
            ours: open(Subject::Ours(kind), "ours")?,
            bare: open(Subject::Raw(kind), "bare")?,
        })
    }

    fn close(self) -> Result<()> {
        self.ours.close()?;
        self.bare.close()
    }
}

/// How quick ours is as a part of how quick the bare engine is: puts, gets, and `has` of what is absent.
pub fn beside(job: &Job) -> Result<Outcome> {
    let Some(kind) = job.subject.ours() else {
        bail!("{} is no engine of ours", job.subject);
    };
    let mut out = Outcome::default();
    let mut source = Source::new(job.seed, job.size);
    let pair = Pair::open(job, kind)?;
    puts(job, &mut out, &pair, &mut source)?;
    stream(job, &mut out, &pair, &mut source)?;
    pair.close()?;
    let pair = Pair::open(job, kind)?;
    reads(job, &mut out, &pair, source.taken())?;
    pair.close()?;
    Ok(out)
}

/// Calls both, and the second first in every other turn.
fn both(
    turn: u32,
    ours: impl FnOnce() -> Result<()>,
    bare: impl FnOnce() -> Result<()>,
) -> Result<()> {
    if turn.is_multiple_of(2) {
        ours()?;
        bare()
    } else {
        bare()?;
        ours()
    }
}

/// A batch of a thousand, of blocks that are trusted.
fn puts(job: &Job, out: &mut Outcome, pair: &Pair, source: &mut Source) -> Result<()> {
    let each = batch(1000, job.size).min((BATCH / job.size).max(1)) as u64;
    let (mut ours, mut bare) = (Sum::default(), Sum::default());
    let all = (job.load.count(job.size) / 2).max(each);
    let limit = job.load.put().as_secs_f64() * 4.0;
    let mut turn = 0;
    while (source.taken() < all && ours.seconds + bare.seconds < limit) || turn % 2 == 1 {
        let blocks = source.take(each)?;
        both(
            turn,
            || ours.time(each, || pair.ours.put_many(&blocks)),
            || bare.time(each, || pair.bare.put_many(&blocks)),
        )?;
        turn += 1;
    }
    out.add("beside.put", bare.each() / ours.each());
    Ok(())
}

/// Batches of blocks that have to be hashed, the next while the last is written. As quick as that can be
/// is the slower of the bare engine and the hash.
fn stream(job: &Job, out: &mut Outcome, pair: &Pair, source: &mut Source) -> Result<()> {
    let each = batch(256, job.size).min((STREAM_BATCH / job.size).max(1));
    // The first batch is hashed while nothing is written, and should not count for much.
    let long = each as u64 * (job.load.blocks / 256).clamp(4, 32);
    let (mut ours, mut bare, mut hash) = (Sum::default(), Sum::default(), Sum::default());
    let all = source.taken() + job.load.count(job.size) / 2;
    let limit = job.load.put().as_secs_f64() * 4.0;
    let Some(store) = pair.ours.ours() else {
        bail!("{} is no store of ours", job.subject);
    };
    let mut turn = 0;
    while (source.taken() < all && ours.seconds + bare.seconds < limit) || turn % 2 == 1 {
        let blocks = source.take(long)?;
        let count = blocks.len() as u64;
        let claim = |block: &Block| Block::claimed(*block.cid(), block.data().clone());
        let claimed: Vec<Vec<Block>> = blocks
            .chunks(each)
            .map(|part| part.iter().map(claim).collect())
            .collect();
        both(
            turn,
            || {
                ours.time(count, || {
                    Ok(put_batches(store, claimed.into_iter()).map(drop)?)
                })
            },
            || {
                let mut parts = blocks.chunks(each);
                bare.time(count, || {
                    parts.try_for_each(|part| pair.bare.put_many(part))
                })?;
                hash.time(count, || {
                    blocks.iter().for_each(hashed);
                    Ok(())
                })
            },
        )?;
        turn += 1;
    }
    out.add(
        "beside.put.hash",
        bare.each().max(hash.each()) / ours.each(),
    );
    Ok(())
}

/// Gets of what is cached, without and with the hash, and `has` of what is not there.
fn reads(job: &Job, out: &mut Outcome, pair: &Pair, stored: u64) -> Result<()> {
    let few = (WARM / job.size as u64).clamp(1, stored);
    let names = Source::names(job.seed, job.size, 0, few);
    let Some(plain) = pair.ours.unproven() else {
        bail!("{} is no store of ours", job.subject);
    };
    let mut blocks = Vec::new();
    for cid in &names {
        let len = pair.bare.get(cid)?;
        ensure!(len == job.size, "the bare engine lost {cid}");
        blocks.extend(plain.get(cid)?);
    }
    ensure!(blocks.len() == names.len(), "ours lost a block");
    let limit = job.load.read() / TURNS;
    let picked = || stride(few).filter_map(|at| names.get(at as usize));
    let (mut ours, mut bare) = (Sum::default(), Sum::default());
    for turn in 0..TURNS {
        both(
            turn,
            || {
                let get = |cid: &Cid| Ok(plain.get(cid).map(drop)?);
                ours.add(timed::rate(limit, picked(), get)?);
                Ok(())
            },
            || {
                bare.add(timed::rate(limit, picked(), |cid| {
                    pair.bare.get(cid).map(drop)
                })?);
                Ok(())
            },
        )?;
    }
    out.add("beside.get", bare.each() / ours.each());

    let (mut ours, mut bare, mut hash) = (Sum::default(), Sum::default(), Sum::default());
    for turn in 0..TURNS {
        both(
            turn,
            || {
                ours.add(timed::rate(limit, picked(), |cid| {
                    pair.ours.get(cid).map(drop)
                })?);
                Ok(())
            },
            || {
                bare.add(timed::rate(limit, picked(), |cid| {
                    pair.bare.get(cid).map(drop)
                })?);
                let picked = stride(few).filter_map(|at| blocks.get(at as usize));
                hash.add(timed::rate(limit, picked, |block| {
                    hashed(block);
                    Ok(())
                })?);
                Ok(())
            },
        )?;
    }
    out.add("beside.get.hash", (bare.each() + hash.each()) / ours.each());

    // Of another seed: neither has them.
    let absent = Source::names(!job.seed, job.size.min(256), 0, stored.clamp(64, 4096));
    let (mut ours, mut bare) = (Sum::default(), Sum::default());
    for turn in 0..TURNS {
        let has = |store: &Store| {
            timed::rate(limit, absent.iter().cycle(), |cid| {
                ensure!(!store.has(cid)?, "{cid} is there and was never put");
                Ok(())
            })
        };
        both(
            turn,
            || {
                ours.add(has(&pair.ours)?);
                Ok(())
            },
            || {
                bare.add(has(&pair.bare)?);
                Ok(())
            },
        )?;
    }
    out.add("beside.has", bare.each() / ours.each());
    Ok(())
}

fn hashed(block: &Block) {
    black_box(block_cid::hash::sha2_256(block.data()));
}
