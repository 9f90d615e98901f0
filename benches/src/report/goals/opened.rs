//! S8: how long an open takes, and what an open store takes in memory.

use super::{Goal, Limit, check, of, pairs};
use crate::report::record::Record;
use crate::report::spread::Spread;

/// What a store is given for its cache, in bytes.
const CACHE: u64 = persistent::config::DEFAULT_CACHE;

pub fn open(record: &Record) -> Goal {
    let figures = &record.figures;
    let mut checks = Vec::new();
    for figure in figures.iter() {
        let (name, size) = (figure.subject.as_str(), figure.size);
        // By name: the record may be of a build that has more engines than this one.
        let is_ours = ["memory", "file", "fjall", "rocksdb", "redb", "pack"].contains(&name);
        let limit = match figure.what.as_str() {
            "open.gib" => Limit::Most(1e3),
            "open.gib.killed" => Limit::Most(5e3),
            "memory.rest" => Limit::Most(((CACHE >> 20) + 32) as f64),
            "missing" => Limit::Most(0.0),
            _ => continue,
        };
        if !is_ours {
            continue;
        }
        let found = match figure.what.as_str() {
            // Of losses the worst counts.
            "missing" => figure.spread().map(|s| Spread {
                median: s.high,
                ..s
            }),
            "memory.rest" => figure
                .spread()
                .map(|s| s.map(|bytes| bytes / f64::from(1 << 20))),
            _ => figure.spread(),
        };
        let what = match figure.what.as_str() {
            "memory.rest" => "MiB at rest",
            "missing" => "acknowledged and missing",
            "open.gib" => "ms to open 1 GiB",
            _ => "ms to open 1 GiB after kill -9",
        };
        checks.extend(check(of(name, size, what), found, limit));
    }
    Goal {
        id: "S8",
        text: "a store of 1 GiB opens in at most 1 s, and after kill -9 in at most 5 s; at rest it takes its cache and at most 32 MiB; nothing acknowledged is missing",
        checks,
        elsewhere: large(record),
    }
}

fn large(record: &Record) -> Option<&'static str> {
    let none = record.figures.sizes("open.gib").is_empty() && !pairs(record).is_empty();
    none.then_some("the store of 1 GiB, which a full run has if its time suffices")
}
