//! `solution`: our answer, beside the learner's.

use std::io::{self, BufRead, IsTerminal};

use super::Context;
use crate::diff::diff;
use crate::error::Result;
use crate::files;
use crate::progress::State;

/// Writes it into a file of its own, and shows how it differs. Asks first if the exercise is not solved.
pub fn run(cx: &mut Context<'_>, id: Option<&str>, yes: bool) -> Result<u8> {
    let (module, exercise) = cx.pick(id)?;
    let mut entry = cx.progress.get(exercise);
    if entry.state != State::Solved && entry.state != State::Peeked {
        if !yes && io::stdin().is_terminal() {
            write!(
                cx.out,
                "{} is not solved yet. Look all the same? [y/N] ",
                exercise.id
            )?;
            cx.out.flush()?;
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line)?;
            if !line.trim().eq_ignore_ascii_case("y") {
                return Ok(0);
            }
        }
        entry.state = State::Peeked;
    }
    cx.progress.set(entry)?;
    let dir = cx.lab.dir.join("solutions").join(module.folder);
    let path = dir.join(format!("{}.rs", exercise.file));
    let ours = exercise.solution();
    files::write(&path, &ours)?;
    let yours = files::read_if_there(&cx.lab.answer(module, exercise.file))?.unwrap_or_default();
    if yours == ours {
        writeln!(cx.out, "Yours is ours, line by line.")?;
    } else {
        writeln!(cx.out, "- yours, + ours\n")?;
        for (sign, line) in diff(&yours, &ours) {
            let line = format!("{sign} {line}");
            let line = match sign {
                '-' => cx.style.bad(line.trim_end()),
                '+' => cx.style.good(line.trim_end()),
                _ => line.trim_end().to_owned(),
            };
            writeln!(cx.out, "{line}")?;
        }
    }
    writeln!(
        cx.out,
        "\n{}\n\nours   {}\nyours  {}, unchanged",
        exercise.debrief.trim(),
        crate::place::shown(&path),
        cx.shown(module, exercise)
    )?;
    Ok(0)
}
