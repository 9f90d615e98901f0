//! The commands.

mod check;
mod doctor;
mod explain;
mod hint;
mod list;
mod next;
mod quiz;
mod report;
mod reset;
mod solution;
mod tour;
mod verify;
mod watch;
mod whole;

use std::io::Write;

use crate::dev;
use crate::error::{Error, Result};
use crate::exercise::{Exercise, Module};
use crate::lab::Lab;
use crate::progress::{Progress, State};
use crate::style::Style;
use crate::{catalogue, place};

const USAGE: &str = "\
cargo run -p exercises -- COMMAND

  (none)              where you are
  list [MODULE]       all exercises, with minutes, marks and how you stand   [--json]
  next [ID]           begin the next one, or this one
  check [ID]          does your answer hold?   [--kubo also asks a local `ipfs`]
  watch [ID]          check whenever you save
  hint [ID]           the next of three hints   [--all]
  solution [ID]       our answer, beside yours   [--yes]
  reset [ID]          begin anew; yours is kept beside it
  quiz [MODULE]       the questions of the lesson
  explain CID|FILE    take it apart, byte by byte
  verify              everything solved so far, again
  tour                your own store of 01-2 or 01-3, as module 01 shows its engines
  doctor              is all there?   [--fetch, to go offline]
  report              how far you are, and pictures of what you built   [--json]
  dev …               for those who write exercises

Exit codes: 0 it holds, 1 it does not, 2 it does not compile, 3 wrong usage.
";

/// What every command has.
pub struct Context<'a> {
    /// Where to print.
    pub out: &'a mut dyn Write,
    /// How.
    pub style: Style,
    /// The learner's lab.
    pub lab: Lab,
    /// How far the learner is.
    pub progress: Progress,
}

impl Context<'_> {
    /// The exercise that is meant: the one named; else the last one looked at, unless it is done; else the
    /// first that is not.
    fn pick(&self, id: Option<&str>) -> Result<(&'static Module, &'static Exercise)> {
        if let Some(id) = id {
            return catalogue::find(id);
        }
        // Whoever looked at the solution goes on with it until it holds.
        if let Some(last) = self.progress.last()
            && last.state != State::Solved
            && let Ok(found) = catalogue::find(&last.id)
            && last.marks != found.1.marks
        {
            return Ok(found);
        }
        self.first_open()
            .ok_or_else(|| Error::usage("all exercises are done: name one, as 00-1"))
    }

    /// The first exercise that is not done; those marked as stretch come last.
    fn first_open(&self) -> Option<(&'static Module, &'static Exercise)> {
        let open = |(_, exercise): &(&Module, &Exercise)| !self.progress.get(exercise).is_done();
        let core = catalogue::all().filter(|(_, exercise)| !exercise.stretch);
        let stretch = catalogue::all().filter(|(_, exercise)| exercise.stretch);
        core.chain(stretch).find(open)
    }

    /// The learner's file, as it is shown.
    fn shown(&self, module: &Module, exercise: &Exercise) -> String {
        place::shown(&self.lab.answer(module, exercise.file))
    }
}

/// Runs a command; the exit code.
pub fn run(args: &[&str], out: &mut dyn Write) -> Result<u8> {
    let lab = Lab::own();
    let mut cx = Context {
        style: Style::stdout(),
        progress: Progress::load(&lab)?,
        lab,
        out,
    };
    let flag = |name: &str| args.contains(&name);
    let words: Vec<&str> = args
        .iter()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .copied()
        .collect();
    let word = words.first().copied();
    let Some(&command) = args.first() else {
        return whole::run(&mut cx);
    };
    if command == "dev" {
        return dev::run(args.get(1..).unwrap_or_default(), cx.out);
    }
    let flags: &[&str] = match command {
        "list" | "report" => &["--json"],
        "check" => &["--kubo"],
        "hint" => &["--all"],
        "solution" => &["--yes"],
        "doctor" => &["--fetch"],
        _ => &[],
    };
    let unknown = |arg: &&&str| arg.starts_with("--") && !flags.contains(*arg);
    if let Some(flag) = args.iter().skip(1).find(unknown) {
        return Err(Error::usage(format!("{command} has no flag {flag}")));
    }
    if words.len() > 1 {
        return Err(Error::usage(format!("{command} takes one thing at a time")));
    }
    match command {
        "list" => list::run(&mut cx, word, flag("--json")),
        "next" => next::run(&mut cx, word),
        "check" => check::run(&mut cx, word, flag("--kubo")),
        "watch" => watch::run(&mut cx, word),
        "hint" => hint::run(&mut cx, word, flag("--all")),
        "solution" => solution::run(&mut cx, word, flag("--yes")),
        "reset" => reset::run(&mut cx, word),
        "quiz" => quiz::run(&mut cx, word),
        "explain" => explain::run(&mut cx, word),
        "verify" => verify::run(&mut cx),
        "doctor" => doctor::run(&mut cx, flag("--fetch")),
        "report" => report::run(&mut cx, flag("--json")),
        "tour" => tour::run(&mut cx),
        "help" | "--help" | "-h" => {
            write!(cx.out, "{USAGE}")?;
            Ok(0)
        }
        other => Err(Error::usage(format!(
            "there is no command {other:?}; `help` lists what there is"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_not_is_wrong_usage() {
        for args in [
            &["chekc"][..],
            &["check", "77-1"],
            &["check", "--jsn"],
            &["list", "77"],
            &["next", "a", "b"],
            &["dev", "chekc"],
        ] {
            let end = run(args, &mut Vec::new());
            assert_eq!(end.err().map(|error| error.code), Some(3), "{args:?}");
        }
    }
}
