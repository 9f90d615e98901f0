//! What a figure is of: its name, its unit, and which way is better.

use super::number;
use demo::units;
use serde::{Deserialize, Serialize};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Blocks a second: more is better.
    Blocks,
    /// Calls a second, of which the size of a block is no part.
    Calls,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Bytes of memory.
    Bytes,
    /// Bytes for each byte of a block.
    PerByte,
    /// Calls for each thousand puts.
    PerThousand,
    /// Blocks.
    Count,
    /// How quick it is as a part of how quick another is: more is better.
    Part,
    /// MiB a second: more is better.
    Mib,
}

impl Unit {
    /// Whether a larger figure is the better one.
    pub fn more_is_better(self) -> bool {
        matches!(self, Unit::Blocks | Unit::Calls | Unit::Part | Unit::Mib)
    }
}

/// One thing that is measured.
#[derive(Clone, Copy, Debug)]
pub struct What {
    /// Its name in `report.json`.
    pub name: &'static str,
    /// What is counted.
    pub unit: Unit,
    /// What it is, for people.
    pub title: &'static str,
}

const fn what(name: &'static str, unit: Unit, title: &'static str) -> What {
    What { name, unit, title }
}

/// Everything that is measured. The part of a name before the first dot says what is done; of a put
/// the second says what it promises: `none`, `batch` (on disk when a batch returns) or `each`.
pub const ALL: &[What] = &[
    what("put.none.1", Unit::Blocks, "put one by one, not flushed"),
    what(
        "put.none.100",
        Unit::Blocks,
        "put by the hundred, not flushed",
    ),
    what(
        "put.none.1000",
        Unit::Blocks,
        "put by the thousand, not flushed",
    ),
    what(
        "put.batch.64",
        Unit::Blocks,
        "put by 64, each batch on disk",
    ),
    what(
        "put.batch.100",
        Unit::Blocks,
        "put by the hundred, each batch on disk",
    ),
    what(
        "put.batch.1000",
        Unit::Blocks,
        "put by the thousand, each batch on disk",
    ),
    what(
        "put.each.1",
        Unit::Blocks,
        "put by one writer, each on disk",
    ),
    what(
        "put.each.64",
        Unit::Blocks,
        "put by 64 writers, each on disk",
    ),
    what(
        "commits.each.64",
        Unit::PerThousand,
        "flushes of the engine with 64 writers",
    ),
    what(
        "hand-off",
        Unit::Micros,
        "a wake-up of another thread and back",
    ),
    what(
        "get.warm",
        Unit::Blocks,
        "get, cached, proven where ours lies on disk",
    ),
    what("get.unproven", Unit::Blocks, "get, cached, not hashed"),
    what("get.cold", Unit::Blocks, "get, nothing cached"),
    what("has.absent", Unit::Calls, "has, of what is absent"),
    what(
        "has.bloom",
        Unit::Calls,
        "the same behind the bloom wrapper",
    ),
    what("mixed", Unit::Blocks, "four gets for each put, not flushed"),
    what("scan.keys", Unit::Calls, "list all keys"),
    what(
        "scan.blocks",
        Unit::Blocks,
        "read all blocks in the store's own order",
    ),
    what("delete", Unit::Calls, "delete one by one, not flushed"),
    what("open.closed", Unit::Millis, "open after a close"),
    what("open.killed", Unit::Millis, "open after kill -9"),
    what("open.gib", Unit::Millis, "open 1 GiB after a close"),
    what("open.gib.killed", Unit::Millis, "open 1 GiB after kill -9"),
    what(
        "missing",
        Unit::Count,
        "acknowledged blocks that a kill -9 lost",
    ),
    what("disk", Unit::PerByte, "bytes on disk a byte put"),
    what("disk.gib", Unit::PerByte, "the same of 1 GiB"),
    what(
        "disk.compressible",
        Unit::PerByte,
        "the same of data that compresses",
    ),
    what(
        "disk.deleted",
        Unit::PerByte,
        "bytes on disk a byte left, half deleted",
    ),
    what("written", Unit::PerByte, "bytes written a byte put"),
    what(
        "written.gib",
        Unit::PerByte,
        "the same of 1 GiB, put durably, killed and opened",
    ),
    what(
        "memory.put",
        Unit::Bytes,
        "memory that bulk puts add, at most",
    ),
    what(
        "memory.rest",
        Unit::Bytes,
        "memory that an open store adds after reads",
    ),
    what(
        "fsync.batch.100",
        Unit::PerThousand,
        "flushing calls, by the hundred",
    ),
    what(
        "fsync.each.1",
        Unit::PerThousand,
        "flushing calls, one writer",
    ),
    what(
        "slope.put",
        Unit::Calls,
        "put by the thousand into a store of so many blocks of 256 B",
    ),
    what("slope.get", Unit::Calls, "get from it"),
    what("slope.absent", Unit::Calls, "has of what it has not"),
    what("slope.open", Unit::Millis, "open it"),
    what("slope.memory", Unit::Bytes, "memory that it takes open"),
    what("slope.disk", Unit::PerByte, "bytes on disk a byte put"),
    what(
        "beside.put",
        Unit::Part,
        "bulk puts, of the bare engine's in the same process",
    ),
    what(
        "beside.put.hash",
        Unit::Part,
        "bulk puts with the hash, of the bare engine's or of the hash alone if that is slower",
    ),
    what(
        "beside.get",
        Unit::Part,
        "cached gets without the hash, of the bare engine's",
    ),
    what(
        "beside.get.hash",
        Unit::Part,
        "cached gets with the hash, of a bare one and a hash after it",
    ),
    what(
        "beside.has",
        Unit::Part,
        "has of what is absent, of the bare engine's",
    ),
    what(
        "files.add",
        Unit::Mib,
        "add of a file of so many bytes, not flushed",
    ),
    what("files.cat", Unit::Mib, "cat of it, cached"),
    what("files.export", Unit::Mib, "export of it as a CAR, cached"),
    what("files.import", Unit::Mib, "import of that CAR, not flushed"),
    what(
        "files.bulk",
        Unit::Mib,
        "the same blocks put into the bare engine",
    ),
    what("files.read", Unit::Mib, "the file read, cached"),
    what(
        "files.read.sha2",
        Unit::Mib,
        "the file read and hashed on one core",
    ),
    what("files.sha2.1", Unit::Mib, "sha2-256 of it on one core"),
    what("files.sha2.2", Unit::Mib, "sha2-256 of it on two cores"),
    what(
        "memory.add",
        Unit::Bytes,
        "memory that an add of a file takes, with the open store",
    ),
    what("memory.cat", Unit::Bytes, "memory that a cat of it takes"),
    what("memory.export", Unit::Bytes, "memory that an export takes"),
    what("memory.import", Unit::Bytes, "memory that an import takes"),
    what(
        "memory.bulk",
        Unit::Bytes,
        "memory that the bare engine takes for the same blocks",
    ),
    what(
        "sparse.add",
        Unit::Bytes,
        "memory that an add of a hole of so many bytes takes",
    ),
    what("sparse.cat", Unit::Bytes, "memory that a cat of it takes"),
    what(
        "small.add",
        Unit::Calls,
        "add of files of 1 KiB, not flushed",
    ),
    what(
        "small.bulk",
        Unit::Calls,
        "the same blocks put into the bare engine",
    ),
    what("small.read", Unit::Calls, "these files read, cached"),
    what("names.add", Unit::Calls, "names put into one folder"),
    what("names.memory", Unit::Bytes, "memory that this folder takes"),
    what("start", Unit::Millis, "a command that does nothing"),
    what("sha2.1", Unit::Blocks, "sha2-256 on one core"),
    what("sha2.2", Unit::Blocks, "sha2-256 on two cores"),
    what("write.none", Unit::Blocks, "one file written, not flushed"),
    what(
        "write.batch",
        Unit::Blocks,
        "one file written and flushed at the end",
    ),
    what("write.each", Unit::Blocks, "one file, each block flushed"),
];

impl What {
    /// The size that a figure is of, as text: bytes of a block or of a file; blocks of a store that grows;
    /// how many files or names.
    pub fn size(&self, size: u64) -> String {
        let counted = [
            ("slope.", "blocks"),
            ("small.", "files"),
            ("names.", "names"),
        ];
        let unit = counted.iter().find(|(kind, _)| self.name.starts_with(kind));
        match unit {
            Some((_, unit)) => format!("{} {unit}", units::count(size)),
            None => number::size(size),
        }
    }
}

/// The one of this name.
pub fn find(name: &str) -> Option<&'static What> {
    ALL.iter().find(|what| what.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for what in ALL {
            let same = ALL.iter().filter(|other| other.name == what.name);
            assert_eq!(same.count(), 1, "{}", what.name);
            assert_eq!(find(what.name).map(|found| found.title), Some(what.title));
        }
    }
}
