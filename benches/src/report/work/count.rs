//! Puts whose system calls others count.

use anyhow::Result;

use crate::report::job::{Job, Outcome};
use crate::report::source::Source;
use crate::report::store::{Open, Store};

/// Puts `puts` blocks by `batch` and closes the store.
pub fn count(job: &Job, puts: u64, batch: usize, durable: bool) -> Result<Outcome> {
    let mut source = Source::new(job.seed, job.size);
    let how = Open {
        cache: persistent::config::DEFAULT_CACHE,
        durable,
        compress: false,
    };
    let store = Store::open(job.subject, &job.dir, how)?;
    for part in source.take(puts)?.chunks(batch.max(1)) {
        store.put_many(part)?;
    }
    store.close()?;
    Ok(Outcome {
        stored: puts,
        ..Outcome::default()
    })
}
