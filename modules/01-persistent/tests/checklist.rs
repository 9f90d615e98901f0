//! What CHECKLIST.md and the promises of the pages name is there: each test by its name, each
//! page by its heading.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn module() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cells of each row of the tables in `text` whose first cell is `is_row`.
fn rows(text: &str, is_row: impl Fn(&str) -> bool) -> Vec<Vec<String>> {
    text.lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .filter(|row: &Vec<String>| is_row(&row[0]))
        .collect()
}

/// The names of tests in this module and in the contract: functions below `#[test]`, and the
/// checks of `contract!`.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut todo: Vec<PathBuf> = ["src", "tests", "examples"]
        .map(|dir| module().join(dir))
        .into();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            names.extend(tests_of(&fs::read_to_string(&path).unwrap()));
        }
    }
    let contract = module().join("../../shared/datastore/src/contract.rs");
    names.extend(checks_of(&fs::read_to_string(contract).unwrap()));
    names
}

fn tests_of(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut test = false;
    for line in text.lines().map(str::trim) {
        if line == "#[test]" {
            test = true;
        } else if let Some(rest) = line.strip_prefix("fn ") {
            if test {
                names.push(rest.split('(').next().unwrap().to_owned());
            }
            test = false;
        }
    }
    names
}

/// The names that `contract!` makes tests of, between `@tests $make;` and `);`.
fn checks_of(text: &str) -> Vec<String> {
    let list = text.split_once("@tests $make;").unwrap().1;
    let list = list.split_once(");").unwrap().0;
    list.split_whitespace().map(str::to_owned).collect()
}

/// What is wrong with a cell that names tests and pages; `None` if all of them are there.
fn fault(cell: &str, tests: &BTreeSet<String>) -> Option<String> {
    let mut named = 0;
    for name in cell.split('`').skip(1).step_by(2) {
        named += 1;
        if !tests.contains(name) {
            return Some(format!("there is no test {name}"));
        }
    }
    for link in cell.split("](").skip(1) {
        named += 1;
        let link = link.split(')').next().unwrap();
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        let Ok(text) = fs::read_to_string(module().join(file)) else {
            return Some(format!("there is no page {file}"));
        };
        let is_heading = |line: &str| {
            line.strip_prefix("## ")
                .is_some_and(|title| title.to_lowercase().replace(' ', "-") == heading)
        };
        if !heading.is_empty() && !text.lines().any(is_heading) {
            return Some(format!("{file} has no heading {heading}"));
        }
    }
    (named == 0).then(|| "nothing is named".to_owned())
}

#[test]
fn every_row_is_held_by_something_that_is_there() {
    let text = fs::read_to_string(module().join("CHECKLIST.md")).unwrap();
    let rows = rows(&text, |first| {
        first
            .strip_prefix('P')
            .is_some_and(|n| n.parse::<u32>().is_ok())
    });
    let numbers: Vec<String> = rows.iter().map(|row| row[0].clone()).collect();
    let wanted: Vec<String> = (1..=33).map(|n| format!("P{n}")).collect();
    assert_eq!(numbers, wanted);
    let tests = tests();
    for row in rows {
        if let Some(fault) = fault(&row[2], &tests) {
            panic!("{}: {fault}", row[0]);
        }
    }
}

#[test]
fn every_promise_names_a_test_that_is_there() {
    let pages = ["README.md", "docs/promises.md"];
    let text = pages.map(|page| fs::read_to_string(module().join(page)).unwrap());
    let rows = rows(&text.concat(), |first| first.parse::<u32>().is_ok());
    assert!(rows.len() >= 20, "{}", rows.len());
    let tests = tests();
    for (n, row) in (1..).zip(rows) {
        assert_eq!(row[0], n.to_string());
        if let Some(fault) = fault(&row[2], &tests) {
            panic!("promise {n}: {fault}");
        }
    }
}

#[test]
fn every_wrapper_names_a_test_that_is_there() {
    let text = fs::read_to_string(module().join("docs/wrappers.md")).unwrap();
    let rows = rows(&text, |first| first.starts_with('`'));
    assert_eq!(rows.len(), 11);
    let tests = tests();
    for row in rows {
        if let Some(fault) = fault(&row[3], &tests) {
            panic!("{}: {fault}", row[0]);
        }
    }
}

#[test]
fn what_is_not_there_is_seen() {
    let tests: BTreeSet<String> = ["a_test".to_owned()].into();
    let there = |cell| fault(cell, &tests).is_none();
    assert!(there("`a_test`"));
    assert!(there("[x](README.md#the-idea), `a_test`"));
    assert!(!there("`another`"));
    assert!(!there("`a_test`, `another`"));
    assert!(!there("[x](README.md#no-idea)"));
    assert!(!there("[x](NOWHERE.md)"));
    assert!(!there("by somebody"));
    assert_eq!(tests_of("#[test]\nfn a() {}\nfn b() {}\n"), ["a"]);
}
