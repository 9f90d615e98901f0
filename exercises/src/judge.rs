//! Holds an answer to its checks.

use std::path::Path;
use std::time::Duration;

use crate::child::{self, LIMIT};
use crate::compile;
use crate::error::{Error, Result};
use crate::exercise::{Check, Exercise, Mark, Module};
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
    let built = compile::compile(lab, module, &[exercise.file], slow)?;
    let built = built.into_iter().find(|(name, _)| name == exercise.file);
    let Some((_, built)) = built else {
        return Err(Error::failed(format!(
            "cargo built no test {}",
            exercise.file
        )));
    };
    match built.program {
        Some(program) => run(exercise, &program, LIMIT).map(Outcome::Ran),
        None => Ok(Outcome::Compile(built.errors)),
    }
}

/// Runs all checks of a program.
pub fn run(
    exercise: &Exercise,
    program: &Path,
    mut limit: Duration,
) -> Result<Vec<(Check, Verdict)>> {
    let mut ran = Vec::new();
    for check in exercise.checks() {
        let verdict = child::run(program, &check.name, limit)?;
        if matches!(verdict, Verdict::Hangs(_)) {
            // Others are likely to hang as well, and nobody waits that long for each.
            limit = limit.min(Duration::from_secs(2));
        }
        ran.push((check, verdict));
    }
    Ok(ran)
}
