//! `verify`: everything that held so far, again.

use super::{Context, check};
use crate::catalogue;
use crate::error::Result;
use crate::judge;

/// Checks each exercise that has a mark; 1 if one does not hold any more. What was solved stays solved: the
/// list says where a check is newer.
pub fn run(cx: &mut Context<'_>) -> Result<u8> {
    let mut code = 0;
    let mut some = false;
    for (module, exercise) in catalogue::all() {
        let entry = cx.progress.get(exercise);
        if entry.marks.is_empty() {
            continue;
        }
        some = true;
        cx.lab.prepare(module, exercise)?;
        let outcome = judge::judge(&cx.lab, module, exercise, check::building)?;
        let marks = outcome.marks(exercise);
        let lost: Vec<&str> = entry
            .marks
            .iter()
            .filter(|mark| !marks.contains(mark))
            .map(|mark| mark.name())
            .collect();
        if lost.is_empty() {
            let holds = cx.style.good("✔");
            writeln!(cx.out, "{holds} {}  {}", exercise.id, exercise.title)?;
        } else {
            code = 1;
            let fails = cx.style.bad("✘");
            writeln!(
                cx.out,
                "{fails} {}  {}: no longer {}",
                exercise.id,
                exercise.title,
                lost.join(", ")
            )?;
        }
    }
    if !some {
        writeln!(cx.out, "Nothing is solved yet.")?;
    }
    Ok(code)
}
