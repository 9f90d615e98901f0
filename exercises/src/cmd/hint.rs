//! `hint`: the next of three.

use super::Context;
use crate::error::Result;
use crate::show::RUN;

/// Gives the next hint, or all, and remembers how many were given.
pub fn run(cx: &mut Context<'_>, id: Option<&str>, all: bool) -> Result<u8> {
    let (_, exercise) = cx.pick(id)?;
    let mut entry = cx.progress.get(exercise);
    let hints = exercise.hints;
    let from = if all {
        0
    } else {
        entry.hints.min(hints.len() - 1)
    };
    let to = if all { hints.len() } else { from + 1 };
    for (number, hint) in hints.iter().enumerate().take(to).skip(from) {
        let title = format!("{}  hint {} of {}", exercise.id, number + 1, hints.len());
        writeln!(cx.out, "{}\n{}\n", cx.style.bold(&title), hint.trim())?;
    }
    entry.hints = entry.hints.max(to);
    let left = hints.len() - entry.hints;
    cx.progress.set(entry)?;
    match left {
        0 => writeln!(cx.out, "That was the last one. {RUN} solution shows ours.")?,
        left => writeln!(cx.out, "{left} left.")?,
    }
    Ok(0)
}
