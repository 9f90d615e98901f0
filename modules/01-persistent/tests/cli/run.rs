//! Runs the program in an empty folder of its own.

use std::ffi::OsStr;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use block_cid::{Block, Blockstore};
use persistent::{Config, Durability, Kind, Persistent};

pub use testkit::place::{Ended, ended};

/// "Hello IPFS!" as `ipfs block put` names it.
pub const HELLO: &str = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";

/// A folder to run the program in.
pub struct Place(testkit::Place);

impl Place {
    pub fn new() -> Place {
        Place(testkit::Place::new(env!("CARGO_BIN_EXE_01-persistent")))
    }

    /// Puts blocks of 100 bytes into a store by the library, quickly.
    pub fn fill(&self, kind: Kind, count: u64) -> PathBuf {
        let path = self.path().join("data").join(kind.name());
        let config = Config::new(kind).with_path(&path);
        let config = config.with_durability(Durability::None);
        let blocks: Vec<_> = (0..count)
            .map(|n| Block::raw(demo::Data::new(7).block(n, 100)))
            .collect();
        let store = Persistent::open(&config).unwrap();
        store.blocks().put_many(&blocks).unwrap();
        path
    }
}

impl Deref for Place {
    type Target = testkit::Place;

    fn deref(&self) -> &testkit::Place {
        &self.0
    }
}

/// The engines of this build that keep anything, by name.
pub fn on_disk() -> impl Iterator<Item = Kind> {
    Kind::built().filter(|kind| kind.is_on_disk())
}

/// The files of a store's folder with this ending.
pub fn files_with(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if path.extension() == Some(OsStr::new(ending)) {
            found.push(path);
        }
    }
    found.sort();
    found
}
