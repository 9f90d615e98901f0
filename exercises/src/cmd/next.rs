//! `next`: begin an exercise.

use super::Context;
use crate::error::Result;
use crate::exercise::{Exercise, Module};
use crate::show::RUN;
use crate::{files, stub};

/// Makes the file, unless it is there, and says what to do.
pub fn run(cx: &mut Context<'_>, id: Option<&str>) -> Result<u8> {
    let (module, exercise) = match id {
        Some(_) => cx.pick(id)?,
        None => match cx.first_open() {
            Some(found) => found,
            None => {
                writeln!(cx.out, "All exercises are done. {RUN} report")?;
                return Ok(0);
            }
        },
    };
    begin(cx, module, exercise)?;
    Ok(0)
}

/// Makes the file and the entry of an exercise, and shows what it is about.
pub fn begin(cx: &mut Context<'_>, module: &Module, exercise: &Exercise) -> Result<()> {
    let new = cx.lab.prepare(module, exercise)?;
    let mut entry = cx.progress.get(exercise);
    if new {
        entry.stub = files::hash(&exercise.stub());
    }
    cx.progress.set(entry)?;
    let path = cx.lab.answer(module, exercise.file);
    let line = stub::first_todo(&files::read(&path)?);
    let marks: Vec<&str> = exercise.marks.iter().map(|mark| mark.name()).collect();
    writeln!(
        cx.out,
        "{}   about {} min, {}",
        cx.style
            .bold(&format!("{}  {}", exercise.id, exercise.title)),
        exercise.minutes,
        marks.join(", ")
    )?;
    writeln!(
        cx.out,
        "\n{}\n\nWhat will be checked:",
        exercise.goal.trim()
    )?;
    for check in exercise.checks() {
        writeln!(cx.out, "  {} {}", check.short(), check.title)?;
    }
    writeln!(
        cx.out,
        "\nedit   {}:{line}\ncheck  {RUN} check\nstuck  {RUN} hint",
        cx.shown(module, exercise)
    )?;
    Ok(())
}
