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
    /// The folder of files that everybody writes first.
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
        Kind::Pack => Some(Box::new(log::Log::open(dir, cache))),
        #[cfg(feature = "rocksdb")]
        Kind::Rocksdb => Some(Box::new(rocks::Rocks::open(dir, cache))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;

    fn all(dir: &Path) -> Vec<(String, Box<dyn Raw>)> {
        let peers = Peer::ALL.map(|peer| (peer.name().to_owned(), peer.open(dir, 1 << 20)));
        let bare =
            Kind::built().filter_map(|kind| Some((kind.to_string(), open(kind, dir, 1 << 20)?)));
        peers.into_iter().chain(bare).collect()
    }

    #[test]
    fn each_of_them_keeps_what_it_is_given_until_it_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let entries: Vec<(Vec<u8>, Bytes)> = crate::blocks(&demo::Data::new(1), 0, 50, 300)
            .iter()
            .map(|block| (crate::key(block), block.data().clone()))
            .collect();
        for (name, store) in all(dir.path()) {
            let (one, more) = entries.split_first().unwrap();
            store.put_many(std::slice::from_ref(one), true);
            store.put_many(more, true);
            assert!(
                entries.iter().all(|(key, _)| store.get(key) == 300),
                "{name}"
            );
            store.delete(&one.0);
            assert!(!store.has(&one.0) && store.has(&more[0].0), "{name}");
            let mut wanted: Vec<_> = more.to_vec();
            let mut found = Vec::new();
            store.each(&mut |key, value| {
                found.push((key.to_vec(), Bytes::copy_from_slice(value)));
            });
            let mut keys = 0;
            store.each_key(&mut |_| keys += 1);
            wanted.sort();
            found.sort();
            assert!(found == wanted && keys == wanted.len(), "{name}");
            store.close();
        }
    }

    #[test]
    fn a_file_that_a_kill_left_without_its_name_is_no_block() {
        let dir = tempfile::tempdir().unwrap();
        let file = open(Kind::File, dir.path(), 0).unwrap();
        let sharded = Peer::Sharded.open(dir.path(), 0);
        fs::write(dir.path().join("files/.temp/7"), "half").unwrap();
        fs::create_dir(dir.path().join("sharded/ab")).unwrap();
        fs::write(dir.path().join("sharded/ab/7.temp"), "half").unwrap();
        for store in [file, sharded] {
            store.each_key(&mut |key| panic!("{key:?} is no block"));
        }
    }
}
