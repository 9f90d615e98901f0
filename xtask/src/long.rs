//! `cargo x long`: what takes longer than CI may.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use demo::{Column, Style, Table, Usage, units};

use crate::workspace;

/// One of them: a cargo command, run with `CAIRN_LONG=1`, at which tests do their rounds in full.
struct Run {
    name: &'static str,
    what: &'static str,
    cargo: &'static [&'static str],
    /// The first words of the names of the tests that are meant, if it runs tests.
    tests: Option<&'static str>,
}

/// The laboratories of 01-persistent, on every engine.
const fn laboratory(name: &'static str, what: &'static str, tests: &'static str) -> Run {
    Run {
        name,
        what,
        cargo: &[
            "test",
            "--release",
            "--locked",
            "--package",
            "persistent",
            "--features",
            "rocksdb",
            "--test",
            "store",
        ],
        tests: Some(tests),
    }
}

const RUNS: &[Run] = &[
    laboratory(
        "kill",
        "10,000 kills of a writing child on each engine",
        "kill::",
    ),
    laboratory("power", "200 power cuts on each engine", "power::"),
    laboratory(
        "mirror",
        "2,000 random histories of each engine beside the model",
        "mirror::",
    ),
    laboratory("race", "10,000 races of 8 openers", "race::"),
    Run {
        name: "fresh",
        what: "a first `cargo run --bin 01-persistent`, in under two minutes",
        cargo: &["run", "--quiet", "--package", "xtask", "--", "fresh"],
        tests: None,
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
        cargo.args(
            run.tests
                .map(|tests| ["--", tests, "--nocapture"])
                .into_iter()
                .flatten(),
        );
        writeln!(out, "CAIRN_LONG=1 {}", workspace::line(&cargo))?;
        let start = Instant::now();
        let end = end(cargo, run.tests.is_some(), out)?;
        if end != "ok" {
            failed.push(run.name.to_owned());
        }
        summary.row([run.name, &units::duration(start.elapsed()), &end]);
    }
    write!(out, "\n{}", summary.styled(Style::stdout()))?;
    workspace::refuse("long runs that failed", &failed)
}

/// Runs one, its output passed on as it comes, and says how it ended. A filter that fits no test
/// lets `cargo test` succeed, so tests are counted.
fn end(mut cargo: Command, tests: bool, out: &mut dyn Write) -> Result<String> {
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let stdout = child.stdout.take().context("cargo has no stdout")?;
    let mut passed = 0;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        writeln!(out, "{line}")?;
        out.flush()?;
        passed += passes(&line);
    }
    let status = child.wait()?;
    Ok(if !status.success() {
        status.to_string()
    } else if tests && passed == 0 {
        "ran no test".to_owned()
    } else {
        "ok".to_owned()
    })
}

/// The number of tests that passed, if `line` is the last line of a test binary.
fn passes(line: &str) -> u64 {
    line.strip_prefix("test result: ok. ")
        .and_then(|rest| rest.split(' ').next()?.parse().ok())
        .unwrap_or(0)
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

    #[test]
    fn passed_tests_are_counted() {
        assert_eq!(
            passes("test result: ok. 12 passed; 0 failed; 0 ignored"),
            12
        );
        assert_eq!(
            passes("test result: FAILED. 12 passed; 1 failed; 0 ignored"),
            0
        );
        assert_eq!(passes("running 12 tests"), 0);
    }

    fn says(line: &str, tests: bool) -> String {
        let mut bash = Command::new("bash");
        bash.args(["-c", line]);
        end(bash, tests, &mut Vec::new()).unwrap()
    }

    #[test]
    fn no_test_at_all_is_a_failure() {
        let none = "echo 'test result: ok. 0 passed; 0 failed'";
        assert_eq!(says(none, true), "ran no test");
        assert_eq!(says(none, false), "ok");
        assert_eq!(
            says("echo 'test result: ok. 1 passed; 0 failed'", true),
            "ok"
        );
        assert_eq!(says("exit 3", true), "exit status: 3");
    }
}
