//! `cargo x long`: what takes longer than CI may.

use std::io::Write;
use std::time::Instant;

use anyhow::{Result, ensure};
use demo::{Column, Style, Table, Usage, units};

use crate::workspace;

/// One of them: a cargo command, run with `CAIRN_LONG=1`, at which tests do their rounds in full.
struct Run {
    name: &'static str,
    what: &'static str,
    cargo: &'static [&'static str],
}

const RUNS: &[Run] = &[
    Run {
        name: "kill",
        what: "10,000 kills of a writing child on every engine",
        cargo: &[
            "test",
            "--release",
            "--locked",
            "--package",
            "persistent",
            "--features",
            "rocksdb",
            "--test",
            "kill",
            "--",
            "--nocapture",
        ],
    },
    Run {
        name: "fresh",
        what: "a first `cargo run --bin 01-persistent`, in under two minutes",
        cargo: &["run", "--quiet", "--package", "xtask", "--", "fresh"],
    },
];

/// Runs all, or the one that is named. Their output is not held back; a summary ends it.
///
/// # Errors
/// If any fails, after the others ran.
pub fn run(only: Option<&str>, out: &mut dyn Write) -> Result<()> {
    let root = workspace::root()?;
    let runs = chosen(only)?;
    let mut list = Table::new([Column::left("name"), Column::left("what")]).styled(Style::stdout());
    runs.iter().for_each(|run| list.row([run.name, run.what]));
    writeln!(out, "{list}")?;
    out.flush()?;
    let mut summary = Table::new([
        Column::left("name"),
        Column::right("took"),
        Column::left("end"),
    ]);
    let mut failed = Vec::new();
    for run in runs {
        let mut cargo = workspace::cargo(&root);
        cargo.args(run.cargo).env("CAIRN_LONG", "1");
        writeln!(out, "CAIRN_LONG=1 {}", workspace::line(&cargo))?;
        out.flush()?;
        let start = Instant::now();
        let status = cargo.status()?;
        if !status.success() {
            failed.push(run.name.to_owned());
        }
        summary.row([
            run.name,
            &units::duration(start.elapsed()),
            &status.to_string(),
        ]);
    }
    write!(out, "\n{}", summary.styled(Style::stdout()))?;
    workspace::refuse("long runs that failed", &failed)
}

fn chosen(only: Option<&str>) -> Result<Vec<&'static Run>> {
    let runs: Vec<&Run> = RUNS
        .iter()
        .filter(|run| only.is_none_or(|only| run.name == only))
        .collect();
    let names: Vec<&str> = RUNS.iter().map(|run| run.name).collect();
    ensure!(
        !runs.is_empty(),
        Usage::new(format!(
            "no long run `{}`; there are {}",
            only.unwrap_or_default(),
            names.join(", ")
        ))
    );
    Ok(runs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_or_all_are_chosen() {
        assert_eq!(chosen(None).unwrap().len(), RUNS.len());
        for run in RUNS {
            assert_eq!(
                chosen(Some(run.name)).unwrap().len(),
                1,
                "{} stands once",
                run.name
            );
        }
        assert!(chosen(Some("kilt")).is_err_and(|error| error.is::<Usage>()));
    }
}
