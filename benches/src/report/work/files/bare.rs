//! The bare engine, given the blocks that ours was given.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use super::{Meter, bare, open};
use crate::blocks_of;
use crate::report::job::{Job, Outcome};

/// Bulk puts of the blocks of a file.
pub fn file(job: &Job, out: &mut Outcome, path: &Path) -> Result<()> {
    let Some(job) = bare(job) else {
        return Ok(());
    };
    let batches = blocks_of(path)?;
    let meter = Meter::new(job.size)?;
    let store = open(&job, "bare")?;
    meter.time(out, "bulk", || {
        batches.iter().try_for_each(|batch| store.put_many(batch))
    })?;
    store.close()
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
