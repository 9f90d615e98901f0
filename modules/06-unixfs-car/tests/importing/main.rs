//! Files and folders into a store: the same CID whatever the way in, what is left out, and how it fails.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod entries;
mod fails;
mod folders;
mod memory;
mod profiles;

use block_cid::Blocks;
use datastore::MemStore;
use unixfs_car::import::{Importer, Options, Source};
use unixfs_car::{Cid, Profile};

pub fn store() -> Blocks<MemStore> {
    Blocks::new(MemStore::new())
}

/// The CID of a source, with what an importer does unless it is told otherwise.
pub fn cid(source: Source<'_>) -> Cid {
    cid_with(source, Options::default())
}

pub fn cid_with(source: Source<'_>, options: Options) -> Cid {
    let importer = Importer::new(options).unwrap();
    importer.add_source(source, &store()).unwrap().cid
}

pub fn profiled(profile: Profile) -> Options {
    Options {
        profile,
        ..Options::default()
    }
}
