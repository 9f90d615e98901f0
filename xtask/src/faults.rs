//! `cargo x faults`: all fault laboratories, and a table of what they found.

mod lab;
mod machine;
mod page;
mod record;

use std::env;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use demo::{Column, Style, Table, Usage, units};
use testkit::Outcome;

use crate::suite::{self, Ended};
use crate::workspace;
use lab::{LABS, Lab};
use record::{Record, Run};

/// What the command line asks for.
#[derive(Debug, Default)]
struct Asked {
    only: Option<String>,
    kinds: Option<String>,
    seed: Option<u64>,
    long: bool,
    write: bool,
    page: bool,
}

impl Asked {
    fn parse(args: &[&str]) -> Result<Asked> {
        let mut asked = Asked::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || {
                args.next()
                    .map(|value| (*value).to_owned())
                    .with_context(|| Usage::new(format!("{arg} needs a value")))
            };
            match *arg {
                "--only" => asked.only = Some(value()?),
                "--kinds" => asked.kinds = Some(value()?),
                "--seed" => {
                    let text = value()?;
                    let seed = text
                        .parse()
                        .map_err(|e| Usage::new(format!("--seed {text}: {e}")))?;
                    asked.seed = Some(seed);
                }
                "--long" => asked.long = true,
                "--write" => asked.write = true,
                "--page" => asked.page = true,
                other => anyhow::bail!(Usage::new(format!("faults knows no {other}"))),
            }
        }
        Ok(asked)
    }

    fn labs(&self) -> Result<Vec<&'static Lab>> {
        let chosen: Vec<&Lab> = LABS
            .iter()
            .filter(|lab| self.only.as_ref().is_none_or(|only| lab.name == only))
            .collect();
        let names: Vec<&str> = LABS.iter().map(|lab| lab.name).collect();
        ensure!(
            !chosen.is_empty(),
            Usage::new(format!(
                "no laboratory `{}`; there are {}",
                self.only.as_deref().unwrap_or_default(),
                names.join(", ")
            ))
        );
        Ok(chosen)
    }

    /// RocksDB takes long to build, so it is built only for those who want it.
    fn rocksdb(&self) -> bool {
        let kinds = self.kinds.as_deref();
        kinds.is_none_or(|kinds| kinds.split(',').any(|kind| kind == "rocksdb"))
    }

    /// Tells the laboratories by their variables.
    fn tell(&self, cargo: &mut Command) {
        // Under CI what cannot be tried fails; here it is a row that says why.
        cargo.env_remove("CI");
        cargo.env("CAIRN_LONG", if self.long { "1" } else { "0" });
        if let Some(kinds) = &self.kinds {
            cargo.env("CAIRN_KINDS", kinds);
        }
        if let Some(seed) = self.seed {
            cargo.env("CAIRN_SEED", seed.to_string());
        }
    }

    /// The command that does this once more, where the environment has these variables.
    fn command(&self, env: impl Iterator<Item = (String, String)>) -> String {
        // Numbers of rounds; the others are paths, or are set from the arguments.
        let mut counts: Vec<String> = env
            .filter(|(name, value)| name.starts_with("CAIRN_") && value.parse::<u64>().is_ok())
            .filter(|(name, _)| !["CAIRN_LONG", "CAIRN_SEED"].contains(&&name[..]))
            .map(|(name, value)| format!("{name}={value} "))
            .collect();
        counts.sort();
        let mut line = counts.concat() + "cargo x faults";
        if self.long {
            line += " --long";
        }
        for (name, value) in [("--only", &self.only), ("--kinds", &self.kinds)] {
            if let Some(value) = value {
                line += &format!(" {name} {value}");
            }
        }
        if let Some(seed) = self.seed {
            line += &format!(" --seed {seed}");
        }
        line
    }
}

/// Runs what `args` ask for.
///
/// # Errors
/// At the end, if a laboratory failed; the others have run. Before, if the arguments are wrong.
pub fn run(args: &[&str], out: &mut dyn Write) -> Result<()> {
    let asked = Asked::parse(args)?;
    let root = workspace::root()?;
    if asked.page {
        return write(&root, Vec::new());
    }
    let run = Run {
        commit: machine::commit(&root)?,
        date: machine::today()?,
        command: asked.command(env::vars()),
        machine: machine::describe(),
    };
    writeln!(out, "{}\n{}, {}", run.machine, run.commit, run.date)?;
    let mut records = Vec::new();
    for lab in asked.labs()? {
        writeln!(out, "\n== {}", lab.name)?;
        let begun = Instant::now();
        let mut ended = Ended::default();
        for suite in lab.suites {
            let mut cargo = suite.command(&root, asked.rocksdb());
            asked.tell(&mut cargo);
            writeln!(out, "{}", workspace::line(&cargo))?;
            out.flush()?;
            ended.add(suite::run(cargo, true, out)?);
        }
        let new = collect(lab, ended, begun.elapsed(), &run);
        if asked.write {
            // At once: the next laboratory may take hours.
            write(&root, new.clone())?;
        }
        records.extend(new);
    }
    write!(out, "\n{}", table(&records))?;
    let failed: Vec<String> = records
        .iter()
        .filter(|record| record.end() == "FAILED")
        .map(|record| format!("{} {}", record.outcome.lab, record.outcome.what))
        .collect();
    workspace::refuse("laboratories that failed", &failed)
}

/// What a run of one laboratory shows: its results, what it skipped, and that it failed if none
/// of its results says so.
fn collect(lab: &Lab, ended: Ended, took: Duration, run: &Run) -> Vec<Record> {
    let record = |outcome, skipped| Record {
        outcome,
        skipped,
        run: run.clone(),
    };
    let nothing = |what: &str, detail: &str| Outcome {
        lab: lab.name.to_owned(),
        what: what.to_owned(),
        tried: 0,
        held: 0,
        seed: None,
        took,
        detail: detail.to_owned(),
    };
    let told = ended.outcomes.iter().any(|outcome| !outcome.holds());
    let mut records: Vec<Record> = ended
        .outcomes
        .into_iter()
        .filter(|outcome| lab.says(&outcome.lab))
        .map(|outcome| record(outcome, None))
        .collect();
    for line in ended.skipped {
        let (what, why) = line.split_once(": ").unwrap_or((&line, "no reason given"));
        records.push(record(nothing(what, ""), Some(why.to_owned())));
    }
    if let Some(fault) = ended.fault.filter(|_| !told) {
        records.push(record(nothing("all", &fault), None));
    } else if records.is_empty() {
        records.push(record(nothing("all", "printed no result"), None));
    }
    records
}

fn table(records: &[Record]) -> Table {
    let mut table = Table::new([
        Column::left("laboratory"),
        Column::left("on"),
        Column::right("tried"),
        Column::right("held"),
        Column::left("end"),
        Column::right("took"),
        Column::right("seed"),
    ])
    .styled(Style::stdout());
    for record in records {
        let outcome = &record.outcome;
        table.row([
            &outcome.lab[..],
            &outcome.what,
            &units::count(outcome.tried),
            &units::count(outcome.held),
            record.end(),
            &units::duration(outcome.took),
            &page::seed(outcome),
        ]);
    }
    table
}

/// Merges these results into what is kept, and writes the page anew.
fn write(root: &Path, new: Vec<Record>) -> Result<()> {
    let order: Vec<&str> = LABS.iter().map(|lab| lab.name).collect();
    let all = record::merge(record::read(root)?, new, &order);
    for (file, text) in [
        (record::FILE, record::text(&all)),
        (page::FILE, page::page(&all, LABS)),
    ] {
        let path = root.join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder of {file}"))?;
        }
        fs::write(path, text).with_context(|| format!("cannot write {file}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_asked_for_is_done_and_nothing_else_is_known() {
        let asked = Asked::parse(&["--long", "--only", "kill", "--kinds", "file,redb"]).unwrap();
        assert_eq!(asked.labs().unwrap().len(), 1);
        assert!(!asked.rocksdb());
        assert_eq!(
            asked.command(std::iter::empty()),
            "cargo x faults --long --only kill --kinds file,redb"
        );
        let env = [("CAIRN_KILLS", "7"), ("CAIRN_CACHE", "/a"), ("KILLS", "7")];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let none = Asked::parse(&[]).unwrap();
        assert_eq!(
            none.command(env.into_iter()),
            "CAIRN_KILLS=7 cargo x faults"
        );
        assert!(none.rocksdb());
        for wrong in [&["--only"][..], &["--seed", "x"], &["--lnog"]] {
            let error = Asked::parse(wrong).unwrap_err();
            assert!(error.is::<Usage>() || error.downcast_ref::<Usage>().is_some());
        }
        let none = Asked::parse(&["--only", "kilt"]).unwrap();
        assert!(none.labs().is_err_and(|error| error.is::<Usage>()));
    }

    #[test]
    fn a_run_that_failed_is_a_failed_row_whatever_it_printed() {
        let run = record::tests::record("kill", "x", 1, 1, "abc").run;
        let lab = LABS.first().unwrap();
        let ends = |held, fault: Option<&str>, skipped: &[&str]| {
            let mut outcome = record::tests::record("kill", "file each", 2, held, "abc").outcome;
            outcome.lab = lab.name.into();
            let ended = Ended {
                outcomes: vec![outcome],
                skipped: skipped.iter().map(|&line| line.to_owned()).collect(),
                passed: 1,
                fault: fault.map(str::to_owned),
            };
            let records = collect(lab, ended, Duration::ZERO, &run);
            records.iter().map(Record::end).collect::<Vec<_>>()
        };
        assert_eq!(ends(2, None, &[]), ["held"]);
        assert_eq!(ends(1, Some("exit status: 101"), &[]), ["FAILED"]);
        assert_eq!(ends(2, Some("signal: 9"), &[]), ["held", "FAILED"]);
        assert_eq!(ends(2, None, &["power: no root"]), ["held", "SKIPPED"]);
        let silent = collect(lab, Ended::default(), Duration::ZERO, &run);
        assert_eq!(silent.first().unwrap().end(), "FAILED");
    }
}
