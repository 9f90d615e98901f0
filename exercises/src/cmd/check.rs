//! `check`: does the answer hold?

use std::io::Write;

use super::Context;
use crate::error::Result;
use crate::exercise::{Exercise, Mark, Module};
use crate::judge::{self, Outcome};
use crate::kubo::Kubo;
use crate::progress::State;
use crate::{files, show, style};

/// Checks one exercise; the exit code says how it ended.
pub fn run(cx: &mut Context<'_>, id: Option<&str>, kubo: bool) -> Result<u8> {
    let (module, exercise) = cx.pick(id)?;
    let outcome = one(cx, module, exercise)?;
    if matches!(outcome, Outcome::Compile(_)) {
        return Ok(2);
    }
    let agrees = !kubo || ask_kubo(cx, module, exercise)?;
    Ok(u8::from(!outcome.holds() || !agrees))
}

/// Checks an exercise, tells what was found, and remembers it.
pub fn one(cx: &mut Context<'_>, module: &Module, exercise: &Exercise) -> Result<Outcome> {
    if cx.lab.prepare(module, exercise)? {
        writeln!(cx.out, "made {}\n", cx.shown(module, exercise))?;
    }
    let outcome = judge::judge(&cx.lab, module, exercise, building)?;
    let mut entry = cx.progress.get(exercise);
    entry.tries += 1;
    entry.check = files::hash(exercise.check);
    if entry.stub.is_empty() {
        entry.stub = files::hash(&exercise.stub());
    }
    entry.marks = outcome.marks(exercise);
    if entry.state != State::Peeked {
        entry.state = if outcome.holds() {
            State::Solved
        } else if entry.marks.contains(&Mark::Works) {
            State::Pass
        } else {
            State::Open
        };
    }
    cx.progress.set(entry.clone())?;
    let source = files::read(&cx.lab.answer(module, exercise.file))?;
    let file = cx.shown(module, exercise);
    let told = show::outcome(exercise, &entry, &outcome, &file, &source, cx.style);
    write!(cx.out, "{told}")?;
    Ok(outcome)
}

/// Says that it takes a while.
pub fn building() {
    // If that cannot be said, nothing is lost.
    let _ = writeln!(
        std::io::stderr(),
        "building what the exercise needs; the next time it is there …"
    );
}

/// Has a Kubo that is installed here look at the answer; whether it agrees.
fn ask_kubo(cx: &mut Context<'_>, module: &Module, exercise: &Exercise) -> Result<bool> {
    if exercise.kubo_checks().is_empty() {
        writeln!(cx.out, "Kubo: has nothing to say of {}", exercise.id)?;
        return Ok(true);
    }
    let Some(kubo) = Kubo::find()? else {
        writeln!(
            cx.out,
            "Kubo: no `ipfs` is installed here; nothing needs it"
        )?;
        return Ok(true);
    };
    writeln!(cx.out, "Kubo: {}", kubo.version)?;
    let file = cx.shown(module, exercise);
    let source = files::read(&cx.lab.answer(module, exercise.file))?;
    let mut agrees = true;
    for (check, verdict) in judge::ask(&cx.lab, module, exercise, &kubo)? {
        let (name, title) = (check.short(), &check.title);
        if verdict.holds() {
            writeln!(cx.out, "  {} {name} {title}", cx.style.good("✔"))?;
            continue;
        }
        agrees = false;
        writeln!(cx.out, "  {} {name} {title}", cx.style.bad("✘"))?;
        let told = show::told(name, &verdict, &file, &source);
        writeln!(cx.out, "{}", style::indent(&told, 7))?;
    }
    Ok(agrees)
}
