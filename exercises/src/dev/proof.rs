//! Runs every variant of exercises, and keeps what came of each check.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::variant::Variant;
use crate::child::{self, LIMIT};
use crate::compile::{self, Built};
use crate::error::{Error, Result};
use crate::exercise::{Exercise, Module};
use crate::lab::{Lab, Target};
use crate::place;
use crate::verdict::Verdict;

/// How long an answer that hangs is waited for here.
const SHORT: Duration = Duration::from_millis(300);

/// What came of it.
#[derive(Debug, Default)]
pub struct Proof {
    built: HashMap<String, Built>,
    verdicts: HashMap<(String, String), Verdict>,
}

/// The lab in which exercises are proven. It stays, so that only what changed is built anew.
pub fn lab() -> Lab {
    Lab {
        dir: place::target().join("exercise-proofs"),
    }
}

impl Proof {
    /// Builds all variants of these exercises of a module, and runs each with the checks that say
    /// something about it.
    pub fn run(module: &'static Module, exercises: &[&'static Exercise]) -> Result<Proof> {
        let lab = lab();
        let all = |module: &'static Module| -> Result<Vec<Target<'_>>> {
            let mut targets = Vec::new();
            for exercise in module.exercises {
                for variant in Variant::all(exercise) {
                    // A mutant that does not fit is told of where its exercise is proven.
                    match variant.target(exercise) {
                        Ok(target) => targets.push(target),
                        Err(error) if exercises.iter().any(|one| one.id == exercise.id) => {
                            return Err(error);
                        }
                        Err(_) => {}
                    }
                }
            }
            Ok(targets)
        };
        let targets = all(module)?;
        lab.write(module, &targets)?;
        lab.sweep(module, &targets)?;
        let wanted =
            |target: &&Target<'_>| exercises.iter().any(|one| one.id == target.exercise.id);
        let only: Vec<&str> = targets
            .iter()
            .filter(wanted)
            .map(|target| target.name.as_str())
            .collect();
        let built = compile::compile(&lab, module, &only, || ())?;
        let mut proof = Proof {
            built: built.into_iter().collect(),
            verdicts: HashMap::new(),
        };
        proof.try_all(exercises)?;
        Ok(proof)
    }

    fn try_all(&mut self, exercises: &[&'static Exercise]) -> Result<()> {
        let mut jobs: Vec<(String, PathBuf, String, Duration)> = Vec::new();
        for exercise in exercises {
            for variant in Variant::all(exercise) {
                let name = variant.name(exercise);
                let Some(program) = self.program(&name) else {
                    continue;
                };
                let checks = exercise.checks();
                let says = |check: &str| match variant {
                    Variant::Stub | Variant::Solution => true,
                    Variant::Mutant(_, mutant) => check == mutant.killed_by,
                    // One is as good as another.
                    Variant::Hang | Variant::Panic => {
                        checks.first().is_some_and(|c| c.short() == check)
                    }
                };
                let limit = match variant {
                    Variant::Hang => SHORT,
                    _ => LIMIT,
                };
                for check in checks.iter().filter(|check| says(check.short())) {
                    jobs.push((name.clone(), program.clone(), check.name.clone(), limit));
                }
            }
        }
        let jobs = Mutex::new(jobs.into_iter());
        let done = Mutex::new(Vec::new());
        let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
        let workers = thread::available_parallelism().map_or(2, usize::from);
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some((name, program, check, limit)) = next() {
                        let verdict = child::run(&program, &check, limit, &[]);
                        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                        done.push(((name, check), verdict));
                    }
                });
            }
        });
        for (key, verdict) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
            self.verdicts.insert(key, verdict?);
        }
        Ok(())
    }

    /// The program of a variant.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        self.built.get(name).and_then(|built| built.program.clone())
    }

    /// What the compiler said of a variant.
    pub fn built(&self, variant: Variant, exercise: &Exercise) -> Result<&Built> {
        let name = variant.name(exercise);
        self.built
            .get(&name)
            .ok_or_else(|| Error::failed(format!("cargo built no {name}")))
    }

    /// What a check said of a variant, by its short name.
    pub fn verdict(&self, variant: Variant, exercise: &Exercise, check: &str) -> Option<&Verdict> {
        let check = exercise
            .checks()
            .into_iter()
            .find(|known| known.short() == check)?;
        self.verdicts.get(&(variant.name(exercise), check.name))
    }
}
