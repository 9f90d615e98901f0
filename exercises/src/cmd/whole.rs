//! Without a command: where you are.

use super::Context;
use crate::catalogue;
use crate::error::Result;
use crate::show::RUN;

/// Says how much is done, and what is next.
pub fn run(cx: &mut Context<'_>) -> Result<u8> {
    let total = catalogue::all().count();
    let done = catalogue::all().filter(|(_, exercise)| cx.progress.get(exercise).is_done());
    let done = done.count();
    writeln!(cx.out, "{}", cx.style.bold("Exercises of Cairn"))?;
    writeln!(cx.out, "{done} of {total} done\n")?;
    match cx.pick(None) {
        Ok((module, exercise)) => {
            let begun = cx.lab.answer(module, exercise.file).exists();
            writeln!(
                cx.out,
                "{}  {}, about {} min",
                exercise.id, exercise.title, exercise.minutes
            )?;
            if begun {
                writeln!(cx.out, "edit   {}", cx.shown(module, exercise))?;
                writeln!(cx.out, "check  {RUN} check")?;
            } else {
                writeln!(cx.out, "begin  {RUN} next")?;
            }
        }
        Err(_) => writeln!(cx.out, "All of them. {RUN} report")?,
    }
    writeln!(cx.out, "all    {RUN} list\nhelp   {RUN} help")?;
    Ok(0)
}
