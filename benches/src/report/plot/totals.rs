//! The plots of bars: what is the same for every block.

use super::Plot;
use super::make::bars;
use crate::report::plan::LARGE;
use crate::report::record::Record;

/// All of them; none of what this record has no figures for.
pub fn all(record: &Record) -> Vec<Option<Plot>> {
    let middle = record.plan.middle() as u64;
    let large = LARGE as u64;
    let bars_of = [
        (
            "disk",
            middle,
            "Bytes on disk a byte put",
            "bytes on disk a byte",
            "What it does not show: what a longer life of the store leaves behind.",
        ),
        (
            "disk",
            large,
            "Bytes on disk a byte put, large blocks",
            "bytes on disk a byte",
            "What it does not show: what a longer life of the store leaves behind.",
        ),
        (
            "disk.compressible",
            middle,
            "The same of text; fjall and rocksdb compress it",
            "bytes on disk a byte",
            "What it does not show: data of yours, which compresses better or worse.",
        ),
        (
            "disk.deleted",
            middle,
            "Bytes on disk a byte left, after every second block was deleted and the store compacted",
            "bytes on disk a byte",
            "What it does not show: what stays on disk until a compaction.",
        ),
        (
            "written",
            middle,
            "Bytes written a byte put, by the process",
            "bytes written a byte",
            "What it does not show: what the file system writes for itself, and what a compaction writes later.",
        ),
        (
            "written",
            large,
            "Bytes written a byte put, large blocks",
            "bytes written a byte",
            "What it does not show: what the file system writes for itself, and what a compaction writes later.",
        ),
        (
            "fsync.each.1",
            middle,
            "Flushing calls for each thousand durable puts, one writer",
            "calls for each 1,000 puts",
            "What it does not show: that calls differ; fsync of a folder, fdatasync of a file and syncfs of everything cost different times.",
        ),
        (
            "fsync.batch.100",
            middle,
            "Flushing calls for each thousand puts, by the hundred",
            "calls for each 1,000 puts",
            "What it does not show: what each of them takes.",
        ),
        (
            "memory.put",
            middle,
            "Memory that bulk puts add, at most",
            "MiB",
            "What it does not show: the page cache, which is the system's and is given back when others need it.",
        ),
        (
            "memory.rest",
            middle,
            "Memory that an open store adds after reads",
            "MiB",
            "What it does not show: the page cache, and caches of another size; each was given 64 MiB.",
        ),
        (
            "open.closed",
            middle,
            "Open after a close",
            "milliseconds",
            "What it does not show: the first open after a restart of the machine.",
        ),
        (
            "open.killed",
            middle,
            "Open after kill -9",
            "milliseconds",
            "What it does not show: a power cut, after which the page cache is gone, too.",
        ),
        (
            "disk.gib",
            large,
            "Bytes on disk a byte put, 1 GiB",
            "bytes on disk a byte",
            "What it does not show: what deletes leave behind.",
        ),
        (
            "open.gib.killed",
            large,
            "Open 1 GiB after kill -9",
            "milliseconds",
            "What it does not show: a power cut, after which the page cache is gone, too.",
        ),
    ];
    let plot =
        |(what, size, title, axis, not_shown)| bars(record, what, size, title, axis, not_shown);
    bars_of.map(plot).into()
}
