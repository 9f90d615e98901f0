//! S7: what blocks take on disk, and what is written for them.

use super::{Goal, Limit, check, of};
use crate::report::record::Record;

/// Bytes of a block of which both are asked.
const SIZE: u64 = 256 << 10;

pub fn disk(record: &Record) -> Goal {
    let figures = &record.figures;
    let mut checks = Vec::new();
    for name in ["file", "fjall", "rocksdb", "redb", "pack"] {
        let disk = figures.spread(name, SIZE, "disk.gib");
        checks.extend(check(of(name, SIZE, "on disk"), disk, Limit::Most(1.15)));
    }
    for (name, most) in [("file", 1.1), ("fjall", 1.3), ("rocksdb", 1.3)] {
        let written = figures.spread(name, SIZE, "written.gib");
        checks.extend(check(of(name, SIZE, "written"), written, Limit::Most(most)));
    }
    Goal {
        id: "S7",
        text: "1 GiB of blocks of 256 KiB takes at most 1.15 bytes on disk a byte; written are at most 1.3 for fjall and rocksdb, and 1.1 for file",
        elsewhere: checks
            .is_empty()
            .then_some("the store of 1 GiB, which a full run has if its time suffices"),
        checks,
    }
}
