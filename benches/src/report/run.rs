//! The run: rounds, and in each every subject in turn.

mod files;
mod others;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use demo::Progress;
use tempfile::TempDir;

use super::child::{self, Worker};
use super::figure::Figures;
use super::job::{Job, Outcome, Task};
use super::latency::{Calls, Latency};
use super::number;
use super::plan::{LARGE, Plan};
use super::strace;
use super::subject::Subject;

/// What was measured.
#[derive(Default)]
pub struct Measured {
    /// All figures.
    pub figures: Figures,
    /// All distributions.
    pub latencies: Vec<Latency>,
    /// What could not be measured, and why.
    pub notes: Vec<String>,
    /// Who was not there to be measured, and why.
    pub absent: BTreeMap<String, String>,
    /// Versions of programs that were.
    pub versions: BTreeMap<String, String>,
}

/// Puts whose flushing calls are counted, and three times as many.
const PUTS: u64 = 100;

/// Calls of each subject, size and name, by round.
type AllCalls = BTreeMap<(String, u64, String), Vec<Calls>>;

struct Run<'a> {
    plan: &'a Plan,
    start: Instant,
    progress: &'a Progress,
    figures: Figures,
    calls: AllCalls,
    notes: Vec<String>,
    absent: BTreeMap<String, String>,
    versions: BTreeMap<String, String>,
}

/// Does what `plan` says.
pub fn run(plan: &Plan, progress: &Progress) -> Result<Measured> {
    let mut run = Run {
        plan,
        start: Instant::now(),
        progress,
        figures: Figures::default(),
        calls: AllCalls::new(),
        notes: Vec::new(),
        absent: BTreeMap::new(),
        versions: BTreeMap::new(),
    };
    if plan.stores {
        run.stores()?;
    }
    run.files()?;
    let latency = |((subject, size, what), rounds): (&(String, u64, String), &Vec<Calls>)| {
        Latency::of(subject, *size, what, rounds).transpose()
    };
    let latencies: Result<Vec<Latency>> = run.calls.iter().filter_map(latency).collect();
    Ok(Measured {
        figures: run.figures,
        latencies: latencies?,
        notes: run.notes,
        absent: run.absent,
        versions: run.versions,
    })
}

impl Run<'_> {
    /// The rounds, and what is measured once.
    fn stores(&mut self) -> Result<()> {
        for round in 0..self.plan.rounds {
            let spent = self.start.elapsed();
            if round > 0 && spent + spent / round as u32 > self.plan.limit {
                self.notes.push(format!(
                    "after {round} of {} rounds the time was over: another would not have fitted",
                    self.plan.rounds
                ));
                break;
            }
            self.round(round)?;
        }
        self.flushes()?;
        self.large()?;
        self.slope()
    }

    /// Every subject at every size. Those that are compared come one after the other.
    fn round(&mut self, round: usize) -> Result<()> {
        for &size in &self.plan.sizes {
            if self.start.elapsed() > self.plan.limit {
                let size = number::size(size as u64);
                self.notes.push(format!(
                    "this machine is slow, or busy: in round {} the time was over before blocks of {size}",
                    round + 1
                ));
                return Ok(());
            }
            let machine = self.job(Subject::Machine, size, round, Task::Machine);
            let dir = self.folder()?;
            self.one(round, machine, dir.path())?;
            self.progress.add(1);
            // Each round begins with another one, so that none is always the first.
            let mut subjects = self.plan.subjects.clone();
            let count = subjects.len().max(1);
            subjects.rotate_left(round % count);
            for subject in subjects {
                self.say(subject, size, round);
                self.subject(subject, size, round)?;
                self.progress.add(1);
            }
        }
        let size = self.plan.middle();
        for subject in self.on_disk() {
            self.say(subject, size, round);
            let dir = self.folder()?;
            let job = self.job(subject, size, round, Task::Compressible);
            self.one(round, job, dir.path())?;
            let blocks = self.plan.load.killed_bytes / size as u64;
            let found = self.killed(subject, size, round, blocks)?;
            for what in ["open.killed", "missing"] {
                if let Some(value) = found.figures.get(what) {
                    self.figures.add(subject, size as u64, what, round, *value);
                }
            }
            self.progress.add(1);
        }
        Ok(())
    }

    fn subject(&mut self, subject: Subject, size: usize, round: usize) -> Result<()> {
        if let Some(kind) = subject.ours()
            && self.plan.subjects.contains(&Subject::Raw(kind))
        {
            let dir = self.folder()?;
            let beside = self.job(subject, size, round, Task::Beside);
            self.one(round, beside, dir.path())?;
        }
        let dir = self.folder()?;
        let written = self.job(subject, size, round, Task::Write);
        let stored = self.one(round, written, dir.path())?.stored;
        let read = self.job(subject, size, round, Task::Read { stored });
        self.one(round, read, dir.path())?;
        if subject.is_on_disk() {
            let dir = self.folder()?;
            let sync = self.job(subject, size, round, Task::Sync);
            self.one(round, sync, dir.path())?;
        }
        Ok(())
    }

    /// Has a worker do the job in `dir`, and keeps what it measured.
    fn one(&mut self, round: usize, mut job: Job, dir: &Path) -> Result<Outcome> {
        dir.clone_into(&mut job.dir);
        self.settle()?;
        let outcome = child::run(&job)?;
        let size = job.size as u64;
        for (what, value) in &outcome.figures {
            self.figures.add(job.subject, size, what, round, *value);
        }
        for (what, calls) in &outcome.calls {
            let place = (job.subject.to_string(), size, what.clone());
            self.calls.entry(place).or_default().push(calls.clone());
        }
        Ok(outcome)
    }

    /// Has the disk do what the one before left it to do, so that nobody pays for another.
    fn settle(&self) -> Result<()> {
        let dir = File::open(&self.plan.dir)?;
        Ok(rustix::fs::syncfs(dir)?)
    }

    /// Kills a writer that has acknowledged so many blocks; what is found then.
    fn killed(&self, subject: Subject, size: usize, round: usize, blocks: u64) -> Result<Outcome> {
        let dir = self.folder()?;
        let mut job = self.job(subject, size, round, Task::Fill { blocks });
        dir.path().clone_into(&mut job.dir);
        let mut worker = Worker::start(&[])?;
        let filled = worker.ask(&job)?;
        worker.kill()?;
        let blocks = filled.stored;
        job.task = Task::Recover { blocks };
        let mut found = child::run(&job)?;
        let both = [&filled, &found].map(|outcome| outcome.figures.get("written.bytes"));
        let bytes: f64 = both.into_iter().flatten().sum();
        found.add("written", bytes / (blocks * size as u64) as f64);
        Ok(found)
    }

    /// The large store of each engine of ours.
    fn large(&mut self) -> Result<()> {
        let Some((bytes, times)) = self.plan.gib else {
            return Ok(());
        };
        if self.start.elapsed() > self.plan.limit {
            self.notes
                .push("the store of 1 GiB is not measured: the time was over".to_owned());
            return Ok(());
        }
        for round in 0..times {
            for subject in self.on_disk().into_iter().filter(|s| s.ours().is_some()) {
                self.say(subject, LARGE, round);
                let found = self.killed(subject, LARGE, round, bytes / LARGE as u64)?;
                for (from, to) in [
                    ("open.killed", "open.gib.killed"),
                    ("open.closed", "open.gib"),
                    ("disk", "disk.gib"),
                    ("written", "written.gib"),
                    ("missing", "missing"),
                ] {
                    if let Some(value) = found.figures.get(from) {
                        self.figures.add(subject, LARGE as u64, to, round, *value);
                    }
                }
                self.progress.add(1);
            }
        }
        Ok(())
    }

    /// System calls, once: their number does not depend on the noise.
    fn flushes(&mut self) -> Result<()> {
        if self.start.elapsed() > self.plan.limit {
            let why = "flushing calls are not measured: the time was over";
            self.notes.push(why.to_owned());
            return Ok(());
        }
        if !strace::is_there() {
            let why = "flushing calls are not measured: strace is not installed, or may not trace";
            self.notes.push(why.to_owned());
            return Ok(());
        }
        // So many that a store of files has made nearly every folder that it is going to have.
        let before = self.plan.load.blocks.min(4096);
        let size = self.plan.middle();
        for subject in self.on_disk() {
            self.say(subject, size, 0);
            let dir = self.folder()?;
            let job = |from, puts, batch, durable| {
                let task = Task::Count {
                    from,
                    puts,
                    batch,
                    durable,
                };
                let mut job = self.job(subject, size, 0, task);
                dir.path().clone_into(&mut job.dir);
                job
            };
            let mut there = child::run(&job(0, before, 1000, false))?.stored;
            let mut found = Vec::new();
            for (what, batch) in [("fsync.batch.100", 100), ("fsync.each.1", 1)] {
                let mut count = |puts| {
                    let job = job(there, puts, batch, true);
                    there += puts;
                    strace::count(&job, dir.path())
                };
                // Of a few puts more and less: what an open and a close take is in both.
                let (few, all) = (count(PUTS)?, count(3 * PUTS)?);
                let calls = all.saturating_sub(few) as f64 * 1e3 / (2 * PUTS) as f64;
                found.push((what, calls));
            }
            for (what, calls) in found {
                self.figures.add(subject, size as u64, what, 0, calls);
            }
            self.progress.add(1);
        }
        Ok(())
    }

    /// Stores that grow, once: there are as many operations in it as in many rounds.
    fn slope(&mut self) -> Result<()> {
        const SIZE: usize = 256;
        if self.plan.slope.is_empty() {
            return Ok(());
        }
        for subject in self.plan.growing() {
            let dir = self.folder()?;
            let mut from = 0;
            for &to in &self.plan.slope {
                let blocks = demo::units::count(to);
                self.progress.say(&format!("{blocks} blocks, {subject}"));
                let mut job = self.job(subject, SIZE, 0, Task::Slope { from, to });
                dir.path().clone_into(&mut job.dir);
                for (what, value) in child::run(&job)?.figures {
                    self.figures.add(subject, to, &what, 0, value);
                }
                self.progress.add(1);
                from = to;
            }
        }
        Ok(())
    }

    fn on_disk(&self) -> Vec<Subject> {
        let all = self.plan.subjects.iter().copied();
        all.filter(|subject| subject.is_on_disk()).collect()
    }

    fn say(&self, subject: Subject, size: usize, round: usize) {
        let (round, of) = (round + 1, self.plan.rounds);
        let size = number::size(size as u64);
        self.progress
            .say(&format!("round {round} of {of}, {size}, {subject}"));
    }

    fn folder(&self) -> Result<TempDir> {
        let builder = tempfile::Builder::new()
            .prefix("store-")
            .tempdir_in(&self.plan.dir);
        builder.with_context(|| format!("cannot make a folder in {}", self.plan.dir.display()))
    }

    fn job(&self, subject: Subject, size: usize, round: usize, task: Task) -> Job {
        Job {
            subject,
            dir: self.plan.dir.clone(),
            size,
            seed: (round * 1_000_003 + size) as u64,
            load: self.plan.load,
            task,
        }
    }
}
