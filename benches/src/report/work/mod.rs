//! What a worker does, one file a task.

mod beside;
mod bulk;
mod count;
mod files;
mod kill;
mod machine;
mod read;
mod slope;
mod sync;
mod timed;

use std::io::{BufRead, Write};

use anyhow::{Context, Result};

use super::job::{Job, Outcome, Task};
use super::process;
pub use files::Files;

/// Reads a job from `input`, does it, and writes what was measured to `output`.
///
/// # Errors
/// Those of the store, and of a line that is no job.
pub fn run(input: &mut dyn BufRead, output: &mut dyn Write) -> Result<()> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let job: Job = serde_json::from_str(&line).context("a worker is given one job as JSON")?;
    process::settle();
    let outcome = match job.task {
        Task::Write => bulk::write(&job)?,
        Task::Compressible => bulk::compressible(&job)?,
        Task::Read { stored } => read::read(&job, stored)?,
        Task::Beside => beside::beside(&job)?,
        Task::Sync => sync::sync(&job)?,
        Task::Fill { blocks } => {
            let store = kill::fill(&job, blocks, |outcome| answer(output, outcome))?;
            // The kill is late; what counts is that nothing is closed before it. Whoever was to
            // send it may be gone, too, and this pipe with it.
            input.read_line(&mut line)?;
            return store.close();
        }
        Task::Recover { blocks } => kill::recover(&job, blocks)?,
        Task::Count {
            from,
            puts,
            batch,
            durable,
        } => count::count(&job, from, puts, batch, durable)?,
        Task::Slope { from, to } => slope::slope(&job, from, to)?,
        Task::Machine => machine::machine(&job)?,
        Task::Files(ref work) => files::run(&job, work)?,
    };
    answer(output, &outcome)
}

fn answer(output: &mut dyn Write, outcome: &Outcome) -> Result<()> {
    serde_json::to_writer(&mut *output, outcome)?;
    writeln!(output)?;
    Ok(output.flush()?)
}
