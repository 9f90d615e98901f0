//! A1 to A5: files and CARs, measured by what the machine and the bare engine can do.

use super::{Check, Goal, Limit, check, of};
use crate::report::number;
use crate::report::record::Record;
use crate::report::spread::Spread;
use crate::report::what;

/// The engines on disk.
pub const ENGINES: [&str; 5] = ["file", "fjall", "rocksdb", "redb", "pack"];

const MIB: f64 = (1 << 20) as f64;

/// MiB that a file may take in memory, and a folder of a million names.
const FILE: f64 = 64.0;
const NAMES: f64 = 256.0;

/// The engine that takes the blocks of a file of this size the quickest when it is bare.
pub fn fastest(record: &Record, size: u64) -> Option<&'static str> {
    let bulk = |name: &&str| record.figures.spread(name, size, "files.bulk");
    let rated = ENGINES
        .into_iter()
        .filter_map(|name| Some((name, bulk(&name)?)));
    let best = rated.max_by(|a, b| a.1.median.total_cmp(&b.1.median));
    best.map(|(name, _)| name)
}

/// What a job of an engine is limited by, round by round: how quick it is, and how quick it could be at most.
pub fn of_limit(record: &Record, name: &str, size: u64, what: &str) -> Option<Spread> {
    let figures = &record.figures;
    let job = (name, size, what);
    let machine = |what| ("machine", size, what);
    let bulk = (name, size, "files.bulk");
    match what {
        "files.add" => {
            let parts = [job, bulk, machine("files.sha2.2")];
            figures.combine(parts, |[job, bulk, sha2]| job / bulk.min(sha2))
        }
        "files.import" => {
            let parts = [job, bulk, machine("files.sha2.1")];
            figures.combine(parts, |[job, bulk, sha2]| job / bulk.min(sha2))
        }
        "files.cat" | "files.export" => figures.ratio(job, machine("files.read.sha2")),
        "small.add" => {
            let parts = [job, (name, size, "small.bulk"), machine("small.read")];
            // Calls a second: times are added.
            figures.combine(parts, |[job, bulk, read]| job * (1.0 / bulk + 1.0 / read))
        }
        _ => None,
    }
}

/// What part of its limit a job has to reach.
pub fn wanted(what: &str) -> f64 {
    match what {
        "files.import" => 0.70,
        "small.add" => 0.5,
        _ => 0.80,
    }
}

fn limited(record: &Record, name: &str, size: u64, what: &'static str) -> Option<Check> {
    let title = what.rsplit('.').next().unwrap_or(what);
    let found = of_limit(record, name, size, what);
    check(
        named(name, size, what, title),
        found,
        Limit::Least(wanted(what)),
    )
}

/// `pack, 256 MiB, cat`, or `pack, 100,000 files, add`.
fn named(name: &str, size: u64, what: &str, title: &str) -> String {
    let size = what::find(what).map_or_else(|| number::size(size), |what| what.size(size));
    format!("{name}, {size}, {title}")
}

pub fn add(record: &Record) -> Goal {
    let figures = &record.figures;
    let sizes = figures.sizes("files.bulk");
    let mut checks: Vec<Check> = sizes
        .iter()
        .filter_map(|&size| limited(record, fastest(record, size)?, size, "files.add"))
        .collect();
    for size in figures.sizes("files.sha2.2") {
        let hash = (
            ("importer", size, "files.add"),
            ("machine", size, "files.sha2.2"),
        );
        let found = figures.ratio(hash.0, hash.1);
        let name = of("--only-hash", size, "of sha2-256 on two cores");
        checks.extend(check(name, found, Limit::Least(0.90)));
    }
    Goal {
        id: "A1",
        text: "an add into the quickest engine is at least 0.80 x the slower of that engine's bulk puts and sha2-256 on two cores; with --only-hash 0.90 x sha2-256 on two cores",
        checks,
        elsewhere: None,
    }
}

pub fn memory(record: &Record) -> Goal {
    let figures = &record.figures;
    let mut checks = Vec::new();
    for name in ENGINES {
        for what in ["memory.add", "memory.cat", "memory.export", "memory.import"] {
            for size in figures.sizes(what) {
                // What the bare engine takes for the blocks, and what ours is allowed for a cache.
                let cache = match name {
                    "file" => 0.0,
                    _ => persistent::config::DEFAULT_CACHE as f64,
                };
                let parts = [(name, size, what), (name, size, "memory.bulk")];
                let found = figures.combine(parts, |[ours, bare]| {
                    (ours - bare.max(cache)).max(0.0) / MIB
                });
                let title = what.strip_prefix("memory.").unwrap_or(what);
                let of = of(
                    name,
                    size,
                    &format!("MiB of {title} beyond the engine's own"),
                );
                checks.extend(check(of, found, Limit::Most(FILE)));
            }
        }
    }
    for (what, title) in [("sparse.add", "add"), ("sparse.cat", "cat")] {
        for size in figures.sizes(what) {
            let found = figures.spread("file", size, what);
            let found = found.map(|found| found.map(|bytes| bytes / MIB));
            let of = of("file", size, &format!("MiB of {title} of a hole"));
            checks.extend(check(of, found, Limit::Most(FILE)));
        }
    }
    Goal {
        id: "A2",
        text: "add, cat, export and import take at most 64 MiB beyond the cache and the write buffers of the engine, whatever the size",
        checks,
        elsewhere: None,
    }
}

pub fn cat(record: &Record) -> Goal {
    let mut checks = Vec::new();
    for what in ["files.cat", "files.export"] {
        for size in record.figures.sizes(what) {
            checks.extend(
                ENGINES
                    .into_iter()
                    .filter_map(|name| limited(record, name, size, what)),
            );
        }
    }
    Goal {
        id: "A3",
        text: "cat and export are at least 0.80 x reading the file and hashing it on one core; a byte of 10 GiB takes one block of each depth",
        checks,
        elsewhere: Some("the byte: `cargo test -p unixfs-car --test reading one_byte_of_ten_gib`"),
    }
}

pub fn import(record: &Record) -> Goal {
    let what = "files.import";
    let sizes = record.figures.sizes(what).into_iter();
    let each = |size| {
        ENGINES
            .into_iter()
            .filter_map(move |name| limited(record, name, size, what))
    };
    Goal {
        id: "A4",
        text: "an import, which proves each block, is at least 0.70 x the slower of the engine's bulk puts and sha2-256 on one core",
        checks: sizes.flat_map(each).collect(),
        elsewhere: None,
    }
}

pub fn small(record: &Record) -> Goal {
    let what = "small.add";
    // Of the larger number; the smaller is for those who are slower.
    let size = record.figures.sizes(what).into_iter().next_back();
    let engines = size.into_iter().flat_map(|size| {
        ENGINES
            .into_iter()
            .filter_map(move |name| limited(record, name, size, what))
    });
    let mut checks: Vec<Check> = engines.collect();
    for size in record.figures.sizes("names.memory") {
        let found = record.figures.spread("importer", size, "names.memory");
        let found = found.map(|found| found.map(|bytes| bytes / MIB));
        let of = named("a folder", size, "names.memory", "MiB");
        checks.extend(check(of, found, Limit::Most(NAMES)));
    }
    Goal {
        id: "A5",
        text: "small files are added at least 0.5 x as quickly as they are read and their blocks put by the bare engine; a folder of a million names takes at most 256 MiB",
        checks,
        elsewhere: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::report::testing::{record, set};

    const SIZE: u64 = 256 << 20;

    /// Two engines at their limits: `pack` is the quicker one.
    fn limits() -> Record {
        let mut record = record();
        for (name, what, rate) in [
            ("pack", "files.bulk", 1000.0),
            ("redb", "files.bulk", 400.0),
            ("machine", "files.sha2.1", 600.0),
            ("machine", "files.sha2.2", 1200.0),
            ("machine", "files.read.sha2", 500.0),
        ] {
            set(&mut record, name, SIZE, what, [rate; 3]);
        }
        record
    }

    fn met(goal: &Goal) -> Option<bool> {
        goal.is_met()
    }

    #[test]
    fn an_add_is_measured_by_the_slower_of_the_engine_and_the_hash() {
        let mut record = limits();
        // Slow as it is, redb is not the quickest, and is not asked.
        set(&mut record, "redb", SIZE, "files.add", [1.0; 3]);
        for (rate, is_met) in [(800.0, true), (799.0, false)] {
            set(&mut record, "pack", SIZE, "files.add", [rate; 3]);
            assert_eq!(met(&add(&record)), Some(is_met), "{rate}");
        }
        set(&mut record, "pack", SIZE, "files.add", [800.0; 3]);
        set(&mut record, "machine", SIZE, "files.sha2.2", [900.0; 3]);
        assert_eq!(add(&record).checks.len(), 1);
        assert!(add(&record).checks.first().unwrap().found.median > 0.88);
        set(&mut record, "importer", SIZE, "files.add", [809.0; 3]);
        assert_eq!(met(&add(&record)), Some(false));
        set(&mut record, "importer", SIZE, "files.add", [811.0; 3]);
        assert_eq!(met(&add(&record)), Some(true));
    }

    #[test]
    fn what_the_engine_takes_for_itself_is_not_ours() {
        let mut record = record();
        let mib = |mib: u64| [(mib << 20) as f64; 3];
        for (name, bulk, add, is_met) in [
            // Its cache is 64 MiB.
            ("pack", 10, 128, true),
            ("pack", 10, 129, false),
            ("redb", 100, 164, true),
            ("redb", 100, 165, false),
            // It has none.
            ("file", 10, 74, true),
            ("file", 10, 75, false),
        ] {
            set(&mut record, name, SIZE, "memory.bulk", mib(bulk));
            set(&mut record, name, SIZE, "memory.add", mib(add));
            assert_eq!(met(&memory(&record)), Some(is_met), "{name} {add}");
            set(&mut record, name, SIZE, "memory.add", mib(1));
        }
        set(&mut record, "file", 10 << 30, "sparse.cat", mib(65));
        assert_eq!(met(&memory(&record)), Some(false));
    }

    #[test]
    fn reads_are_measured_by_a_read_and_a_hash_and_imports_by_one_core() {
        let mut record = limits();
        for (rate, is_met) in [(400.0, true), (399.0, false)] {
            set(&mut record, "redb", SIZE, "files.export", [rate; 3]);
            assert_eq!(met(&cat(&record)), Some(is_met), "{rate}");
        }
        for (name, rate, is_met) in [
            ("pack", 420.0, true),
            ("pack", 419.0, false),
            ("redb", 280.0, true),
            ("redb", 279.0, false),
        ] {
            set(&mut record, name, SIZE, "files.import", [rate; 3]);
            assert_eq!(met(&import(&record)), Some(is_met), "{name} {rate}");
            set(&mut record, name, SIZE, "files.import", [1e6; 3]);
        }
    }

    #[test]
    fn small_files_are_measured_by_the_sum_of_two_times() {
        let mut record = record();
        set(&mut record, "pack", 1000, "small.bulk", [1e5; 3]);
        set(&mut record, "machine", 1000, "small.read", [1e5; 3]);
        // 20 µs a file, of which an add may take 40.
        for (rate, is_met) in [(25_001.0, true), (24_999.0, false)] {
            set(&mut record, "pack", 1000, "small.add", [rate; 3]);
            assert_eq!(met(&small(&record)), Some(is_met), "{rate}");
        }
        set(&mut record, "pack", 1000, "small.add", [1e5; 3]);
        set(&mut record, "importer", 9, "names.memory", [257.0 * MIB; 1]);
        assert_eq!(met(&small(&record)), Some(false));
    }
}
