//! S2 and S5: what reads cost.

use super::{Goal, Limit, check, each, of};
use crate::report::record::Record;

pub fn get(record: &Record) -> Goal {
    let mut checks = each(record, "beside.get", "not hashed", Limit::Least(0.90));
    checks.extend(each(
        record,
        "beside.get.hash",
        "hashed",
        Limit::Least(0.90),
    ));
    Goal {
        id: "S2",
        text: "get through our wrapper is at least 0.90 x the bare engine; with the hash, 0.90 x a bare read and a sha2-256 one after the other",
        checks,
        elsewhere: None,
    }
}

pub fn absent(record: &Record) -> Goal {
    // What takes 1.1 times as long is 1 / 1.1 as quick.
    let mut checks = each(
        record,
        "beside.has",
        "of the bare engine",
        Limit::Least(1.0 / 1.1),
    );
    for figure in record
        .figures
        .iter()
        .filter(|figure| figure.what == "has.bloom")
    {
        let micros = figure.spread().map(|spread| spread.map(|rate| 1e6 / rate));
        let of = of(&figure.subject, figure.size, "µs behind the filter");
        checks.extend(check(of, micros, Limit::Most(0.5)));
    }
    Goal {
        id: "S5",
        text: "to find a block absent takes at most 0.5 µs behind the bloom wrapper, and 1.1 x the bare engine without; none is ever falsely absent",
        checks,
        elsewhere: Some("false absence: `cargo test -p persistent --test wrappers bloom`"),
    }
}
