//! S1, S3 and S4: what puts cost.

use super::{Check, Goal, Limit, check, each, of, pairs};
use crate::report::record::Record;
use crate::report::spread::Spread;

pub fn bulk(record: &Record) -> Goal {
    let mut checks = each(record, "beside.put", "", Limit::Least(0.95));
    checks.extend(each(
        record,
        "beside.put.hash",
        "with hash",
        Limit::Least(0.95),
    ));
    Goal {
        id: "S1",
        text: "bulk puts through our wrapper are at least 0.95 x the bare engine; of blocks that are hashed while others are written, 0.95 x the slower of that and sha2-256 on one core",
        checks,
        elsewhere: None,
    }
}

pub fn writers(record: &Record) -> Goal {
    let figures = &record.figures;
    let mut checks = Vec::new();
    for size in figures.sizes("put.each.64") {
        for (ours, raw) in pairs(record) {
            let commits = figures.spread(&ours, size, "commits.each.64");
            let commits = commits.map(|commits| commits.map(|per_thousand| per_thousand / 1e3));
            checks.extend(check(
                of(&ours, size, "commits a put"),
                commits,
                Limit::Most(0.05),
            ));
            let parts =
                ["put.each.64", "put.batch.64", "hand-off"].map(|what| (&*ours, size, what));
            let time = figures.combine(parts, |[each, batch, hand_off]| {
                (1e6 / each) / (1.5 * 1e6 / batch + hand_off)
            });
            checks.extend(check(
                of(&ours, size, "time of the goal's"),
                time,
                Limit::Most(1.0),
            ));
            if ours == "rocksdb" {
                let each = "put.each.64";
                let matched = figures.ratio((&ours, size, each), (&raw, size, each));
                let name = of(&ours, size, "of its own group commit");
                checks.extend(check(name, matched, Limit::Least(0.95)));
            }
        }
    }
    Goal {
        id: "S3",
        text: "64 writers that each wait for the disk: at most 0.05 commits a put; time a put at most 1.5 x that in a durable batch of 64, and a hand-off between threads; RocksDB's own group commit is matched",
        checks,
        elsewhere: None,
    }
}

pub fn files(record: &Record) -> Goal {
    let figures = &record.figures;
    let calls = |size| {
        let found = figures.spread("file", size, "fsync.each.1")?;
        check(
            of("file", size, "flushing calls a put"),
            Some(found.map(|per_thousand| per_thousand / 1e3)),
            // One folder in fifty is new, and is flushed once more.
            Limit::Most(2.1),
        )
    };
    let checks: Vec<Check> = figures
        .sizes("fsync.each.1")
        .into_iter()
        .filter_map(calls)
        .collect();
    Goal {
        id: "S4",
        text: "one durable put of the file engine takes at most 2 fsyncs in a folder that is there, and at most 3 flushes of the device",
        checks,
        elsewhere: Some(
            "flushes of the device: `cargo test -p persistent --test device --test flushes`",
        ),
    }
}

/// The best median of some, and whose it is.
pub fn best<'a>(
    found: impl IntoIterator<Item = (&'a str, Option<Spread>)>,
) -> Option<(&'a str, Spread)> {
    let found = found
        .into_iter()
        .filter_map(|(name, spread)| Some((name, spread?)));
    found.max_by(|a, b| a.1.median.total_cmp(&b.1.median))
}
