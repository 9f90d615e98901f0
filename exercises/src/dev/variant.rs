//! The answers that each exercise is tried with.

use crate::error::{Error, Result};
use crate::exercise::{Exercise, Mutant};
use crate::lab::Target;

/// Which answer.
#[derive(Clone, Copy, Debug)]
pub enum Variant {
    /// What a learner begins with.
    Stub,
    /// Ours.
    Solution,
    /// A wrong one, by its place.
    Mutant(usize, &'static Mutant),
    /// One that never answers.
    Hang,
    /// One that panics.
    Panic,
}

impl Variant {
    /// All of an exercise.
    pub fn all(exercise: &Exercise) -> Vec<Variant> {
        let mutants = exercise.mutants.iter().enumerate();
        let mutants = mutants.map(|(number, mutant)| Variant::Mutant(number, mutant));
        let others = [
            Variant::Stub,
            Variant::Solution,
            Variant::Hang,
            Variant::Panic,
        ];
        others.into_iter().chain(mutants).collect()
    }

    /// The name of its test.
    pub fn name(self, exercise: &Exercise) -> String {
        let what = match self {
            Variant::Stub => "stub".to_owned(),
            Variant::Solution => "solution".to_owned(),
            Variant::Mutant(number, _) => format!("m{number}"),
            Variant::Hang => "hang".to_owned(),
            Variant::Panic => "panic".to_owned(),
        };
        format!("{}__{what}", exercise.file)
    }

    /// The answer.
    ///
    /// # Errors
    /// If a mutant's place is not there exactly once.
    pub fn answer(self, exercise: &Exercise) -> Result<String> {
        Ok(match self {
            Variant::Stub => exercise.stub(),
            Variant::Solution => exercise.solution(),
            Variant::Mutant(_, mutant) => mutated(exercise, mutant)?,
            Variant::Hang => instead_of_todo(&exercise.stub(), "loop { std::thread::park() }"),
            Variant::Panic => instead_of_todo(&exercise.stub(), "panic!(\"on purpose\")"),
        })
    }

    /// As a test of a lab.
    pub fn target(self, exercise: &Exercise) -> Result<Target<'_>> {
        Ok(Target {
            exercise,
            name: self.name(exercise),
            answer: Some(self.answer(exercise)?),
            strict: matches!(self, Variant::Solution),
        })
    }
}

fn mutated(exercise: &Exercise, mutant: &Mutant) -> Result<String> {
    let solution = exercise.solution();
    let found = solution.matches(mutant.find).count();
    if found != 1 {
        return Err(Error::failed(format!(
            "{}: the mutant {:?} looks for {:?}, which is in the solution {found} times",
            exercise.id, mutant.name, mutant.find
        )));
    }
    Ok(solution.replace(mutant.find, mutant.replace))
}

/// The stub, with `code` wherever something is to be written.
fn instead_of_todo(stub: &str, code: &str) -> String {
    let line = |line: &str| match line.split_once("todo!(\"") {
        Some((before, _)) => format!("{before}{code}"),
        None => line.to_owned(),
    };
    stub.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}
