//! `quiz`: the questions of a lesson, in the terminal.

use std::io::{self, BufRead};

use super::Context;
use crate::error::Result;
use crate::{catalogue, files, place};

/// Asks each question, waits for Enter, and shows the answer.
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
    for (number, (question, answer)) in (1..).zip(&questions) {
        let title = format!("{number} of {}", questions.len());
        writeln!(cx.out, "{}\n{question}", cx.style.bold(&title))?;
        write!(cx.out, "\nEnter shows the answer … ")?;
        cx.out.flush()?;
        io::stdin().lock().read_line(&mut String::new())?;
        writeln!(cx.out, "\n{answer}\n")?;
    }
    Ok(0)
}

/// Questions and answers of a README: the `<details>` below "Check yourself".
fn questions(readme: &str) -> Vec<(String, String)> {
    let Some((_, rest)) = readme.split_once("\n## Check yourself\n") else {
        return Vec::new();
    };
    let section = rest.split("\n## ").next().unwrap_or_default();
    let text = |html: &str| {
        let text = html.replace("<code>", "`").replace("</code>", "`");
        text.trim().to_owned()
    };
    section
        .split("<details>")
        .skip(1)
        .filter_map(|part| {
            let body = part.split("</details>").next()?;
            let (question, answer) = body.split_once("</summary>")?;
            let question = question.trim().strip_prefix("<summary>")?;
            let number = |c: char| c.is_ascii_digit() || c == '.' || c == ' ';
            Some((text(question.trim_start_matches(number)), text(answer)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_lesson_has_questions_with_answers() {
        for module in catalogue::MODULES {
            let path = place::root()
                .join("modules")
                .join(module.folder)
                .join("README.md");
            let questions = questions(&files::read(&path).unwrap());
            assert!(questions.len() >= 5, "{}: {questions:?}", module.folder);
            for (question, answer) in questions {
                assert!(question.contains(['?', '.']), "{question}");
                assert!(answer.len() > 40 && !answer.contains('<'), "{answer}");
            }
        }
    }
}
