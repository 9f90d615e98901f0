//! `car verify`: whether a CAR is good.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use demo::units;
use persistent::ops::Watch;
use persistent::program::watch::{Bar, Unit};
use serde_json::{Value, json};
use unixfs_car::car::verify::{Finding, Report, verify};
use unixfs_car::car::{Error, File};

use super::input::{open, reading, scratch, told};

/// `car verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The CAR
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print a line of JSON for each finding (finding, warning, text, cid, offset), and one at the end
    /// (version, roots, blocks, bytes, index, entries, faults, warnings, good)
    #[arg(long)]
    json: bool,
}

/// Hashes every block, and names what is wrong; 1 if anything is.
pub fn run(args: &Verify, out: &mut dyn Write) -> Result<ExitCode> {
    let car = open(&args.file)?;
    let bar = Bar::new("verify", Unit::Bytes);
    bar.expect(0, car.len());
    let report = verify(&car, &scratch(), &bar, &mut |finding| {
        let line = match args.json {
            true => finding_json(&finding).to_string(),
            false if finding.is_warning() => format!("warning: {finding}"),
            false => finding.to_string(),
        };
        let printed = bar.pause(|| writeln!(out, "{}", demo::plain(&line)));
        printed.map_err(|error| Error::io("write to stdout", error))
    });
    let report = report.map_err(told).with_context(|| reading(&args.file))?;
    drop(bar);
    match args.json {
        true => writeln!(out, "{}", sum_json(&car, &report))?,
        false => writeln!(out, "{}", sum(&car, &report))?,
    }
    Ok(match report.faults {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn version(car: &File) -> u8 {
    if car.header().is_some() { 2 } else { 1 }
}

fn sum(car: &File, report: &Report) -> String {
    let noun = |count: u64, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        n => format!("{} {many}", units::count(n)),
    };
    let index = match report.index {
        Some((format, entries)) => {
            let entries = noun(entries, "entry", "entries");
            format!(", {} with {entries}", format.name())
        }
        None => String::new(),
    };
    let verdict = match (report.faults, report.warnings) {
        (0, 0) => "all good".to_owned(),
        (0, warnings) => format!("good, with {}", noun(warnings, "warning", "warnings")),
        (faults, _) => {
            let remedy = match report.index_faults == faults {
                true => "the blocks are good, and `car index` makes the index anew",
                false => "get the file anew",
            };
            format!("{}; {remedy}", noun(faults, "fault", "faults"))
        }
    };
    format!(
        "CARv{}, {}, {}, {}{index}: {verdict}",
        version(car),
        noun(car.roots().len() as u64, "root", "roots"),
        noun(report.blocks, "block", "blocks"),
        units::bytes(report.bytes),
    )
}

fn sum_json(car: &File, report: &Report) -> Value {
    let roots: Vec<String> = car.roots().iter().map(ToString::to_string).collect();
    json!({
        "version": version(car),
        "roots": roots,
        "blocks": report.blocks,
        "bytes": report.bytes,
        "index": report.index.map(|(format, _)| format.name()),
        "entries": report.index.map(|(_, entries)| entries),
        "faults": report.faults,
        "warnings": report.warnings,
        "good": report.faults == 0,
    })
}

fn finding_json(finding: &Finding) -> Value {
    let (what, cid, offset) = match finding {
        Finding::Block { cid, offset, .. } => ("block", Some(cid), Some(*offset)),
        Finding::Broken(_) => ("broken", None, None),
        Finding::Index(_) => ("index", None, None),
        Finding::Unread(_) => ("unread index", None, None),
        Finding::Unsorted => ("unsorted", None, None),
        Finding::Unindexed { cid, offset } => ("unindexed", Some(cid), Some(*offset)),
        Finding::Misleading { offset, .. } => ("misleading", None, Some(*offset)),
        Finding::MissingRoot(cid) => ("missing root", Some(cid), None),
        Finding::NoRoots => ("no roots", None, None),
        Finding::Trailing(_) => ("trailing", None, None),
        _ => ("other", None, None),
    };
    json!({
        "finding": what,
        "warning": finding.is_warning(),
        "text": finding.to_string(),
        "cid": cid.map(ToString::to_string),
        "offset": offset,
    })
}
