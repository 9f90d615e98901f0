//! For those who write exercises: the proofs that each one works.

mod check;
mod generate;
mod kubo;
mod mutant;
mod new;
mod page;
mod proof;
mod sessions;
mod text;
mod variant;
mod walk;

use std::io::Write;

use crate::catalogue;
use crate::error::{Error, Result};
use crate::exercise::{Exercise, Module};

const USAGE: &str = "\
cargo run -p exercises -- dev COMMAND

  check [ID|MODULE …]   the proofs of each exercise: stub, solution, mutants, texts
  gen [ID|MODULE …]     writes messages.txt and the tables from what is found
  mutant ID [NAME]      the mutants of an exercise, or what a learner sees of one
  walk                  a clean clone, offline, as a learner would
  new ID NAME           the files of a new exercise
";

/// Runs a command; the exit code.
pub fn run(args: &[&str], out: &mut dyn Write) -> Result<u8> {
    match args {
        ["check", rest @ ..] => check::run(&chosen(rest)?, out),
        ["gen", rest @ ..] => generate::run(&chosen(rest)?, out),
        ["mutant", id] => mutant::list(id, out),
        ["mutant", id, name] => mutant::run(id, name, out),
        ["walk"] => walk::run(out),
        ["new", id, name] => new::run(id, name, out),
        [] | ["help"] => {
            write!(out, "{USAGE}")?;
            Ok(0)
        }
        other => Err(Error::usage(format!(
            "there is no command dev {}; `dev help` lists what there is",
            other.join(" ")
        ))),
    }
}

/// Exercises of one module.
type Chosen = Vec<(&'static Module, Vec<&'static Exercise>)>;

/// The exercises that these name, or all.
fn chosen(names: &[&str]) -> Result<Chosen> {
    let mut chosen: Chosen = Vec::new();
    for module in catalogue::MODULES {
        let mut exercises = Vec::new();
        for &exercise in module.exercises {
            let named = names
                .iter()
                .any(|&name| name == exercise.id || name == module.number);
            if named || names.is_empty() {
                exercises.push(exercise);
            }
        }
        if !exercises.is_empty() {
            chosen.push((module, exercises));
        }
    }
    for &name in names {
        if catalogue::module(name).is_err() {
            catalogue::find(name)?;
        }
    }
    Ok(chosen)
}
