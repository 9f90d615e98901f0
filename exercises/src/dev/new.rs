//! `dev new`: the files of a new exercise.

use std::io::Write;

use crate::error::{Error, Result};
use crate::{catalogue, files, place};

const ANSWER: &str = "//! TITLE.\n\n/// What it does.\npub fn answer(n: u64) -> u64 {\n    //~ todo: say what to do\n    n + 1\n    //~ end\n}\n";
const CHECK: &str = "use crate::answer::answer;\n\n/// what has to hold, in words\n#[test]\nfn a1_one() {\n    say::same(\"answer(1)\", &answer(1), &2, \"why it matters\");\n}\n";
const META: &str = r#"use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "ID",
    file: "FILE",
    title: "TITLE",
    minutes: 20,
    stretch: false,
    marks: &[Mark::Works],
    goal: "What to build, and why. Some lines.",
    hints: [
        "A question that leads to the idea.",
        "The idea, without a line of code, and longer than the question.",
        "Nearly the code, and longer again.",
    ],
    debrief: "Why it is so, what else one could have done, what Kubo does.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[Mutant {
        name: "adds nothing",
        find: "n + 1",
        replace: "n",
        killed_by: "a1",
    }],
};
"#;

/// Makes them, and says what to add to the catalogue.
pub fn run(id: &str, name: &str, out: &mut dyn Write) -> Result<u8> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let (Some((module, number)), true) = (id.split_once('-'), name.chars().all(fits)) else {
        return Err(Error::usage("as in: dev new 01-12 a-name-in-lower-case"));
    };
    let module = catalogue::module(module)?;
    let number: u32 = number
        .parse()
        .map_err(|_| Error::usage(format!("{number:?} is no number")))?;
    let folder = format!("e{number:02}-{name}");
    let file = folder.replace('-', "_");
    let dir = place::root()
        .join("exercises")
        .join(module.folder)
        .join(&folder);
    if dir.exists() {
        return Err(Error::usage(format!("{} is there", place::shown(&dir))));
    }
    for (name, text) in [
        ("answer.rs", ANSWER),
        ("check.rs", CHECK),
        ("meta.rs", META),
        ("messages.txt", ""),
    ] {
        let text = text
            .replace("FILE", &file)
            .replace("ID", id)
            .replace("TITLE", "A title");
        files::write(&dir.join(name), &text)?;
    }
    writeln!(
        out,
        "made {}\nadd to exercises/{}/exercises.rs:\n\n    #[path = \"{folder}/meta.rs\"]\n    mod e{number:02};\n\n\
         and &e{number:02}::EXERCISE to its list; then `dev gen {id}` and `dev check {id}`",
        place::shown(&dir),
        module.folder
    )?;
    Ok(0)
}
