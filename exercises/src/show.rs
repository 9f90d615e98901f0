//! What a check says to a learner: the first failure in full, the others as a list.

use std::fmt::Write as _;

use crate::exercise::{Exercise, Mark};
use crate::judge::Outcome;
use crate::progress::Entry;
use crate::style::{Style, indent, plain};
use crate::verdict::Verdict;

/// How the runner is called.
pub const RUN: &str = "cargo run -p exercises --";

/// The outcome of a check. `file` is the answer as it is shown, `source` its text.
pub fn outcome(
    exercise: &Exercise,
    entry: &Entry,
    outcome: &Outcome,
    file: &str,
    source: &str,
    style: Style,
) -> String {
    match outcome {
        Outcome::Compile(errors) => compile(exercise, errors, file, source, style),
        Outcome::Ran(ran) => {
            let mut text = String::new();
            let good = ran.iter().filter(|(_, verdict)| verdict.holds()).count();
            let title = format!("{}  {}", exercise.id, exercise.title);
            let count = format!("{good} of {} hold", ran.len());
            let _ = writeln!(text, "{}{count:>1$}", style.bold(&title), gap(&title));
            let none = ran.iter().all(|(_, v)| matches!(v, Verdict::Todo(_)));
            let mut first = true;
            for (check, verdict) in ran {
                let name = format!("{} {}", check.short(), check.title);
                if verdict.holds() {
                    let _ = writeln!(text, "  {} {name}", style.good("✔"));
                } else if first {
                    first = false;
                    let _ = writeln!(text, "  {} {name}", style.bad("✘"));
                    let told = told(&check.name, verdict, file, source);
                    let _ = writeln!(text, "{}", indent(&told, 7));
                } else {
                    let _ = writeln!(text, "  {} {name}", style.dim("·"));
                }
            }
            if good == ran.len() {
                text += &done(exercise, style);
                return text;
            }
            if none {
                text += "\nNothing is written yet: that is the starting point, and the exit code 1 says so.\n";
            }
            let line = ran.iter().find_map(|(_, verdict)| match verdict {
                Verdict::Todo(panic) | Verdict::Panics(panic) => Some(panic.line),
                _ => None,
            });
            let line = line.map_or(String::new(), |line| format!(":{line}"));
            let left = exercise.hints.len() - entry.hints.min(exercise.hints.len());
            let _ = writeln!(
                text,
                "\nedit   {file}{line}\nstuck  {RUN} hint   ({left} left)"
            );
            let works = outcome.marks(exercise).contains(&Mark::Works);
            if works && good < ran.len() {
                let _ = writeln!(
                    text,
                    "It works, so you may go on ({RUN} next); the rest is what makes it right."
                );
            }
            text
        }
    }
}

fn gap(title: &str) -> usize {
    72_usize.saturating_sub(title.chars().count()).max(14)
}

fn done(exercise: &Exercise, style: Style) -> String {
    let names: Vec<&str> = exercise.marks.iter().map(|mark| mark.name()).collect();
    format!(
        "\n{}  {}\n\n{}\n\nnext   {RUN} next\nours   {RUN} solution\n",
        style.good("Solved:"),
        names.join(", "),
        exercise.debrief.trim()
    )
}

/// One failure in words.
pub fn told(check: &str, verdict: &Verdict, file: &str, source: &str) -> String {
    let line = |number: usize| {
        let line = source.lines().nth(number.saturating_sub(1));
        line.map(str::trim).unwrap_or_default().to_owned()
    };
    let text = match verdict {
        Verdict::Holds => "it holds".to_owned(),
        Verdict::Todo(panic) => format!(
            "not written yet, at {file}:{}\n{}",
            panic.line,
            panic
                .message
                .trim_start_matches("not yet implemented")
                .trim_start_matches(": ")
        ),
        Verdict::Panics(panic) => format!(
            "your code panicked at {file}:{}\n    {}\n{}",
            panic.line,
            line(panic.line),
            panic.message
        ),
        Verdict::Fails(message) => message.clone(),
        Verdict::Hangs(limit) => format!(
            "still running after {} s in `{check}`: is there a loop that does not end, or a lock that is \
             waited for twice?",
            limit.as_secs_f32()
        ),
        Verdict::Dies(why) => why.clone(),
    };
    plain(&text)
}

fn compile(exercise: &Exercise, errors: &str, file: &str, source: &str, style: Style) -> String {
    let mut text = format!(
        "{}\n\n{}\n",
        style.bold(&format!("{}  {}", exercise.id, exercise.title)),
        plain(errors).trim_end()
    );
    let stub = exercise.stub();
    let missing = missing(&stub, source);
    if !missing.is_empty() {
        text += "\nThe checks call your code by these lines, which it no longer has:\n\n";
        for line in missing {
            let _ = writeln!(text, "    {line}");
        }
    }
    let _ = writeln!(text, "\nIt does not compile yet.\nedit   {file}");
    text
}

/// The signatures of the stub that an answer lacks.
fn missing<'a>(stub: &'a str, answer: &str) -> Vec<&'a str> {
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    let answer = squeeze(answer);
    let starts = ["pub fn ", "pub struct ", "pub enum ", "fn ", "impl"];
    let is_signature = |line: &&str| starts.iter().any(|start| line.starts_with(start));
    stub.lines()
        .map(str::trim)
        .filter(is_signature)
        .filter(|line| !answer.contains(&squeeze(line.trim_end_matches(['{', '}', ';', ' ']))))
        .collect()
}

/// The marks of an exercise, filled where they are had.
pub fn marks(exercise: &Exercise, had: &[Mark]) -> String {
    let dot = |mark: &Mark| if had.contains(mark) { '●' } else { '○' };
    exercise.marks.iter().map(dot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Panic;

    #[test]
    fn a_changed_signature_is_named() {
        let stub = "pub fn a(x: u8) -> u8 {\n    todo!()\n}\nimpl X for Y {}\n";
        assert_eq!(
            missing(stub, "pub fn a(x: u16) -> u8 { 1 }\nimpl X\n  for Y {}"),
            ["pub fn a(x: u8) -> u8 {"]
        );
    }

    #[test]
    fn a_panic_shows_the_learners_line() {
        let panic = Panic {
            file: "x".into(),
            line: 2,
            message: "index out of bounds".into(),
        };
        let text = told(
            "a1_x",
            &Verdict::Panics(panic),
            "lab/x.rs",
            "one\n  two[9]\n",
        );
        assert_eq!(
            text,
            "your code panicked at lab/x.rs:2\n    two[9]\nindex out of bounds"
        );
    }
}
