//! The table of practice exercises in `PRACTICE.md`: each row has a home that is there.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use crate::{catalogue, files, place};

/// How many there are for each module.
const MODULES: [(&str, usize); 5] = [("00", 6), ("01", 6), ("02", 6), ("05", 9), ("06", 9)];

/// What is wrong with a table whose links begin in `dir`.
fn faults(table: &str, dir: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| {
            line.starts_with("| ") && !line.starts_with("| #") && !line.starts_with("| --")
        })
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    for (number, row) in (1..).zip(&rows) {
        let [id, module, text, home] = row[..] else {
            faults.push(format!("row {number} has {} columns", row.len()));
            continue;
        };
        if id != number.to_string() || text.len() < 10 {
            faults.push(format!("row {number} is {id}: {text}"));
        }
        if !MODULES.iter().any(|(known, _)| *known == module) {
            faults.push(format!(
                "row {number}: no module {module} has practice exercises"
            ));
        }
        faults.extend(missing(home, dir).map(|why| format!("row {number}: {why}")));
    }
    for (module, wanted) in MODULES {
        let count = rows
            .iter()
            .filter(|row| row.get(1) == Some(&module))
            .count();
        if count != wanted {
            faults.push(format!(
                "{count} rows for {module}, and {wanted} are in the list"
            ));
        }
    }
    faults
}

/// Why a home is none.
fn missing(home: &str, dir: &Path) -> Option<String> {
    if let Some((id, rest)) = home.split_once(", with module ") {
        // An exercise to come.
        let module = id.split('-').next().unwrap_or_default();
        let to_come = rest == module && catalogue::find(id).is_err();
        return (!to_come).then(|| format!("{home:?}: that exercise is there"));
    }
    let Some(link) = home
        .split_once("](")
        .map(|(_, link)| link.trim_end_matches(')'))
    else {
        return catalogue::find(home).err().map(|error| error.to_string());
    };
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let Ok(page) = fs::read_to_string(dir.join(path)) else {
        return Some(format!("there is no {path}"));
    };
    if home.starts_with("[by hand]") {
        let name = |line: &str| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            title.replace([',', '.'], "").replace(' ', "-")
        };
        let found = page
            .lines()
            .any(|line| line.starts_with('#') && name(line) == anchor);
        return (!found).then(|| format!("{path} has no section {anchor}"));
    }
    for part in [
        "## Goal",
        "## Interface",
        "```rust",
        "## It is done when",
        "\n4. ",
    ] {
        if !page.contains(part) {
            return Some(format!("{path} has no {part:?}"));
        }
    }
    None
}

#[test]
fn each_practice_exercise_has_a_home() {
    let dir = place::root().join("exercises");
    let table = files::read(&dir.join("PRACTICE.md")).unwrap();
    assert_eq!(faults(&table, &dir), [""; 0]);
    for page in fs::read_dir(dir.join("projects")).unwrap() {
        let name = page.unwrap().file_name().into_string().unwrap();
        let link = format!("(projects/{name})");
        assert_eq!(
            table.matches(&link).count(),
            1,
            "{name} is in the table once"
        );
    }
}

#[test]
fn a_row_without_a_home_is_found() {
    let dir = place::root().join("exercises");
    let table = files::read(&dir.join("PRACTICE.md")).unwrap();
    for (find, replace) in [
        ("| 00-6 |", "| 00-99 |"),
        ("| 00-6 |", "| 00-6, with module 00 |"),
        ("projects/blog.md", "projects/blob.md"),
        ("projects/blog.md", "README.md"),
        ("#an-object-there-and-back", "#an-object"),
        ("| 36 | 06 |", "| 37 | 06 |"),
        ("| 5 | 00 |", "| 5 | 01 |"),
        ("| 02-3, with module 02 |", "|  |"),
    ] {
        assert!(table.contains(find), "{find}");
        assert!(
            !faults(&table.replacen(find, replace, 1), &dir).is_empty(),
            "{find}"
        );
    }
    let short: String = table
        .lines()
        .filter(|line| !line.starts_with("| 20 "))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(!faults(&short, &dir).is_empty());
}
