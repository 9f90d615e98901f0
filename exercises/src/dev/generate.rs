//! `dev gen`: writes what is made from what is found: the messages of mutants, and the pages.

use std::io::Write;
use std::path::PathBuf;

use super::proof::Proof;
use super::variant::Variant;
use super::{Chosen, page};
use crate::error::Result;
use crate::exercise::{Exercise, Module};
use crate::{files, place, show};

/// What stands before each text.
const MARK: &str = "== ";

/// Writes `messages.txt` of these exercises, and all pages.
pub fn run(chosen: &Chosen, out: &mut dyn Write) -> Result<u8> {
    for (module, exercises) in chosen {
        let proof = Proof::run(module, exercises)?;
        for exercise in exercises {
            let mut text = String::new();
            for variant in Variant::all(exercise) {
                if let Variant::Mutant(_, mutant) = variant {
                    text += &format!(
                        "{MARK}{} · {}\n{}\n\n",
                        mutant.name,
                        mutant.killed_by,
                        told(&proof, variant, exercise)
                    );
                }
            }
            let path = folder(module, exercise).join("messages.txt");
            files::write(&path, &text)?;
            writeln!(out, "{}", place::shown(&path))?;
        }
    }
    for path in page::write()? {
        writeln!(out, "{}", place::shown(&path))?;
    }
    Ok(0)
}

/// The folder of an exercise's sources.
pub fn folder(module: &Module, exercise: &Exercise) -> PathBuf {
    let root = place::root().join("exercises").join(module.folder);
    root.join(exercise.file.replace('_', "-"))
}

/// What a learner is told of a mutant.
pub fn told(proof: &Proof, variant: Variant, exercise: &Exercise) -> String {
    let Variant::Mutant(_, mutant) = variant else {
        return String::new();
    };
    let source = variant.answer(exercise).unwrap_or_default();
    match proof.verdict(variant, exercise, mutant.killed_by) {
        Some(verdict) => show::told(mutant.killed_by, verdict, "answer.rs", &source)
            .trim_end()
            .to_owned(),
        None => String::new(),
    }
}

/// Names of mutants and their texts.
pub fn messages(text: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix(MARK) {
            let name = head.rsplit_once(" · ").map_or(head, |(name, _)| name);
            all.push((name.to_owned(), String::new()));
        } else if let Some((_, text)) = all.last_mut() {
            *text += line;
            text.push('\n');
        }
    }
    for (_, text) in &mut all {
        *text = text.trim_end().to_owned();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_by_name() {
        let text = "== a · b · c1\none\n\ntwo\n\n== d · a1\nthree\n";
        let found = messages(text);
        let found: Vec<_> = found
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(found, [("a · b", "one\n\ntwo"), ("d", "three")]);
    }
}
