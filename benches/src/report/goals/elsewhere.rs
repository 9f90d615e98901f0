//! S6, S9, S10 and S11: what other commands measure.

use super::{Goal, Limit, check};
use crate::report::record::Record;

/// Of a run with `--slope`: figures of stores by their number of blocks.
pub fn slope(record: &Record) -> Goal {
    let figures = &record.figures;
    let mut checks = Vec::new();
    for ours in ["file", "fjall", "rocksdb", "redb", "pack"] {
        for what in ["slope.put", "slope.get"] {
            let sizes = figures.sizes(what);
            if let (Some(few), Some(many)) = (sizes.first(), sizes.last())
                && few < many
            {
                // Of calls a second, so that twice the cost is half of it.
                let bend = figures.ratio((ours, *few, what), (ours, *many, what));
                let of = format!("{ours}, {what} with {many} blocks, of that with {few}");
                checks.extend(check(of, bend, Limit::Most(2.0)));
            }
        }
    }
    let elsewhere = checks
        .is_empty()
        .then_some("a run with --slope measures it");
    Goal {
        id: "S6",
        text: "a put and a get of 256 B cost at most twice as much in a store of 1,000,000 blocks as in one of 10,000",
        checks,
        elsewhere,
    }
}

pub fn wrappers() -> Goal {
    Goal {
        id: "S9",
        text: "guard, measure, namespace and verify (off) each take at most 3 % of a put of 4 KiB on the fastest engine on disk, and allocate nothing",
        checks: Vec::new(),
        elsewhere: Some(
            "`cargo bench -p benches --bench wrappers`, and `cargo test -p persistent --test allocations`",
        ),
    }
}

pub fn guard() -> Goal {
    Goal {
        id: "S10",
        text: "the guard asks the file system for its free space at most once for each 8 MiB written",
        checks: Vec::new(),
        elsewhere: Some("`cargo test -p persistent the_file_system_is_asked_once_per_8_mib`"),
    }
}

pub fn hashing() -> Goal {
    Goal {
        id: "S11",
        text: "hashing keeps up with OpenSSL: 0.85 x for one block; for sixteen or more 0.95 x with SHA extensions, without them 1.5 x (AVX2) or 2 x (AVX-512)",
        checks: Vec::new(),
        elsewhere: Some(
            "our side of it: `cargo bench -p benches -- hash`; the other: `openssl speed -evp sha256`",
        ),
    }
}
