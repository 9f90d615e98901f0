//! What a store is opened with.

use std::path::PathBuf;
use std::sync::Arc;

use datastore::{Disk, Os};

use crate::engine::Compression;
use crate::{Error, Kind};

/// When a write is acknowledged: the promise is the same for every engine, whatever the engine
/// would do by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Durability {
    /// When it is on disk: a write that returned survives `kill -9` and a power cut. Writers
    /// that come at the same time share one flush. The default of every store on disk.
    Each,
    /// At once; what was written is on disk after the next `sync` (or `close`) that succeeds. If a
    /// full disk cost some of it, that one fails with
    /// [`Unsynced`](datastore::Error::Unsynced).
    Batch,
    /// At once; it reaches the disk whenever the engine or the system sees fit.
    None,
}

/// 100 MiB: what a store leaves free unless it is told otherwise.
pub const DEFAULT_MIN_FREE: u64 = 100 << 20;

/// 64 MiB: what an engine may cache unless it is told otherwise.
pub const DEFAULT_CACHE: u64 = 64 << 20;

/// What a store is opened with. Start from [`Config::new`] and change what you need:
///
/// ```
/// use persistent::{Config, Durability, Kind};
/// let config = Config::new(Kind::Redb).with_path("photos").with_durability(Durability::Batch);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// The engine.
    pub kind: Kind,
    /// The store's folder; by default [`Kind::default_path`].
    pub path: Option<PathBuf>,
    /// Bytes of memory that the engine may use for caching what is on disk.
    pub cache: u64,
    /// When a write is acknowledged; by default [`Durability::Each`] on disk.
    pub durability: Option<Durability>,
    /// How values are stored.
    pub compression: Compression,
    /// Open what is there and write nothing. What comes before the first read is an exception: a
    /// store that was not closed is repaired, unless [`repair`](Config::repair) is false, and one that
    /// a restore has just moved away gets its name.
    pub read_only: bool,
    /// Let a read-only open repair a store that was not closed, for which it is opened for writing
    /// first where the engine needs that; the default. Without it such a store is an error.
    pub repair: bool,
    /// A write that would leave fewer bytes free on the file system is refused.
    pub min_free: u64,
    /// A write after which the store would take more bytes on disk than this is refused. What an
    /// engine does by itself afterwards (a log merged into its tables, pages copied) may go beyond
    /// for a time, by a few MiB; RocksDB by its buffers of 32 MiB.
    pub quota: Option<u64>,
    /// Open a store on a network file system, whose locks may not exclude other machines.
    pub allow_network_fs: bool,
    /// Keep a record of what was acknowledged, so that a block which the engine loses is missed.
    /// The default; never in memory, nor in Kubo's folders.
    pub acks: bool,
    /// A program that is run as `PROGRAM probe KIND FOLDER` on a store that was not closed,
    /// before the engine is opened in this process; see [`probe`](crate::probe).
    pub probe: Option<PathBuf>,
    /// Where the files are; by default the system's own disk. Tests give one that loses its power.
    /// The lock, and the space that is left, are asked of the system in any case.
    pub disk: Arc<dyn Disk>,
}

impl Config {
    /// The defaults for an engine.
    pub fn new(kind: Kind) -> Config {
        Config {
            kind,
            path: None,
            cache: DEFAULT_CACHE,
            durability: None,
            compression: Compression::None,
            read_only: false,
            repair: true,
            min_free: DEFAULT_MIN_FREE,
            quota: None,
            allow_network_fs: false,
            acks: true,
            probe: None,
            disk: Arc::new(Os),
        }
    }

    /// Keeps the store in this folder.
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Config {
        self.path = Some(path.into());
        self
    }

    /// Gives the engine this many bytes for its cache.
    pub fn with_cache(mut self, bytes: u64) -> Config {
        self.cache = bytes;
        self
    }

    /// Acknowledges writes under this promise.
    pub fn with_durability(mut self, durability: Durability) -> Config {
        self.durability = Some(durability);
        self
    }

    /// Compresses values.
    pub fn with_compression(mut self, compression: Compression) -> Config {
        self.compression = compression;
        self
    }

    /// Opens what is there and writes nothing, but for a [repair](Config::repair).
    pub fn read_only(mut self) -> Config {
        self.read_only = true;
        self
    }

    /// Opens nothing read-only that would have to be repaired first.
    pub fn without_repair(mut self) -> Config {
        self.repair = false;
        self
    }

    /// Leaves at least this many bytes of the file system free.
    pub fn with_min_free(mut self, bytes: u64) -> Config {
        self.min_free = bytes;
        self
    }

    /// Takes at most this many bytes on disk.
    pub fn with_quota(mut self, bytes: u64) -> Config {
        self.quota = Some(bytes);
        self
    }

    /// Opens a store on a network file system.
    pub fn allow_network_fs(mut self) -> Config {
        self.allow_network_fs = true;
        self
    }

    /// Keeps a record of what was acknowledged, or none; one that is there is given up.
    pub fn with_acks(mut self, acks: bool) -> Config {
        self.acks = acks;
        self
    }

    /// Tries a store that was not closed in a child process first; see [`probe`](crate::probe).
    pub fn with_probe(mut self, program: impl Into<PathBuf>) -> Config {
        self.probe = Some(program.into());
        self
    }

    /// Keeps the files on this disk; `file`, `redb` and `pack` can.
    pub fn with_disk(mut self, disk: Arc<dyn Disk>) -> Config {
        self.disk = disk;
        self
    }

    /// The promise in force.
    pub fn durability(&self) -> Durability {
        match self.durability {
            Some(durability) => durability,
            None if self.kind.is_on_disk() => Durability::Each,
            None => Durability::None,
        }
    }

    /// Checks that the engine has what is asked of it.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] for an engine that this build lacks; an
    /// [`Unsupported`](datastore::Error::Unsupported) error for an option that the engine lacks.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !self.kind.is_built() {
            return Err(Error::NotBuilt { kind: self.kind });
        }
        let lacks = |feature, remedy| {
            Err(datastore::Error::Unsupported {
                engine: self.kind.name(),
                feature,
                remedy,
            }
            .into())
        };
        if !self.kind.is_on_disk() {
            let on_disk = "use file, fjall, rocksdb, redb or pack";
            if self.path.is_some() {
                return lacks(
                    "path",
                    "memory is gone with the process; leave out --path, and DATA_PATH if it is set",
                );
            }
            if self.quota.is_some() {
                return lacks("quota on disk", on_disk);
            }
            if !matches!(self.durability, None | Some(Durability::None)) {
                return lacks("durability", on_disk);
            }
            if self.read_only {
                return lacks("store to open read-only", on_disk);
            }
        }
        if self.read_only && self.kind.is_on_disk() && !self.kind.shares_readers() {
            return lacks(
                "read-only mode",
                "its own lock is exclusive; close the other process and open it for writing",
            );
        }
        if !self.disk.is_os() && !matches!(self.kind, Kind::File | Kind::Redb | Kind::Pack) {
            return lacks("way to another disk", "file, redb and pack have");
        }
        let compresses = matches!(self.kind, Kind::Fjall | Kind::Rocksdb);
        if self.compression != Compression::None && !compresses {
            return lacks(
                "compression",
                "fjall and rocksdb compress; leave it out for the others",
            );
        }
        Ok(())
    }
}
