//! Puts whose system calls others count.

use anyhow::Result;

use crate::report::job::{Job, Outcome};
use crate::report::source::Source;
use crate::report::store::{Open, Store};

/// Puts `puts` blocks by `batch` into a store that has the `from` before them, and closes it.
pub fn count(job: &Job, from: u64, puts: u64, batch: usize, durable: bool) -> Result<Outcome> {
    let how = Open {
        cache: persistent::config::DEFAULT_CACHE,
        durable,
        compress: false,
    };
    let mut source = Source::starting(job.seed, job.size, from);
    let store = Store::open(job.subject, &job.dir, how)?;
    for part in source.take(puts)?.chunks(batch.max(1)) {
        store.put_many(part)?;
    }
    store.close()?;
    Ok(Outcome {
        stored: source.taken(),
        ..Outcome::default()
    })
}
