//! What the comparison report has measured: `docs/report/report.json`, if there is one.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use demo::units;
use serde::Deserialize;

/// The file, in the root of the workspace.
const FILE: &str = "docs/report/report.json";

/// The engines, and the sizes of blocks in bytes, whose figures are shown.
const ENGINES: [&str; 2] = ["redb", "fjall"];
const SIZES: [u64; 2] = [256, 4096];

/// What is read of the report.
#[derive(Deserialize)]
struct Report {
    figures: Vec<Figure>,
}

/// One figure, as `benches` writes it: a value a round.
#[derive(Deserialize)]
struct Figure {
    subject: String,
    size: u64,
    what: String,
    rounds: Vec<Option<f64>>,
}

/// Bytes that an engine has written for each byte that was put.
pub struct Written {
    engine: &'static str,
    size: u64,
    /// The median of the rounds.
    pub ratio: f64,
}

impl Written {
    /// Of what it is.
    pub fn name(&self) -> String {
        format!("{}, {}", self.engine, size(self.size))
    }
}

/// All of them in words; nothing of none.
pub fn told(all: &[Written]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let one = |one: &Written| format!("{} {:.1}", one.name(), one.ratio);
    let each: Vec<String> = all.iter().map(one).collect();
    format!(
        " Measured in bulk (by the thousand, by the hundred and one by one, not flushed), bytes written for each byte \
         put: {}.",
        each.join("; ")
    )
}

/// A power of two in few letters.
fn size(bytes: u64) -> String {
    units::bytes(bytes).replace(".0", "")
}

/// The figures that the report has; none if there is no report.
pub fn written(root: &Path) -> Result<Vec<Written>> {
    let path = root.join(FILE);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.with_context(|| format!("cannot read {FILE}"))?,
    };
    let report: Report =
        serde_json::from_str(&text).with_context(|| format!("{FILE} is no report"))?;
    let mut written = Vec::new();
    for size in SIZES {
        for engine in ENGINES {
            let same = |f: &&Figure| f.subject == engine && f.size == size && f.what == "written";
            let ratio = report
                .figures
                .iter()
                .find(same)
                .and_then(|figure| median(&figure.rounds));
            written.extend(ratio.map(|ratio| Written {
                engine,
                size,
                ratio,
            }));
        }
    }
    Ok(written)
}

fn median(rounds: &[Option<f64>]) -> Option<f64> {
    let mut values: Vec<f64> = rounds.iter().flatten().copied().collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    Some(match values.len() % 2 {
        0 => (values.get(values.len() / 2 - 1)? + upper) / 2.0,
        _ => upper,
    })
}
