//! The comparison report.
//!
//! ```text
//! run         rounds, and in each every subject in turn           plan, subject, load
//!   child     a process for each task of each subject             job, work, store, source
//!   strace    flushing calls, counted from outside
//! record      what report.json has                                host, versions, figure, latency
//! answers     which engine for which case, by a rule
//! files       tables of files and CARs                            peers: the programs of others
//! goals       met or not, and by how much
//! compare     what changed since another run
//! page, plot  index.html                                          markdown: report.md
//! ```
//!
//! What is compared takes part in the same noise: in each round every subject has its turn, and a
//! ratio is of figures of one round. What is shown is the median of the rounds, and how far they
//! lie apart.

mod answers;
mod args;
mod child;
mod compare;
mod figure;
mod files;
mod folder;
mod goals;
mod grid;
mod host;
mod job;
mod latency;
mod load;
mod markdown;
mod number;
mod output;
mod page;
mod peers;
mod plan;
mod plot;
mod process;
mod record;
mod run;
mod source;
mod spread;
mod store;
mod strace;
mod subject;
#[cfg(test)]
mod testing;
mod versions;
mod what;
mod work;

use std::io::{self, Write};
use std::path::Path;
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use demo::{Progress, Usage, units};

pub use args::Args;
use host::Host;
use output::Output;
use plan::Plan;
use record::{FORMAT, Record};

/// Measures what `args` say, writes the report, and says on `out` what it found.
///
/// # Errors
/// [`Usage`] for what cannot be measured, read or written to; those of a store.
pub fn report(args: &Args, out: &mut dyn Write) -> Result<()> {
    // All that may be wrong with them is said before anything is measured.
    let output = Output::open(&args.out)?;
    let old = args.compare.as_deref().map(Record::read).transpose()?;
    let other = args.with.as_deref().map(Record::read).transpose()?;
    let mut record = match &args.from {
        Some(path) => Record::read(path)?,
        None => measure(args)?,
    };
    if let Some(other) = other {
        record.join(other);
    }
    output.write(&record)?;
    output::tell(&record, out)?;
    if let Some(old) = old {
        writeln!(out, "\n{}", compare::told(&old, &record).trim_end())?;
    }
    writeln!(out, "\n{}", output.page().display())?;
    Ok(())
}

/// Does what a worker is told on stdin.
///
/// # Errors
/// Those of the store.
pub fn worker() -> Result<()> {
    work::run(&mut io::stdin().lock(), &mut io::stdout().lock())
}

fn measure(args: &Args) -> Result<Record> {
    let start = Instant::now();
    let builder = tempfile::Builder::new()
        .prefix(".report-")
        .tempdir_in(&args.dir);
    let place = builder.map_err(|error| {
        let dir = args.dir.display();
        Usage::new(format!(
            "cannot make stores in {dir}: {error}; give another place with --dir"
        ))
    })?;
    folder::spread(place.path());
    let plan = args.plan(place.path().to_owned())?;
    room(&plan)?;
    let host = Host::look(place.path())?;
    let progress = Progress::count("", Some(plan.steps()));
    let measured = run::run(&plan, &progress)?;
    drop(progress);
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    Ok(Record {
        format: FORMAT,
        date: now.split('T').next().unwrap_or_default().to_owned(),
        seconds: start.elapsed().as_secs_f64(),
        host: Host {
            load_after: host::load()?,
            ..host
        },
        versions: versions::versions()
            .into_iter()
            .chain(measured.versions)
            .collect(),
        plan,
        notes: measured.notes,
        absent: measured.absent,
        figures: measured.figures,
        latencies: measured.latencies,
    })
}

/// Refuses to begin what there is no room for.
fn room(plan: &Plan) -> Result<()> {
    let free = free(&plan.dir)?;
    ensure!(
        free >= plan.needs(),
        Usage::new(format!(
            "the stores need {} on disk, and {} are free; give another place with --dir, or measure less with --quick",
            units::bytes(plan.needs()),
            units::bytes(free),
        ))
    );
    Ok(())
}

fn free(dir: &Path) -> Result<u64> {
    let stat = rustix::fs::statvfs(dir).context("cannot ask for the free space")?;
    Ok(stat.f_bavail * stat.f_frsize)
}
