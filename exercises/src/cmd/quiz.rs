//! `quiz`: the questions of a lesson, in the terminal.

use std::io::{self, BufRead};

use super::Context;
use crate::error::Result;
use crate::{catalogue, files, place};

/// The sections of a lesson that ask.
const SECTIONS: [&str; 2] = ["Predict", "Check yourself"];

/// How wide an answer is shown, in characters.
const WIDTH: usize = 96;

/// A question of a lesson, as its README has it:
///
/// ```text
/// <details><summary>1. Two CIDs differ. Do they name different bytes?<br>a) Yes.<br>b) Perhaps.</summary>
///
/// **b.** Another version … **a:** it holds the other way round …
/// </details>
/// ```
#[derive(Debug)]
struct Question {
    text: String,
    /// `a) …`, in order; none if it is answered in words.
    choices: Vec<String>,
    /// With its marks: `**b.** …`.
    answer: String,
}

/// Asks each question, waits for an answer, and shows ours.
pub fn run(cx: &mut Context<'_>, module: Option<&str>) -> Result<u8> {
    let module = match module {
        Some(name) => catalogue::module(name)?,
        None => cx.pick(None).or_else(|_| catalogue::find("00-1"))?.0,
    };
    let path = place::root()
        .join("modules")
        .join(module.folder)
        .join("README.md");
    let questions = questions(&files::read(&path)?);
    let (mut right, mut chosen) = (0, 0);
    for (number, question) in (1..).zip(&questions) {
        let title = format!("{number} of {}", questions.len());
        writeln!(
            cx.out,
            "{}\n{}",
            cx.style.bold(&title),
            wrap(&question.text)
        )?;
        for choice in &question.choices {
            writeln!(cx.out, "  {choice}")?;
        }
        let prompt = match question.choices.is_empty() {
            true => "Enter shows the answer … ",
            false => "your letter: ",
        };
        write!(cx.out, "\n{prompt}")?;
        cx.out.flush()?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        writeln!(cx.out)?;
        if let Some(is_right) = question.judge(&line) {
            chosen += 1;
            right += usize::from(is_right);
            writeln!(
                cx.out,
                "{}",
                if is_right { "Right." } else { "Not that one." }
            )?;
        }
        writeln!(cx.out, "{}\n", wrap(&plain(&question.answer)))?;
    }
    if chosen > 0 {
        writeln!(cx.out, "{right} of {chosen} right")?;
    }
    Ok(0)
}

impl Question {
    /// The letter of the right choice: the answer begins with it.
    fn right(&self) -> Option<char> {
        if self.choices.is_empty() {
            return None;
        }
        self.answer.trim_start_matches('*').chars().next()
    }

    /// Whether what was typed is right; `None` if it is no choice.
    fn judge(&self, typed: &str) -> Option<bool> {
        let letter = typed.trim().chars().next()?.to_ascii_lowercase();
        let is_choice = self.choices.iter().any(|one| one.starts_with(letter));
        is_choice.then_some(Some(letter) == self.right())
    }
}

/// The questions of a README: the `<details>` of its sections that ask.
fn questions(readme: &str) -> Vec<Question> {
    let sections = SECTIONS.iter().filter_map(|title| {
        let (_, rest) = readme.split_once(&format!("\n## {title}\n"))?;
        rest.split("\n## ").next()
    });
    sections.flat_map(of_section).collect()
}

fn of_section(section: &str) -> impl Iterator<Item = Question> {
    section.split("<details>").skip(1).filter_map(|part| {
        let body = part.split("</details>").next()?;
        let (question, answer) = body.split_once("</summary>")?;
        let question = question.trim().strip_prefix("<summary>")?;
        let number = |c: char| c.is_ascii_digit() || c == '.' || c == ' ';
        let mut lines = question.trim_start_matches(number).split("<br>").map(plain);
        Some(Question {
            text: lines.next()?,
            choices: lines.collect(),
            answer: answer.trim().to_owned(),
        })
    })
}

/// Text without marks that a terminal does not show; of links, their words.
fn plain(text: &str) -> String {
    let text = text.replace("<code>", "`").replace("</code>", "`");
    let mut out = text.replace("**", "").trim().to_owned();
    while let Some((before, rest)) = out.split_once("](")
        && let (Some((start, words)), Some((_, after))) =
            (before.rsplit_once('['), rest.split_once(')'))
    {
        out = format!("{start}{words}{after}");
    }
    out
}

/// Text in lines of at most [`WIDTH`] characters, but for longer words.
fn wrap(text: &str) -> String {
    let mut lines = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            lines.push('\n');
            width = 0;
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    /// What is wrong with the questions of a lesson: too few, or a choice to which nothing is said.
    fn faults(readme: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let questions = questions(readme);
        let (predict, check): (Vec<_>, Vec<_>) =
            questions.iter().partition(|one| one.choices.is_empty());
        if predict.len() < 2 || check.len() < 5 {
            let found = (predict.len(), check.len());
            faults.push(format!("{found:?} questions; a lesson has 2 and 5"));
        }
        for question in &questions {
            let Question {
                text,
                choices,
                answer,
            } = question;
            if !text.contains(['?', '.']) || answer.len() < 40 || answer.contains('<') {
                faults.push(format!("{text:?} asks or answers nothing"));
            }
            let right = question.right();
            if right.is_some_and(|right| !choices.iter().any(|one| one.starts_with(right))) {
                faults.push(format!("{text:?} has no right choice"));
            }
            for (letter, choice) in ('a'..).zip(choices) {
                if !choice.starts_with(&format!("{letter}) ")) {
                    faults.push(format!("{text:?}: {choice:?} is not {letter}"));
                }
                if !answer.contains(&format!("**{letter}")) {
                    faults.push(format!("{text:?} says nothing to {letter}"));
                }
            }
        }
        faults
    }

    fn lesson(number: &str) -> String {
        let folder = catalogue::module(number).unwrap().folder;
        let path = place::root().join("modules").join(folder);
        files::read(&path.join("README.md")).unwrap()
    }

    #[test]
    fn each_lesson_asks_and_answers_every_choice() {
        for module in catalogue::MODULES {
            let path = place::root().join("modules").join(module.folder);
            // A lesson may come after its exercises.
            if let Some(page) = files::read_if_there(&path.join("README.md")).unwrap() {
                assert_eq!(faults(&page), [""; 0], "{}", module.folder);
            }
        }
    }

    #[test]
    fn a_choice_without_an_answer_is_found() {
        let good = lesson("00");
        for (find, replace) in [
            ("**a:**", "a:"),
            ("<br>b) ", "<br>c) "),
            ("## Predict", "## Guess"),
            ("**c.**", "**x.**"),
        ] {
            assert!(good.contains(find), "{find}");
            assert!(
                !faults(&good.replacen(find, replace, 1)).is_empty(),
                "{find}"
            );
        }
    }

    #[test]
    fn a_letter_is_judged() {
        let text = "\n## Check yourself\n<details><summary>1. Is `<code>`<br>a) No.<br>b) Yes.</summary>\n\n**b.** So. **a:** no.\n</details>\n";
        let question = &questions(text)[0];
        assert_eq!(question.text, "Is ```");
        let judged = ["b", " B) x\n", "a", "c", ""].map(|typed| question.judge(typed));
        assert_eq!(judged, [Some(true), Some(true), Some(false), None, None]);
        assert_eq!(plain(&question.answer), "b. So. a: no.");
        assert_eq!(plain("a [b](c.md#d), [e](f) ]( g"), "a b, e ]( g");
    }

    #[test]
    fn long_answers_are_wrapped() {
        let text = wrap(&"word ".repeat(50));
        assert!(text.lines().count() == 3 && text.lines().all(|line| line.len() <= WIDTH));
    }
}
