//! Files and CARs: every engine, the limits, and the programs of others.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use demo::units;

use super::Run;
use super::others::{Peers, same};
use crate::report::job::{Outcome, Task};
use crate::report::number;
use crate::report::plan;
use crate::report::subject::Subject;
use crate::report::work::Files;

/// A file and its CAR.
pub(super) struct Input {
    pub(super) file: PathBuf,
    pub(super) car: PathBuf,
    pub(super) root: String,
    pub(super) size: usize,
}

impl Run<'_> {
    /// Does all of it, once before anything is repeated, so that a slow machine has a figure of each.
    pub(super) fn files(&mut self) -> Result<()> {
        let Some(plan) = self.plan.files else {
            return Ok(());
        };
        let start = Instant::now();
        let time_is_over = || start.elapsed() > Duration::from_millis(plan.ms);
        let place = self.folder()?;
        let peers = self.peers();
        let middle = self.input(&place.path().join("middle"), plan.bytes)?;
        self.file(0, &middle)?;
        self.others(0, &middle, &peers)?;
        self.small(plan, &place.path().join("small"), &peers)?;
        self.memory(plan)?;
        let large = match (plan.large, self.fastest(plan.bytes)) {
            (Some(bytes), Some(fastest)) if !time_is_over() => {
                let input = self.input(&place.path().join("large"), bytes)?;
                self.limits(0, &input)?;
                self.engine(0, fastest, &input)?;
                Some((input, fastest))
            }
            _ => None,
        };
        for round in 1..plan.rounds {
            if time_is_over() {
                self.notes.push(format!(
                    "files and CARs: after {round} of {} rounds the time was over",
                    plan.rounds
                ));
                break;
            }
            self.file(round, &middle)?;
            self.others(round, &middle, &peers)?;
            if let Some((input, fastest)) = &large {
                self.limits(round, input)?;
                self.engine(round, *fastest, input)?;
            }
        }
        Ok(())
    }

    fn input(&mut self, dir: &Path, bytes: u64) -> Result<Input> {
        self.progress
            .say(&format!("a file of {}", number::size(bytes)));
        std::fs::create_dir_all(dir)?;
        let size = bytes as usize;
        let made = self.work(0, Subject::Importer, size, dir, Files::Make)?;
        Ok(Input {
            file: dir.join("file"),
            car: dir.join("car"),
            root: made.root,
            size,
        })
    }

    /// The limits, then every engine, each round another one first.
    fn file(&mut self, round: usize, input: &Input) -> Result<()> {
        self.limits(round, input)?;
        let mut engines = self.engines();
        let count = engines.len().max(1);
        engines.rotate_left(round % count);
        for subject in engines {
            self.engine(round, subject, input)?;
        }
        Ok(())
    }

    fn limits(&mut self, round: usize, input: &Input) -> Result<()> {
        self.say(Subject::Machine, input.size, round);
        let dir = self.folder()?;
        let file = input.file.clone();
        let work = Files::Limits { file };
        let mut found = self.work(round, Subject::Machine, input.size, dir.path(), work)?;
        same(&input.root, &found.root, "without a store")?;
        // It is no limit, but ours.
        let size = input.size as u64;
        if let Some(rate) = found.figures.remove("files.add") {
            self.figures
                .add(Subject::Importer, size, "files.add", round, rate);
        }
        self.keep(round, Subject::Machine, size, &found);
        Ok(())
    }

    fn engine(&mut self, round: usize, subject: Subject, input: &Input) -> Result<()> {
        self.say(subject, input.size, round);
        let dir = self.folder()?;
        let (file, car) = (input.file.clone(), input.car.clone());
        let work = Files::Store { file, car };
        let found = self.work(round, subject, input.size, dir.path(), work)?;
        same(&input.root, &found.root, &subject.to_string())?;
        self.keep(round, subject, input.size as u64, &found);
        let file = input.file.clone();
        let bare = self.work(round, subject, input.size, dir.path(), Files::Bare { file })?;
        self.keep(round, subject, input.size as u64, &bare);
        self.progress.add(1);
        Ok(())
    }

    /// Small files, once: there are enough of them.
    fn small(&mut self, plan: plan::Files, dir: &Path, peers: &Peers) -> Result<()> {
        let (files, few) = (plan.small, plan.few);
        self.progress
            .say(&format!("{} small files", units::count(files)));
        std::fs::create_dir_all(dir)?;
        self.work(
            0,
            Subject::Importer,
            1,
            dir,
            Files::MakeSmall { files, few },
        )?;
        for (name, files) in [("all", files), ("few", few)] {
            let folder = dir.join(name);
            let work = Files::ReadSmall {
                folder: folder.clone(),
                files,
            };
            let found = self.work(0, Subject::Machine, 1, dir, work)?;
            self.keep(0, Subject::Machine, files, &found);
            let mut root = None;
            for subject in self.engines() {
                self.progress
                    .say(&format!("{} files, {subject}", units::count(files)));
                let place = self.folder()?;
                let work = Files::Small {
                    folder: folder.clone(),
                    files,
                };
                let found = self.work(0, subject, 1, place.path(), work)?;
                same(
                    root.get_or_insert(found.root.clone()),
                    &found.root,
                    &subject.to_string(),
                )?;
                self.keep(0, subject, files, &found);
            }
            if name == "few" {
                self.small_of_others(&folder, files, root.as_deref(), peers)?;
            }
        }
        Ok(())
    }

    /// What no store needs to be large for: a hole, and names.
    fn memory(&mut self, plan: plan::Files) -> Result<()> {
        let file = Subject::Ours(persistent::Kind::File);
        if self.plan.subjects.contains(&file) {
            for bytes in plan.holes.into_iter().filter(|bytes| *bytes > 0) {
                self.progress
                    .say(&format!("a hole of {}", number::size(bytes)));
                let dir = self.folder()?;
                let found = self.work(0, file, bytes as usize, dir.path(), Files::Hole)?;
                self.keep(0, file, bytes, &found);
            }
        }
        let names = plan.names;
        self.progress.say(&format!("{} names", units::count(names)));
        let dir = self.folder()?;
        let found = self.work(0, Subject::Importer, 1, dir.path(), Files::Names { names })?;
        self.keep(0, Subject::Importer, names, &found);
        self.progress.add(1);
        Ok(())
    }

    /// The engine on disk that takes blocks the quickest when it is bare.
    fn fastest(&self, bytes: u64) -> Option<Subject> {
        let rate = |subject: &Subject| {
            let found = self
                .figures
                .spread(&subject.to_string(), bytes, "files.bulk");
            found.map_or(0.0, |found| found.median)
        };
        let on_disk = self.engines().into_iter().filter(|s| s.is_on_disk());
        on_disk.max_by(|a, b| rate(a).total_cmp(&rate(b)))
    }

    fn engines(&self) -> Vec<Subject> {
        let all = self.plan.subjects.iter().copied();
        all.filter(|subject| subject.ours().is_some()).collect()
    }

    fn work(
        &self,
        round: usize,
        subject: Subject,
        size: usize,
        dir: &Path,
        work: Files,
    ) -> Result<Outcome> {
        let mut job = self.job(subject, size, round, Task::Files(work));
        dir.clone_into(&mut job.dir);
        self.settle()?;
        super::child::run(&job)
    }

    fn keep(&mut self, round: usize, subject: Subject, size: u64, found: &Outcome) {
        for (what, value) in &found.figures {
            self.figures.add(subject, size, what, round, *value);
        }
    }
}
