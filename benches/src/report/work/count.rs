//! Puts whose system calls others count.

use anyhow::Result;

use crate::report::job::{Job, Outcome};
use crate::report::source::Source;
use crate::report::store::{Open, Store};

/// What is there before: so many that nearly every folder that a store of files has is made.
const BEFORE: u64 = 4096;

/// Puts `puts` blocks by `batch` into a store that has some, and closes it.
pub fn count(job: &Job, puts: u64, batch: usize, durable: bool) -> Result<Outcome> {
    let mut source = Source::new(job.seed, job.size);
    let how = |durable| Open {
        cache: persistent::config::DEFAULT_CACHE,
        durable,
        compress: false,
    };
    let store = Store::open(job.subject, &job.dir, how(false))?;
    for part in source.take(BEFORE.min(job.load.blocks))?.chunks(1000) {
        store.put_many(part)?;
    }
    store.close()?;
    let store = Store::open(job.subject, &job.dir, how(durable))?;
    for part in source.take(puts)?.chunks(batch.max(1)) {
        store.put_many(part)?;
    }
    store.close()?;
    Ok(Outcome {
        stored: puts,
        ..Outcome::default()
    })
}
