//! What became of one check.

use std::process::ExitStatus;
use std::time::Duration;

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// Something is not written yet.
    Todo(Panic),
    /// The answer panicked.
    Panics(Panic),
    /// The check says what is wrong.
    Fails(String),
    /// It was still running after so long.
    Hangs(Duration),
    /// The process ended in another way.
    Dies(String),
}

/// A panic in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// The file, as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What it said.
    pub message: String,
}

impl Verdict {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        *self == Verdict::Holds
    }
}

/// Reads it from what the test printed.
pub fn read(name: &str, status: ExitStatus, stdout: &str, stderr: &str) -> Verdict {
    if status.success() {
        return if stdout.contains("1 passed") {
            Verdict::Holds
        } else {
            Verdict::Dies(format!("there is no check {name}"))
        };
    }
    let panics = panics(stderr);
    let in_answer = |panic: &&Panic| {
        // As the checks name it; what a dependency panics of lies in a `src` of its own.
        panic.file.replace('\\', "/").contains("checks/../src/")
    };
    let todo = |panic: &&Panic| panic.message.starts_with("not yet implemented");
    if let Some(panic) = panics.iter().filter(in_answer).find(todo) {
        return Verdict::Todo(panic.clone());
    }
    // What a thread died of comes before what its parent says of that.
    let empty = |panic: &&Panic| panic.message != "a scoped thread panicked";
    match panics.iter().rfind(empty) {
        Some(panic) if in_answer(&panic) => Verdict::Panics(panic.clone()),
        Some(panic) => Verdict::Fails(panic.message.clone()),
        None if stderr.contains("overflowed its stack") => Verdict::Dies(
            "the stack is full: a function calls itself, and does not come to an end".into(),
        ),
        None => Verdict::Dies(format!("the program ended with {status}, without a word")),
    }
}

/// The panics that a program told of:
///
/// ```text
/// thread 'a1_x' (4711) panicked at checks/e01.rs:7:5:
/// what it said, in one line
/// or more
/// note: run with `RUST_BACKTRACE=1` …
/// ```
fn panics(stderr: &str) -> Vec<Panic> {
    let mut panics: Vec<Panic> = Vec::new();
    let mut open = false;
    for line in stderr.lines() {
        if let Some((_, place)) = line.split_once("panicked at ")
            && line.starts_with("thread ")
        {
            let mut parts = place.trim_end_matches(':').rsplitn(3, ':');
            let (_, at, file) = (parts.next(), parts.next(), parts.next());
            panics.push(Panic {
                file: file.unwrap_or_default().to_owned(),
                line: at.and_then(|at| at.parse().ok()).unwrap_or(0),
                message: String::new(),
            });
            open = true;
        } else if line.starts_with("note: run with `RUST_BACKTRACE") {
            open = false;
        } else if let Some(panic) = panics.last_mut().filter(|_| open) {
            panic.message += line;
            panic.message.push('\n');
        }
    }
    for panic in &mut panics {
        panic.message = panic.message.trim_end().to_owned();
    }
    panics
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn panics_are_read_with_their_place() {
        let text = "\nthread 'a1' (7) panicked at 00/src/e01_x.rs:7:5:\nnot yet implemented: hash\n\
                    note: run with `RUST_BACKTRACE=1` environment variable\n\
                    thread '<unnamed>' panicked at C:\\x\\checks\\e01.rs:9:1:\nyours  a\nours   b\n";
        let panics = panics(text);
        let [first, second] = &panics[..] else {
            unreachable!("{panics:?}")
        };
        assert_eq!((first.file.as_str(), first.line), ("00/src/e01_x.rs", 7));
        assert_eq!(first.message, "not yet implemented: hash");
        assert_eq!(second.message, "yours  a\nours   b");
        assert_eq!(second.line, 9);
    }

    #[cfg(unix)]
    #[test]
    fn each_end_has_its_name() {
        use std::os::unix::process::ExitStatusExt;
        let failed = ExitStatus::from_raw(101 << 8);
        let at = |file: &str, said: &str| {
            let text = format!("thread 'a1' panicked at {file}:3:5:\n{said}\n");
            read("a1", failed, "", &text)
        };
        let todo = at(
            "00-block-cid/checks/../src/e01.rs",
            "not yet implemented: x",
        );
        assert!(
            matches!(todo, Verdict::Todo(Panic { line: 3, .. })),
            "{todo:?}"
        );
        let panics = at("00-block-cid/checks/../src/e01.rs", "index out of bounds");
        assert!(matches!(panics, Verdict::Panics(_)), "{panics:?}");
        let fails = at("00-block-cid/checks/e01.rs", "yours is wrong");
        assert_eq!(fails, Verdict::Fails("yours is wrong".into()));
        assert!(matches!(
            read("a1", ExitStatus::from_raw(6), "", "thread main has overflowed its stack"),
            Verdict::Dies(why) if why.contains("stack")
        ));
        let passed = ExitStatus::from_raw(0);
        assert_eq!(read("a1", passed, "ok. 1 passed", ""), Verdict::Holds);
        assert!(!read("a1", passed, "ok. 0 passed", "").holds());
    }
}
