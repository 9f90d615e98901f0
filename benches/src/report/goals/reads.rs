//! S2 and S5: what reads cost.

use super::{Goal, Limit, check, of, pairs};
use crate::report::record::Record;

pub fn get(record: &Record) -> Goal {
    let figures = &record.figures;
    let mut checks = Vec::new();
    for size in figures.sizes("get.warm") {
        for (ours, raw) in pairs(record) {
            let raw = (&*raw, size, "get.warm");
            let plain = figures.ratio((&ours, size, "get.unproven"), raw);
            checks.extend(check(
                of(&ours, size, "not hashed"),
                plain,
                Limit::Least(0.90),
            ));
            let parts = [(&*ours, size, "get.warm"), raw, ("machine", size, "sha2.1")];
            let proven =
                figures.combine(parts, |[ours, raw, sha2]| ours * (1.0 / raw + 1.0 / sha2));
            checks.extend(check(of(&ours, size, "hashed"), proven, Limit::Least(0.90)));
        }
    }
    Goal {
        id: "S2",
        text: "get through our wrapper is at least 0.90 x the bare engine; with the hash, 0.90 x a bare read and a sha2-256 one after the other",
        checks,
        elsewhere: None,
    }
}

pub fn absent(record: &Record) -> Goal {
    let figures = &record.figures;
    let mut checks = Vec::new();
    for size in figures.sizes("has.absent") {
        for (ours, raw) in pairs(record) {
            let bloom = figures.spread(&ours, size, "has.bloom");
            let micros = bloom.map(|rate| rate.map(|rate| 1e6 / rate));
            checks.extend(check(
                of(&ours, size, "µs behind the filter"),
                micros,
                Limit::Most(0.5),
            ));
            let has = "has.absent";
            let time = figures.ratio((&raw, size, has), (&ours, size, has));
            checks.extend(check(
                of(&ours, size, "of the bare engine"),
                time,
                Limit::Most(1.1),
            ));
        }
    }
    Goal {
        id: "S5",
        text: "to find a block absent takes at most 0.5 µs behind the bloom wrapper, and 1.1 x the bare engine without; none is ever falsely absent",
        checks,
        elsewhere: Some("false absence: `cargo test -p persistent --test wrappers bloom`"),
    }
}
