//! The sessions in `docs/teaching.md`: which exercises, and how long.

use std::fmt::Write as _;

use crate::catalogue;

/// What is done together.
struct Session {
    title: &'static str,
    /// What is read and run before.
    before: &'static str,
    exercises: &'static [&'static str],
}

const SESSIONS: &[Session] = &[
    Session {
        title: "A name",
        before: "lesson 00, to How it works",
        exercises: &["00-1", "00-2", "00-4"],
    },
    Session {
        title: "Trust nobody",
        before: "lesson 00, to the end",
        exercises: &["00-3", "00-5", "00-6", "00-7"],
    },
    Session {
        title: "A contract",
        before: "lesson 01, to The idea",
        exercises: &["01-1", "01-2"],
    },
    Session {
        title: "The power goes",
        before: "lesson 01, to Promises",
        exercises: &["01-3", "01-4"],
    },
    Session {
        title: "A log",
        before: "Six engines, and why there are so many",
        exercises: &["01-5"],
    },
    Session {
        title: "Living with a store",
        before: "Choosing a datastore",
        exercises: &["01-6", "01-7", "01-8"],
    },
    Session {
        title: "For those who want more",
        before: "Stores around stores; Saving and restoring",
        exercises: &["01-9", "01-10", "01-11"],
    },
    Session {
        title: "Values and links",
        before: "lesson 05, to How it works",
        exercises: &["05-1", "05-2"],
    },
    Session {
        title: "Graphs",
        before: "lesson 05, to the end",
        exercises: &["05-3", "05-4"],
    },
    Session {
        title: "A file",
        before: "lesson 06, to How it works",
        exercises: &["06-1", "06-2"],
    },
    Session {
        title: "A folder",
        before: "lesson 06, to the end; Folders, small and large; CARs",
        exercises: &["06-3", "06-4"],
    },
    Session {
        title: "A folder from a stranger",
        before: "Folders, small and large: From a stranger",
        exercises: &["06-5"],
    },
];

/// The table of them. The minutes are those of the exercises.
pub fn table() -> String {
    let mut text = String::from(
        "| | session | read and run before | exercises | minutes |\n| ---: | --- | --- | --- | ---: |\n",
    );
    for (number, session) in (1..).zip(SESSIONS) {
        let minutes: u32 = session
            .exercises
            .iter()
            .filter_map(|id| catalogue::find(id).ok())
            .map(|(_, exercise)| exercise.minutes)
            .sum();
        let _ = writeln!(
            text,
            "| {number} | {} | {} | {} | {minutes} |",
            session.title,
            session.before,
            session.exercises.join(", ")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{files, place};

    #[test]
    fn each_exercise_is_in_one_session() {
        let ids: Vec<&str> = SESSIONS
            .iter()
            .flat_map(|session| session.exercises.iter().copied())
            .collect();
        for (_, exercise) in catalogue::all() {
            let count = ids.iter().filter(|id| **id == exercise.id).count();
            assert_eq!(count, 1, "{}", exercise.id);
        }
        assert_eq!(ids.len(), catalogue::all().count());
    }

    /// What people get wrong is what a check catches.
    #[test]
    fn each_wrong_answer_that_the_page_names_is_a_mutant() {
        let page = files::read(&place::root().join("docs/teaching.md")).unwrap();
        let (_, section) = page.split_once("\n## What people get wrong\n").unwrap();
        let section = section.split("\n## ").next().unwrap();
        let mut count = 0;
        for row in section.lines().filter(|line| line.starts_with("| 0")) {
            let mut cells = row.trim_matches('|').split('|').map(str::trim);
            let (id, name) = (cells.next().unwrap(), cells.next().unwrap());
            let (_, exercise) = catalogue::find(id).unwrap();
            let known = exercise.mutants.iter().any(|mutant| mutant.name == name);
            assert!(known, "{id} has no mutant {name:?}");
            count += 1;
        }
        assert!(count >= 10, "{count}");
    }
}
