//! Which engine keeps the blocks.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::Error;
use crate::guard::Cost;

/// A storage engine, by the shape in which it keeps data.
///
/// | kind | shape | good at | weak at |
/// | --- | --- | --- | --- |
/// | `memory` | a tree in memory | tests, caches | forgets |
/// | `file` | one file a block, as Kubo's flatfs | damage stays in one block; any tool reads it | many small blocks |
/// | `fjall` | LSM tree, in Rust | bulk writes, "is it there?" | opening after a crash |
/// | `rocksdb` | LSM tree, in C++ | many writers, tuning | build time, damage spreads |
/// | `redb` | copy-on-write B-tree, in Rust | reads, one file, quick opening | bulk writes of large blocks |
/// | `pack` | a log of CARs with an index of sorted runs, in Rust | writes of any size, small blocks, backup by `cp` | space of deleted blocks until it is compacted |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A map in memory, gone with the process.
    Memory,
    /// One file a block, in the layout of Kubo's flatfs.
    File,
    /// A log-structured merge tree written in Rust.
    Fjall,
    /// A log-structured merge tree written in C++; behind the Cargo feature `rocksdb`.
    Rocksdb,
    /// A copy-on-write B-tree written in Rust.
    Redb,
    /// A log whose files are CARs, written in Rust, for this project.
    Pack,
}

impl Kind {
    /// Every kind, built or not.
    pub const ALL: [Kind; 6] = [
        Kind::Memory,
        Kind::File,
        Kind::Fjall,
        Kind::Rocksdb,
        Kind::Redb,
        Kind::Pack,
    ];

    /// The kinds of this build: all but RocksDB, unless the feature `rocksdb` is on.
    pub fn built() -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(|kind| kind.is_built())
    }

    /// Whether this build has the engine.
    pub fn is_built(self) -> bool {
        self != Kind::Rocksdb || cfg!(feature = "rocksdb")
    }

    /// The name that selects the kind, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Memory => "memory",
            Kind::File => "file",
            Kind::Fjall => "fjall",
            Kind::Rocksdb => "rocksdb",
            Kind::Redb => "redb",
            Kind::Pack => "pack",
        }
    }

    /// The shape of the engine, in a few words.
    pub fn shape(self) -> &'static str {
        match self {
            Kind::Memory => "tree in memory",
            Kind::File => "one file a block (flatfs)",
            Kind::Fjall => "LSM tree",
            Kind::Rocksdb => "LSM tree (C++)",
            Kind::Redb => "B-tree, copy on write",
            Kind::Pack => "log of CARs",
        }
    }

    /// Whether anything is kept on disk.
    pub fn is_on_disk(self) -> bool {
        self != Kind::Memory
    }

    /// Whether a batch is all there or not there at all after a crash. The file store keeps each
    /// block in a file of its own, and `pack` each in a section, so a crash can leave a part of a
    /// batch.
    pub fn atomic_batches(self) -> bool {
        !matches!(self, Kind::File | Kind::Pack)
    }

    /// Whether several processes can read one store at once.
    pub fn shares_readers(self) -> bool {
        matches!(self, Kind::File | Kind::Rocksdb | Kind::Redb | Kind::Pack)
    }

    /// What a write takes on disk.
    pub(crate) fn cost(self) -> Cost {
        match self {
            Kind::Memory => Cost::PLAIN,
            Kind::File => Cost::FILES,
            Kind::Fjall | Kind::Rocksdb | Kind::Redb => Cost::TWICE,
            Kind::Pack => Cost::SECTIONS,
        }
    }

    /// Whether a store that was not closed has to be opened for writing before anyone can read
    /// it.
    pub(crate) fn repairs_on_open(self) -> bool {
        matches!(self, Kind::Redb | Kind::Rocksdb)
    }

    /// Where a store of this kind is kept unless it is told otherwise: `./data/<name>`; nowhere
    /// for memory.
    pub fn default_path(self) -> Option<PathBuf> {
        self.is_on_disk()
            .then(|| Path::new("data").join(self.name()))
    }
}

/// From the name, in any case. Nothing at all means memory; `lsm` is fjall, `btree` is redb
/// and `log` is pack.
impl FromStr for Kind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Kind, Error> {
        let unknown = |hint| {
            Err(Error::UnknownKind {
                given: text.to_owned(),
                hint,
            })
        };
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "memory" => Ok(Kind::Memory),
            "file" => Ok(Kind::File),
            "fjall" | "lsm" => Ok(Kind::Fjall),
            "rocksdb" => Ok(Kind::Rocksdb),
            "redb" | "btree" => Ok(Kind::Redb),
            "pack" | "log" => Ok(Kind::Pack),
            "leveldb" | "flatfs" => unknown("its counterpart here is file"),
            "badger" => unknown("its counterpart here is fjall"),
            "pebble" => unknown("its counterpart here is rocksdb"),
            _ => unknown(
                "valid are memory, file, fjall (or lsm), rocksdb, redb (or btree), pack (or log)",
            ),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_in_any_case() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse::<Kind>().unwrap(), kind);
            assert_eq!(kind.name().to_uppercase().parse::<Kind>().unwrap(), kind);
        }
        assert_eq!("lsm".parse::<Kind>().unwrap(), Kind::Fjall);
        assert_eq!("BTree".parse::<Kind>().unwrap(), Kind::Redb);
        assert_eq!("log".parse::<Kind>().unwrap(), Kind::Pack);
    }

    #[test]
    fn an_empty_name_means_memory() {
        assert_eq!("".parse::<Kind>().unwrap(), Kind::Memory);
    }

    #[test]
    fn an_unknown_name_is_named_with_what_is_valid() {
        let error = "mysql".parse::<Kind>().unwrap_err().to_string();
        assert!(error.contains("\"mysql\""), "{error}");
        for kind in Kind::ALL {
            assert!(error.contains(kind.name()), "{error}");
        }
    }

    #[test]
    fn engines_of_the_go_project_get_their_counterpart() {
        for (theirs, ours) in [
            ("leveldb", "file"),
            ("Badger", "fjall"),
            ("pebble", "rocksdb"),
        ] {
            let error = theirs.parse::<Kind>().unwrap_err().to_string();
            assert!(error.contains(theirs) && error.contains(ours), "{error}");
        }
    }

    #[test]
    fn each_kind_on_disk_has_a_path_of_its_own() {
        assert_eq!(Kind::Memory.default_path(), None);
        assert_eq!(
            Kind::Redb.default_path().unwrap(),
            Path::new("./data/redb").strip_prefix("./").unwrap()
        );
    }
}
