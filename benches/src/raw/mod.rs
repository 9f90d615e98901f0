//! The bare engines, opened with the options that ours are opened with, and the peers.
//!
//! These are the shortest programs that do the work: no lock, no guard, no hash, no group. They
//! panic on any error, since a bench that fails is no bench.

mod files;
mod fjall;
mod log;
mod redb;
#[cfg(feature = "rocksdb")]
mod rocks;
mod sharded;
mod sled;

use std::path::Path;

use bytes::Bytes;
use persistent::Kind;

/// What a bare engine does.
pub trait Raw: Send + Sync {
    /// Puts all of them; on disk when it returns if `durable`.
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool);
    /// The length of the value under `key`, having read it whole into memory of its own.
    fn get(&self, key: &[u8]) -> usize;
    /// Whether `key` is there.
    fn has(&self, key: &[u8]) -> bool;
    /// Forgets `key`; not flushed.
    fn delete(&self, key: &[u8]);
    /// Calls `see` with every key.
    fn each_key(&self, see: &mut dyn FnMut(&[u8]));
    /// Calls `see` with every key and its value.
    fn each(&self, see: &mut dyn FnMut(&[u8], &[u8]));
    /// Closes it; those that have no such call close when they are dropped.
    fn close(self: Box<Self>) {}
}

/// What is compared with our engines and is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The crate `sled`.
    Sled,
    /// The folder of files that is written first: [`sharded`].
    Sharded,
}

impl Peer {
    /// All of them.
    pub const ALL: [Peer; 2] = [Peer::Sled, Peer::Sharded];

    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Peer::Sled => "sled",
            Peer::Sharded => "sharded-files",
        }
    }

    /// Opens it in `dir`, with this many bytes for its cache if it has one.
    pub fn open(self, dir: &Path, cache: u64) -> Box<dyn Raw> {
        match self {
            Peer::Sled => Box::new(sled::Sled::open(dir, cache)),
            Peer::Sharded => Box::new(sharded::Sharded::open(dir)),
        }
    }
}

/// Opens the bare engine of this kind in `dir`; none for memory.
pub fn open(kind: Kind, dir: &Path, cache: u64) -> Option<Box<dyn Raw>> {
    match kind {
        Kind::File => Some(Box::new(files::Files::open(dir))),
        Kind::Redb => Some(Box::new(redb::Redb::open(dir, cache))),
        Kind::Fjall => Some(Box::new(fjall::Fjall::open(dir, cache))),
        Kind::Pack => Some(Box::new(log::Log::open(dir))),
        #[cfg(feature = "rocksdb")]
        Kind::Rocksdb => Some(Box::new(rocks::Rocks::open(dir, cache))),
        _ => None,
    }
}
