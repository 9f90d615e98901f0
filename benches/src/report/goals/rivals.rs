//! A6: the programs of others, on the same machine and in the same run.

use super::files::{ENGINES, of_limit, wanted};
use super::{Check, Goal, Limit, check};
use crate::report::number;
use crate::report::record::Record;
use crate::report::what;

const JOBS: [&str; 5] = [
    "files.add",
    "files.cat",
    "files.export",
    "files.import",
    "small.add",
];

/// How many times as quick as another program ours has to be.
const IPFS: f64 = 3.0;
const HELIA: f64 = 5.0;

pub fn rivals(record: &Record) -> Goal {
    let mut checks = Vec::new();
    for what in JOBS {
        for size in record.figures.sizes(what) {
            // What is in memory alone is compared with what is in memory alone.
            checks.extend(against(record, &["memory"], &["helia"], what, size, HELIA));
            let ipfs = ["ipfs", "ipfs-quick"];
            checks.extend(against(record, &ENGINES, &ipfs, what, size, IPFS));
        }
    }
    Goal {
        id: "A6",
        text: "the quickest engine is at least 3 x as quick as ipfs, or ahead of it where 3 x is beyond the limit of the machine; at least 5 x the JavaScript importer, both into memory",
        elsewhere: checks.is_empty().then_some(
            "a run with `ipfs` and the JavaScript importer measures it; `cargo x interop` makes them ready",
        ),
        checks,
    }
}

/// The quickest of ours against the quickest of others.
fn against(
    record: &Record,
    ours: &[&'static str],
    others: &[&'static str],
    what: &str,
    size: u64,
    times: f64,
) -> Option<Check> {
    let figures = &record.figures;
    let best = |names: &[&'static str]| {
        let rated = names.iter().filter_map(|name| {
            let found = figures.spread(name, size, what)?;
            Some((*name, found.median))
        });
        rated.max_by(|a, b| a.1.total_cmp(&b.1))
    };
    let ((ours, rate), (other, others)) = (best(ours)?, best(others)?);
    // As quick as the goal of the job itself asks for is as quick as need be.
    let limit = of_limit(record, ours, size, what).map(|part| rate / part.median * wanted(what));
    let least = match limit {
        Some(limit) if others * times > limit => 1.0,
        _ => times,
    };
    let title = what::find(what).map_or_else(|| number::size(size), |what| what.size(size));
    let job = what.rsplit('.').next().unwrap_or(what);
    let found = figures.ratio((ours, size, what), (other, size, what));
    check(
        format!("{ours}, {title}, {job}, of {other}"),
        found,
        Limit::Least(least),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{record, set};

    const SIZE: u64 = 256 << 20;

    #[test]
    fn the_quickest_of_ours_is_three_times_the_quickest_of_theirs() {
        let mut record = record();
        for (name, rate) in [("redb", 10.0), ("ipfs", 10.0), ("ipfs-quick", 100.0)] {
            set(&mut record, name, SIZE, "files.cat", [rate; 3]);
        }
        set(&mut record, "machine", SIZE, "files.read.sha2", [1000.0; 3]);
        for (rate, is_met) in [(300.0, true), (299.0, false)] {
            set(&mut record, "pack", SIZE, "files.cat", [rate; 3]);
            assert_eq!(rivals(&record).is_met(), Some(is_met), "{rate}");
        }
        // 0.8 x 300 is as quick as it need be, and three times 100 is more.
        set(&mut record, "machine", SIZE, "files.read.sha2", [300.0; 3]);
        for (rate, is_met) in [(101.0, true), (99.0, false)] {
            set(&mut record, "pack", SIZE, "files.cat", [rate; 3]);
            assert_eq!(rivals(&record).is_met(), Some(is_met), "{rate}");
        }
    }

    #[test]
    fn memory_is_five_times_the_javascript_importer() {
        let mut record = record();
        set(&mut record, "pack", SIZE, "files.add", [1e6; 3]);
        set(&mut record, "helia", SIZE, "files.add", [100.0; 3]);
        assert_eq!(rivals(&record).is_met(), None);
        for (rate, is_met) in [(500.0, true), (499.0, false)] {
            set(&mut record, "memory", SIZE, "files.add", [rate; 3]);
            assert_eq!(rivals(&record).is_met(), Some(is_met), "{rate}");
        }
    }
}
