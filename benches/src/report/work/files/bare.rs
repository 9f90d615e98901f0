//! The bare engine, given the blocks that ours was given.

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use block_cid::Block;
use unixfs_car::Chunker;

use super::{Meter, bare, mib, open, warm};
use crate::blocks_of;
use crate::report::job::{Job, Outcome};
use crate::report::process;
use crate::report::store::Store;

/// Bytes of a batch, as an import has them, and of a leaf.
const BATCH: usize = 8 << 20;
const LEAF: usize = 256 << 10;

/// Bulk puts of the leaves of a file, a batch at a time, so that the process has no more memory to begin
/// with than one of ours. Reading and hashing them is not counted.
pub fn file(job: &Job, path: &Path) -> Result<Outcome> {
    let mut out = Outcome::default();
    let Some(job) = bare(job) else {
        return Ok(out);
    };
    warm(&job)?;
    let meter = Meter::new(job.size)?;
    process::forget_peak()?;
    let store = open(&job, "bare")?;
    let mut batch = Vec::new();
    let mut seconds = 0.0;
    let mut put = |batch: &mut Vec<Block>, store: &Store| -> Result<()> {
        let start = Instant::now();
        store.put_many(batch)?;
        seconds += start.elapsed().as_secs_f64();
        batch.clear();
        Ok(())
    };
    for leaf in Chunker::Size(LEAF).chunks(File::open(path)?) {
        batch.push(Block::raw(leaf?));
        if batch.len() * LEAF >= BATCH {
            put(&mut batch, &store)?;
        }
    }
    put(&mut batch, &store)?;
    out.add("files.bulk", mib(job.size) / seconds);
    out.add("memory.bulk", meter.peak()?);
    store.close()?;
    Ok(out)
}

/// The same of small files.
pub fn small(job: &Job, out: &mut Outcome, path: &Path, files: u64) -> Result<()> {
    let Some(job) = bare(job) else {
        return Ok(());
    };
    let batches = blocks_of(path)?;
    let store = open(&job, "bare")?;
    let start = Instant::now();
    batches.iter().try_for_each(|batch| store.put_many(batch))?;
    out.rate("small.bulk", files, start.elapsed().as_secs_f64());
    store.close()
}
