//! `docs/faults.jsonl`: the results that `docs/faults.md` shows, a line each.
//!
//! ```text
//! {"lab":"kill","what":"redb each","tried":10000,…,"commit":"…","date":"…","command":"…","machine":"…"}
//! ```
//!
//! A run of everything takes hours, so each result knows its own run: one laboratory on one engine
//! can be run again, and the others keep theirs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testkit::Outcome;

/// The file, in the root of the workspace.
pub const FILE: &str = "docs/faults.jsonl";

/// The run that a result is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub commit: String,
    pub date: String,
    pub command: String,
    pub machine: String,
}

/// A result, what was skipped in its place, or what went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub outcome: Outcome,
    /// Why nothing was tried.
    pub skipped: Option<String>,
    pub run: Run,
}

impl Record {
    fn line(&self) -> String {
        let mut line = self.outcome.to_json();
        let run = json!({
            "commit": self.run.commit,
            "date": self.run.date,
            "command": self.run.command,
            "machine": self.run.machine,
        });
        if let (Some(line), Value::Object(run)) = (line.as_object_mut(), run) {
            line.extend(run);
            if let Some(why) = &self.skipped {
                line.insert("skipped".into(), json!(why));
            }
        }
        line.to_string()
    }

    fn parse(line: &str) -> Option<Record> {
        let value: Value = serde_json::from_str(line).ok()?;
        let text = |name| value.get(name)?.as_str().map(str::to_owned);
        Some(Record {
            outcome: Outcome::from_json(&value)?,
            skipped: text("skipped"),
            run: Run {
                commit: text("commit")?,
                date: text("date")?,
                command: text("command")?,
                machine: text("machine")?,
            },
        })
    }

    /// One word on how it ended.
    pub fn end(&self) -> &'static str {
        match &self.skipped {
            Some(_) => "SKIPPED",
            None if self.outcome.holds() => "held",
            None => "FAILED",
        }
    }
}

/// The records of a file's text.
///
/// # Errors
/// If a line is none.
pub fn parse(text: &str) -> Result<Vec<Record>> {
    text.lines()
        .enumerate()
        .map(|(n, line)| {
            Record::parse(line).with_context(|| format!("{FILE}:{}: no result", n + 1))
        })
        .collect()
}

/// Those that were kept; none if nothing was.
pub fn read(root: &Path) -> Result<Vec<Record>> {
    match fs::read_to_string(root.join(FILE)) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {FILE}")),
    }
}

/// Their text.
pub fn text(records: &[Record]) -> String {
    records
        .iter()
        .map(|record| record.line() + "\n")
        .collect::<String>()
}

/// `old` with `new`: a new result takes the place of the old one of the same laboratory on the
/// same thing. In the order of the laboratories, then of the things.
pub fn merge(old: Vec<Record>, new: Vec<Record>, order: &[&str]) -> Vec<Record> {
    let same =
        |a: &Record, b: &Record| a.outcome.lab == b.outcome.lab && a.outcome.what == b.outcome.what;
    let mut all = old;
    for record in new {
        all.retain(|kept| !same(kept, &record));
        all.push(record);
    }
    all.sort_by_key(|record| {
        let own = record.outcome.lab.split('-').next();
        let lab = order.iter().position(|name| own == Some(name));
        (
            lab.unwrap_or(order.len()),
            record.outcome.lab.clone(),
            record.outcome.what.clone(),
        )
    });
    all
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    pub fn record(lab: &str, what: &str, tried: u64, held: u64, commit: &str) -> Record {
        Record {
            outcome: Outcome {
                lab: lab.into(),
                what: what.into(),
                tried,
                held,
                seed: Some(7),
                took: Duration::from_millis(61_000),
                detail: "12 steps".into(),
            },
            skipped: None,
            run: Run {
                commit: commit.into(),
                date: "2026-01-31".into(),
                command: format!("cargo x faults --only {lab}"),
                machine: "a CPU, 2 cores".into(),
            },
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let mut skipped = record("power", "power", 0, 0, "b");
        skipped.skipped = Some("mounting needs root".into());
        let records = vec![record("kill", "redb each", 3, 2, "a"), skipped];
        assert_eq!(parse(&text(&records)).unwrap(), records);
        assert_eq!(
            records.iter().map(Record::end).collect::<Vec<_>>(),
            ["FAILED", "SKIPPED"]
        );
        assert!(
            parse("{}\n")
                .unwrap_err()
                .to_string()
                .contains("faults.jsonl:1")
        );
    }

    #[test]
    fn a_new_result_takes_the_place_of_the_old_and_others_stay() {
        let old = vec![
            record("kill", "file each", 1, 1, "old"),
            record("kill", "redb each", 1, 1, "old"),
            record("power", "redb on Ext4", 1, 1, "old"),
        ];
        let new = vec![record("kill", "redb each", 9, 9, "new")];
        let merged = merge(old.clone(), new.clone(), &["power", "kill"]);
        let expected = [old[2].clone(), old[0].clone(), new[0].clone()];
        assert_eq!(merged, expected);
    }
}
