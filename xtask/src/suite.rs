//! Runs some tests of the workspace in release, passes on what they print, and keeps what their
//! laboratories say.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result};
use testkit::Outcome;

use crate::workspace;

/// Tests of one package: the target as cargo names it, and a part of their names, if not all.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    pub package: &'static str,
    /// `--test NAME`, or `--lib`.
    pub target: &'static [&'static str],
    pub filter: &'static str,
}

impl Suite {
    /// Those of 01-persistent that try every engine.
    pub const fn of_stores(filter: &'static str) -> Suite {
        Suite {
            package: "persistent",
            target: &["--test", "store"],
            filter,
        }
    }

    /// Those of backups and restores.
    pub const fn of_backup(filter: &'static str) -> Suite {
        Suite {
            package: "persistent",
            target: &["--test", "backup"],
            filter,
        }
    }

    /// The command that runs them one after another, with RocksDB or without.
    pub fn command(&self, root: &Path, rocksdb: bool) -> Command {
        let mut cargo = workspace::cargo(root);
        cargo.args(["test", "--release", "--locked", "--package", self.package]);
        if rocksdb && self.package == "persistent" {
            cargo.args(["--features", "rocksdb"]);
        }
        cargo.args(self.target);
        cargo.arg("--");
        if !self.filter.is_empty() {
            cargo.arg(self.filter);
        }
        cargo.args(["--nocapture", "--test-threads", "1"]);
        cargo
    }
}

/// How a run of tests ended, and what was said in it.
#[derive(Debug, Default)]
pub struct Ended {
    /// The results of laboratories, in their order.
    pub outcomes: Vec<Outcome>,
    /// What was skipped, and why.
    pub skipped: Vec<String>,
    /// How many tests passed.
    pub passed: u64,
    /// What went wrong, if anything did.
    pub fault: Option<String>,
}

/// Runs the command; a line that it prints is passed on as it comes. A filter that fits no test
/// lets `cargo test` succeed, so tests are counted if they are `tests`.
pub fn run(mut cargo: Command, tests: bool, out: &mut dyn Write) -> Result<Ended> {
    let mut child = cargo
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let (sender, lines) = mpsc::channel();
    let stdout = child.stdout.take().context("cargo has no stdout")?;
    let stderr = child.stderr.take().context("cargo has no stderr")?;
    let mut ended = Ended::default();
    let status = thread::scope(|scope| -> Result<_> {
        let also = sender.clone();
        scope.spawn(move || pass_on(stdout, &sender));
        scope.spawn(move || pass_on(stderr, &also));
        for line in lines {
            ended.hear(&line);
            if Outcome::parse(&line).is_none() {
                writeln!(out, "{line}")?;
                out.flush()?;
            }
        }
        Ok(child.wait()?)
    })?;
    if !status.success() {
        ended.fault = Some(status.to_string());
    } else if tests && ended.passed == 0 {
        ended.fault = Some("ran no test".to_owned());
    }
    Ok(ended)
}

fn pass_on(pipe: impl Read, lines: &mpsc::Sender<String>) {
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        // Nobody listens any more when our own stdout is closed.
        let _ = lines.send(String::from_utf8_lossy(&line).into_owned());
    }
}

impl Ended {
    /// Those of this run and of another.
    pub fn add(&mut self, other: Ended) {
        self.outcomes.extend(other.outcomes);
        self.skipped.extend(other.skipped);
        self.passed += other.passed;
        self.fault = self.fault.take().or(other.fault);
    }

    fn hear(&mut self, line: &str) {
        self.outcomes.extend(Outcome::parse(line));
        self.passed += passes(line);
        if let Some((_, why)) = line.split_once("SKIPPED ") {
            self.skipped.push(why.to_owned());
        }
    }
}

/// The number of tests that passed, if `line` is the last line of a test binary.
fn passes(line: &str) -> u64 {
    line.strip_prefix("test result: ok. ")
        .and_then(|rest| rest.split(' ').next()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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

    fn bash(line: &str, tests: bool) -> Ended {
        let mut bash = Command::new("bash");
        bash.args(["-c", line]);
        run(bash, tests, &mut Vec::new()).unwrap()
    }

    #[test]
    fn no_test_at_all_is_a_failure() {
        let none = "echo 'test result: ok. 0 passed; 0 failed'";
        assert_eq!(bash(none, true).fault.as_deref(), Some("ran no test"));
        assert_eq!(bash(none, false).fault, None);
        let one = "echo 'test result: ok. 1 passed; 0 failed'";
        assert_eq!(bash(one, true).fault, None);
        assert_eq!(
            bash("exit 3", true).fault.as_deref(),
            Some("exit status: 3")
        );
    }

    #[test]
    fn results_and_what_was_skipped_are_collected_from_both_pipes() {
        let said = Outcome {
            lab: "kill".into(),
            what: "file each".into(),
            tried: 3,
            held: 3,
            seed: Some(7),
            took: std::time::Duration::from_millis(12),
            detail: "9 steps".into(),
        };
        let line = format!(
            "echo 'SKIPPED power: no root'; echo '{}' >&2; exit 1",
            said.line()
        );
        let ended = bash(&line, true);
        assert_eq!(ended.outcomes, [said]);
        assert_eq!(ended.skipped, ["power: no root"]);
        assert!(ended.fault.is_some());
    }
}
