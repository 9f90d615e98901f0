//! `dev mutant`: what a learner sees of a wrong answer.

use std::io::Write;

use super::proof;
use super::variant::Variant;
use crate::child::LIMIT;
use crate::error::{Error, Result};
use crate::judge::{self, Outcome};
use crate::progress::Entry;
use crate::style::Style;
use crate::{catalogue, compile, show};

/// The names of all mutants of an exercise.
pub fn list(id: &str, out: &mut dyn Write) -> Result<u8> {
    let (_, exercise) = catalogue::find(id)?;
    for mutant in exercise.mutants {
        writeln!(out, "{:<4} {}", mutant.killed_by, mutant.name)?;
    }
    Ok(0)
}

/// Holds one to all checks.
pub fn run(id: &str, name: &str, out: &mut dyn Write) -> Result<u8> {
    let (module, exercise) = catalogue::find(id)?;
    let is = |variant: &Variant| {
        matches!(variant, Variant::Mutant(_, mutant) if mutant.name.contains(name))
            || variant.name(exercise).ends_with(&format!("__{name}"))
    };
    let variant = Variant::all(exercise).into_iter().find(is);
    let variant = variant.ok_or_else(|| Error::usage(format!("{id} has no mutant {name:?}")))?;
    let lab = proof::lab();
    let target = variant.target(exercise)?;
    let name = target.name.clone();
    lab.write(module, &[target])?;
    let built = compile::compile(&lab, module, &[&name], || ())?;
    let built = built.into_iter().find(|(known, _)| *known == name);
    let outcome = match built {
        Some((_, built)) => match built.program {
            Some(program) => Outcome::Ran(judge::run(&exercise.checks(), &program, LIMIT, &[])?),
            None => Outcome::Compile(built.errors),
        },
        None => return Err(Error::failed(format!("cargo built no {name}"))),
    };
    let source = variant.answer(exercise)?;
    let entry = Entry::default();
    let style = Style::stdout();
    write!(
        out,
        "{}",
        show::outcome(exercise, &entry, &outcome, "answer.rs", &source, style)
    )?;
    Ok(u8::from(!outcome.holds()))
}
