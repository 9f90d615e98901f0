#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::engine::Compression;
use crate::engines::direct::Direct;

fn options(dir: &std::path::Path) -> Options {
    Options {
        dir: dir.join("blocks"),
        cache: 16 << 20,
        compression: Compression::None,
        read_only: false,
    }
}

fn open(dir: &std::path::Path) -> File {
    File::open(&options(dir)).unwrap()
}

datastore::contract!(contract, || {
    let dir = tempfile::tempdir().unwrap();
    let store = Direct::new(open(dir.path()));
    (dir, store)
});
