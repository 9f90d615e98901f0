//! `docs/faults.md`: the results as a page.

use std::fmt::Write;

use demo::units;
use testkit::Outcome;

use super::lab::Lab;
use super::record::{Record, Run};

/// The file, in the root of the workspace.
pub const FILE: &str = "docs/faults.md";

const HEAD: &str = "\
# What the fault laboratories found

Each laboratory breaks stores in one way, thousands of times, and looks whether every promise still
holds. This page is written by `cargo x faults --write` from what the laboratories printed, which is kept in
[faults.jsonl](faults.jsonl); no figure is typed. A result keeps the commit and the machine of its own
run, because all of them together take hours.

Run them with `cargo x faults`, in minutes, or with `cargo x faults --long`, at the figures named as targets
below. `--only kill` takes one laboratory, `--kinds file,redb` some engines, and `--seed` with the seed of a
row repeats what was drawn by lot there: `cargo x faults --long --only kill --kinds redb --seed 7`. What happens at a
random microsecond is drawn again from the same seed, and yet the machine decides where it falls.
What needs root, loop devices or strace and lacks them is SKIPPED, and says why.
";

/// The page of these results.
pub fn page(records: &[Record], labs: &[Lab]) -> String {
    let mut runs: Vec<&Run> = Vec::new();
    for record in records {
        if !runs.contains(&&record.run) {
            runs.push(&record.run);
        }
    }
    let mut page = HEAD.to_owned();
    for lab in labs {
        section(&mut page, lab, records, &runs);
    }
    let mut machines: Vec<&str> = runs.iter().map(|run| &run.machine[..]).collect();
    machines.dedup();
    page += "\n## Runs\n\n| run | day | commit | command | machine |\n| --- | --- | --- | --- | --- |\n";
    for (n, run) in runs.iter().enumerate() {
        row(
            &mut page,
            &[
                &(n + 1).to_string(),
                &run.date,
                &run.commit,
                &format!("`{}`", run.command),
                &run.machine,
            ],
        );
    }
    page
}

fn section(page: &mut String, lab: &Lab, records: &[Record], runs: &[&Run]) {
    // Writing to a String does not fail.
    let _ = write!(
        page,
        "\n## {}\n\n{} A failure: {}\n\nTarget: {}.\n\n",
        lab.name,
        lab.does,
        lower(lab.fails),
        lab.target
    );
    let of: Vec<&Record> = records
        .iter()
        .filter(|record| lab.says(&record.outcome.lab))
        .collect();
    if of.is_empty() {
        page.push_str("Not run yet.\n");
        return;
    }
    page.push_str("| on | tried | held | end | took | seed | run | besides |\n");
    page.push_str("| --- | ---: | ---: | --- | ---: | ---: | ---: | --- |\n");
    for record in of {
        let outcome = &record.outcome;
        let run = runs.iter().position(|run| **run == record.run);
        row(
            page,
            &[
                &on(lab, outcome),
                &units::count(outcome.tried),
                &units::count(outcome.held),
                record.end(),
                &units::duration(outcome.took),
                &seed(outcome),
                &run.map_or(String::new(), |n| (n + 1).to_string()),
                record.skipped.as_deref().unwrap_or(&outcome.detail),
            ],
        );
    }
}

/// What it was on, with the rest of its name if the laboratory has several parts.
fn on(lab: &Lab, outcome: &Outcome) -> String {
    match outcome.lab.strip_prefix(lab.name) {
        Some("") | None => outcome.what.clone(),
        Some(part) => format!("{}: {}", part.trim_start_matches('-'), outcome.what),
    }
}

/// The seed; nothing where nothing was drawn by lot.
pub fn seed(outcome: &Outcome) -> String {
    outcome.seed.map_or(String::new(), |seed| seed.to_string())
}

fn row(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| demo::plain(cell).replace('|', "\\|"))
        .collect();
    page.push_str(&format!("| {} |\n", cells.join(" | ")));
}

/// With a small first letter, to stand after a colon.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::lab::LABS;
    use super::super::record::{self, tests::record};
    use super::*;
    use crate::workspace;

    #[test]
    fn a_row_shows_what_was_recorded_and_no_cell_breaks_it() {
        let mut failed = record("kill", "redb each", 10_000, 9_999, "abc");
        failed.outcome.detail = "a | b\nc".into();
        failed.outcome.seed = None;
        let text = page(&[record("kill", "file each", 3, 3, "abc"), failed], LABS);
        assert!(text.contains("| file each | 3 | 3 | held | "), "{text}");
        assert!(
            text.contains("| redb each | 10,000 | 9,999 | FAILED | 1 min 01 s |  | 1 |"),
            "{text}"
        );
        assert!(text.contains("a \\| b"), "{text}");
        assert!(text.contains("Not run yet."));
        assert_eq!(text.matches("| 1 | 2026-01-31 | abc |").count(), 1);
    }

    /// Whether nobody typed into the page.
    fn agrees(text: &str, results: &str) -> anyhow::Result<()> {
        let records = record::parse(results)?;
        anyhow::ensure!(
            page(&records, LABS) == text,
            "{FILE} is not what {} gives; `cargo x faults --page` writes it",
            record::FILE
        );
        Ok(())
    }

    #[test]
    fn the_page_is_that_of_its_results() {
        let root = workspace::root().unwrap();
        let page = workspace::read(&root, FILE).unwrap();
        let results = workspace::read(&root, record::FILE).unwrap();
        agrees(&page, &results).unwrap();
        let typed = page.clone() + "and more\n";
        assert!(agrees(&typed, &results).is_err());
    }
}
