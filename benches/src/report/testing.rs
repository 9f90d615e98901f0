//! A record for tests, with the figures that they give it.
#![allow(clippy::unwrap_used)]

use super::host::Host;
use super::plan::Plan;
use super::record::{FORMAT, Record};
use super::versions::versions;

/// One without a figure.
pub fn record() -> Record {
    Record {
        format: FORMAT,
        date: "2026-01-02".to_owned(),
        seconds: 61.0,
        host: Host {
            cpu: "A <fast> & \"cheap\" one".to_owned(),
            cores: 2,
            sha_extensions: true,
            memory: 24 << 30,
            file_system: "ext4".to_owned(),
            kernel: "6.1".to_owned(),
            rustc: "rustc 1.95.0".to_owned(),
            load_before: 0.1,
            load_after: 1.0,
        },
        versions: versions(),
        plan: Plan::quick("/nowhere".into()),
        notes: Vec::new(),
        absent: Default::default(),
        figures: Default::default(),
        latencies: Vec::new(),
    }
}

/// Gives it a figure, in place of the one that there was.
pub fn set<const N: usize>(
    record: &mut Record,
    name: &str,
    size: u64,
    what: &str,
    values: [f64; N],
) {
    for (round, value) in values.into_iter().enumerate() {
        record
            .figures
            .add(name.parse().unwrap(), size, what, round, value);
    }
}
