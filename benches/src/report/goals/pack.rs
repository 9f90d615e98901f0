//! S12: what our own engine is for.

use super::puts::best;
use super::{Goal, Limit, check, of};
use crate::report::record::Record;

/// The other engines on disk.
const OTHERS: [&str; 4] = ["file", "fjall", "rocksdb", "redb"];

pub fn pack(record: &Record) -> Goal {
    let figures = &record.figures;
    let bulk = "put.none.1000";
    let mut checks = Vec::new();
    for size in figures.sizes(bulk) {
        if size >= 64 << 10 {
            let plain = figures.ratio(("pack", size, bulk), ("machine", size, "write.none"));
            let name = of("pack", size, "of a plain write");
            checks.extend(check(name, plain, Limit::Least(0.8)));
        }
        let rival = |what| best(OTHERS.map(|name| (name, figures.spread(name, size, what))));
        if let Some((name, _)) = rival(bulk) {
            let ahead = figures.ratio(("pack", size, bulk), (name, size, bulk));
            let least = if size <= 64 << 10 { 1.5 } else { 1.0 };
            let of = of("pack", size, &format!("puts, of {name}"));
            checks.extend(check(of, ahead, Limit::Least(least)));
        }
        let get = "get.unproven";
        if let Some((name, _)) = rival(get) {
            let ahead = figures.ratio(("pack", size, get), (name, size, get));
            let of = of("pack", size, &format!("gets, of {name}"));
            checks.extend(check(of, ahead, Limit::Least(0.85)));
        }
        let file = figures.ratio(("pack", size, get), ("file", size, get));
        checks.extend(check(
            of("pack", size, "gets, of file"),
            file,
            Limit::Least(1.0),
        ));
    }
    for size in figures.sizes("fsync.each.1") {
        let calls = figures.spread("pack", size, "fsync.each.1");
        let calls = calls.map(|calls| calls.map(|per_thousand| per_thousand / 1e3));
        let name = of("pack", size, "flushing calls a put");
        checks.extend(check(name, calls, Limit::Most(1.0)));
    }
    Goal {
        id: "S12",
        text: "pack: bulk puts at least 0.8 x a plain write from 64 KiB on, 1.5 x the best other engine on disk to 64 KiB and ahead above; gets 0.85 x the best and ahead of file; one flushing call a durable put; two device reads a cold get; 100,000,000 blocks",
        checks,
        elsewhere: Some(
            "device reads of a cold get: `cargo test -p persistent --lib pack`; 100,000,000 blocks: `CAIRN_KINDS=pack CAIRN_SLOPE=100000000 cargo bench -p benches --bench slope`",
        ),
    }
}
