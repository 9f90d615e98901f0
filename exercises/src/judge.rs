//! Holds an answer to its checks.

use std::path::Path;
use std::time::Duration;

use crate::child::{self, LIMIT};
use crate::compile::{self, Built};
use crate::error::{Error, Result};
use crate::exercise::{Check, Exercise, Mark, Module};
use crate::kubo::Kubo;
use crate::lab::Lab;
use crate::verdict::Verdict;

/// What the checks found.
#[derive(Debug)]
pub enum Outcome {
    /// It does not compile; what the compiler said.
    Compile(String),
    /// Each check, in order.
    Ran(Vec<(Check, Verdict)>),
}

impl Outcome {
    /// Whether every check holds.
    pub fn holds(&self) -> bool {
        matches!(self, Outcome::Ran(ran) if ran.iter().all(|(_, verdict)| verdict.holds()))
    }

    /// The marks of which every check holds.
    pub fn marks(&self, exercise: &Exercise) -> Vec<Mark> {
        let Outcome::Ran(ran) = self else {
            return Vec::new();
        };
        let all = |mark: &&Mark| {
            ran.iter()
                .filter(|(check, _)| Mark::of(&check.name) == Some(**mark))
                .all(|(_, verdict)| verdict.holds())
        };
        exercise.marks.iter().filter(all).copied().collect()
    }
}

/// Builds the learner's answer and runs its checks. `slow` is called once if building takes long.
pub fn judge(
    lab: &Lab,
    module: &Module,
    exercise: &Exercise,
    slow: impl FnOnce(),
) -> Result<Outcome> {
    let built = build(lab, module, exercise, slow)?;
    match built.program {
        Some(program) => run(&exercise.checks(), &program, LIMIT, &[]).map(Outcome::Ran),
        None => Ok(Outcome::Compile(built.errors)),
    }
}

/// What a Kubo has to say of the learner's answer.
pub fn ask(
    lab: &Lab,
    module: &Module,
    exercise: &Exercise,
    kubo: &Kubo,
) -> Result<Vec<(Check, Verdict)>> {
    match build(lab, module, exercise, || ())?.program {
        Some(program) => run(&exercise.kubo_checks(), &program, LIMIT, &kubo.env()),
        None => Ok(Vec::new()),
    }
}

fn build(lab: &Lab, module: &Module, exercise: &Exercise, slow: impl FnOnce()) -> Result<Built> {
    let built = compile::compile(lab, module, &[exercise.file], slow)?;
    let built = built.into_iter().find(|(name, _)| name == exercise.file);
    let none = || Error::failed(format!("cargo built no test {}", exercise.file));
    built.map(|(_, built)| built).ok_or_else(none)
}

/// Runs these checks of a program, with these variables.
pub fn run(
    checks: &[Check],
    program: &Path,
    mut limit: Duration,
    env: &[(&str, &Path)],
) -> Result<Vec<(Check, Verdict)>> {
    let mut ran = Vec::new();
    for check in checks {
        let verdict = child::run(program, &check.name, limit, env)?;
        if matches!(verdict, Verdict::Hangs(_)) {
            // Others are likely to hang as well, and nobody waits that long for each.
            limit = limit.min(Duration::from_secs(2));
        }
        ran.push((check.clone(), verdict));
    }
    Ok(ran)
}
