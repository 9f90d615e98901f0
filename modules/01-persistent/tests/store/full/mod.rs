//! The full-disk laboratory: whatever fills the disk, a store opens on it, gives every block that
//! was acknowledged, deletes all of them, is compacted, and then writes again.
//!
//! | file | what fills the disk |
//! | --- | --- |
//! | `forgets` | the disk stays full while the store is opened and closed, some is deleted, it is compacted |
//! | `sizes` | disks of every size, full to the last byte |
//! | `errors` | one system call, or it and all later ones, says that there is no room |
//! | `limits` | no inodes, a limit of file sizes, ext4 without a reserve |
//! | `eaten` | another process, between the guard's look and the write |
//! | `looks` | how often the guard looks |
//! | `unseen` | what engines have in memory, and write later |
//! | `unsynced` | what engines forget before a sync |

mod eaten;
mod errors;
mod forgets;
mod limits;
pub mod looks;
mod sizes;
mod unseen;
mod unsynced;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Error};
use persistent::{Config, Persistent};
use testkit::Rng;

pub const MIB: u64 = 1 << 20;

/// Files that eat their disk. Dropping it gives the room back.
pub struct Filler(PathBuf, Vec<PathBuf>);

impl Filler {
    /// Leaves so many bytes.
    pub fn leaving(dir: &Path, bytes: u64) -> Filler {
        let filler = Filler(dir.join("filler"), Vec::new());
        let mut file = File::create(&filler.0).unwrap();
        let some = vec![1; 1 << 16];
        while let left @ 1.. = free(dir).saturating_sub(bytes) {
            let len = left.min(1 << 16) as usize;
            if file.write_all(&some[..len]).is_err() {
                break;
            }
        }
        filler
    }

    /// Leaves not a byte.
    pub fn all(dir: &Path) -> Filler {
        let filler = Filler(dir.join("filler"), Vec::new());
        filler.more();
        filler
    }

    /// Eats every inode that is left, too.
    pub fn inodes(&mut self) {
        let Some(dir) = self.0.parent() else { return };
        let paths = (self.1.len()..).map(|n| dir.join(format!("other-{n}")));
        self.1
            .extend(paths.take_while(|path| File::create(path).is_ok()));
    }

    /// Eats what came free since.
    pub fn more(&self) {
        // Without inodes there is no file to fill.
        let Ok(mut file) = File::options().append(true).create(true).open(&self.0) else {
            return;
        };
        for len in [1 << 20, 1 << 16, 1 << 12, 512, 1] {
            let some = vec![1; len];
            while file.write_all(&some).is_ok() {}
        }
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        for path in self.1.iter().chain([&self.0]) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Bytes that are free on the disk of `dir`.
pub fn free(dir: &Path) -> u64 {
    fs2::available_space(dir).unwrap()
}

/// The `n`th block of a seed, of 1 byte to 64 KiB.
fn block(seed: u64, n: u64) -> Block {
    let mut rng = Rng::of(seed, &[n]);
    let most = 1 << (6 + rng.below(11));
    let len = 1 + rng.below(most);
    Block::raw(rng.bytes(len as usize))
}

/// Puts blocks until one is refused for lack of room: how many are acknowledged.
fn fill(store: &Persistent, seed: u64) -> Result<u64, String> {
    for n in 0.. {
        match store.blocks().put(&block(seed, n)) {
            Ok(()) => {}
            Err(block_cid::Error::Store(Error::StorageFull { .. })) => return Ok(n),
            Err(other) => return Err(format!("block {n}: {}", crate::chain(&other))),
        }
    }
    Ok(0)
}

/// What came of one full disk.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    blocks: u64,
    /// Stores that wrote again while the disk was as full as before.
    by_itself: u64,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.blocks += other.blocks;
        self.by_itself += other.by_itself;
    }
}

/// What has to hold on the full disk: the store opens, every block of `kept` is there byte for byte
/// and can be deleted, compaction works, and then there is room to write again; if not by itself,
/// then once `filler` is gone.
fn holds(config: &Config, kept: &[Block], filler: Filler) -> Result<Counts, String> {
    let failed = |what: &str, error: &dyn std::error::Error| {
        let place = config.path.as_deref().unwrap_or(Path::new(""));
        let left = free(place) >> 10;
        Err(format!("{what}: {} ({left} KiB free)", crate::chain(error)))
    };
    let store = match Persistent::open(config) {
        Ok(store) => store,
        Err(error) => return failed("it does not open", &error),
    };
    for (n, block) in kept.iter().enumerate() {
        match store.blocks().get(block.cid()) {
            Ok(Some(found)) if found == *block => {}
            Ok(_) => return Err(format!("block {n} of {} is lost", kept.len())),
            Err(error) => return failed(&format!("block {n} of {}", kept.len()), &error),
        }
    }
    for (n, block) in kept.iter().enumerate() {
        if let Err(error) = store.blocks().delete(block.cid()) {
            return failed(&format!("deleting {n} of {}", kept.len()), &error);
        }
    }
    if let Err(error) = store.compact() {
        return failed("compaction", &error);
    }
    for block in kept {
        match store.blocks().has(block.cid()) {
            Ok(false) => {}
            Ok(true) => return Err(format!("{} is there again", block.cid())),
            Err(error) => return failed("has", &error),
        }
    }
    let again = Block::raw("there is room again");
    let by_itself = store.blocks().put(&again).is_ok();
    drop(filler);
    if let Err(error) = store.blocks().put(&again) {
        return failed("writing again", &error);
    }
    if let Err(error) = store.close() {
        return failed("closing", &error);
    }
    Ok(Counts {
        blocks: kept.len() as u64,
        by_itself: u64::from(by_itself),
    })
}
