//! `report.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use demo::Usage;
use serde::{Deserialize, Serialize};

use super::figure::Figures;
use super::host::Host;
use super::latency::Latency;
use super::plan::Plan;

/// The format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// Everything that a run has found: what the page, the summary and a comparison are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`FORMAT`].
    pub format: u32,
    /// The day it was made, `2026-11-22`.
    pub date: String,
    /// Seconds that it took.
    pub seconds: f64,
    /// Where.
    pub host: Host,
    /// Versions of crates, by their names.
    pub versions: BTreeMap<String, String>,
    /// What was to be done.
    pub plan: Plan,
    /// What could not be measured, and why.
    pub notes: Vec<String>,
    /// Who was not there to be measured, and why.
    #[serde(default)]
    pub absent: BTreeMap<String, String>,
    /// All figures.
    pub figures: Figures,
    /// All distributions.
    pub latencies: Vec<Latency>,
}

impl Record {
    /// Reads one.
    ///
    /// # Errors
    /// [`Usage`] if there is none, or something else is there.
    pub fn read(path: &Path) -> Result<Record> {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| {
            Usage::new(format!(
                "cannot read {name}, which should be a report.json: {error}"
            ))
        })?;
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let other =
            |error| Usage::new(format!("{name} is no report.json of this program: {error}"));
        let Format { format } = serde_json::from_str(&text).map_err(other)?;
        ensure!(
            format == FORMAT,
            Usage::new(format!(
                "{name} has format {format}, and this program reads {FORMAT}; measure anew"
            ))
        );
        Ok(serde_json::from_str(&text).map_err(other)?)
    }

    /// Adds what `other` has measured and this has not, and says of which run that is.
    pub fn join(&mut self, other: Record) {
        let mut added = false;
        for figure in other.figures.iter() {
            if self
                .figures
                .get(&figure.subject, figure.size, &figure.what)
                .is_none()
            {
                self.figures.push(figure.clone());
                added = true;
            }
        }
        if !added {
            return;
        }
        let (section, plan) = match self.plan.stores {
            true => (
                "files and CARs",
                Plan {
                    files: other.plan.files,
                    ..self.plan.clone()
                },
            ),
            false => (
                "stores by their blocks",
                Plan {
                    files: self.plan.files,
                    ..other.plan.clone()
                },
            ),
        };
        self.plan = plan;
        self.notes.push(format!(
            "{section}: of another run, of {}, which took {:.0} s; load of the machine before it {:.2}, after {:.2}",
            other.date, other.seconds, other.host.load_before, other.host.load_after
        ));
        self.notes.extend(other.notes);
        self.latencies.extend(other.latencies);
        for (name, version) in other.versions {
            self.versions.entry(name).or_insert(version);
        }
    }

    /// The distribution of this name.
    pub fn latency(&self, subject: &str, size: u64, what: &str) -> Option<&Latency> {
        let same = |l: &&Latency| l.subject == subject && l.size == size && l.what == what;
        self.latencies.iter().find(same)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_section_of_another_run_is_added_and_told() {
        use crate::report::testing::{record, set};

        let (mut files, mut stores) = (record(), record());
        files.plan.stores = false;
        stores.plan.files = None;
        stores.date = "2026-01-01".to_owned();
        set(&mut files, "pack", 9, "files.add", [1.0]);
        set(&mut stores, "pack", 9, "files.add", [2.0]);
        set(&mut stores, "pack", 9, "mixed", [3.0]);
        files.join(stores);
        let median = |what| files.figures.spread("pack", 9, what).unwrap().median;
        assert_eq!((median("files.add"), median("mixed")), (1.0, 3.0));
        assert!(files.plan.stores && files.plan.files.is_some());
        let said = "stores by their blocks: of another run, of 2026-01-01, which took 61 s";
        assert!(files.notes[0].starts_with(said), "{:?}", files.notes);
    }

    #[test]
    fn what_is_no_record_is_refused_and_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("old.json");
        for (text, wanted) in [
            (None, "cannot read"),
            (Some("[]"), "is no report.json"),
            (Some("{\"format\":7}"), "has format 7"),
            (Some("{\"format\":1}"), "is no report.json"),
        ] {
            if let Some(text) = text {
                fs::write(&path, text).unwrap();
            }
            let error = Record::read(&path).unwrap_err();
            assert!(error.is::<Usage>());
            let said = error.to_string();
            assert!(said.contains(wanted) && said.contains("old.json"), "{said}");
        }
    }
}
