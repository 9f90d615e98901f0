//! Room that is kept back for a full disk.
//!
//! To forget something an engine has to write: redb copies the pages above it, fjall and RocksDB
//! append to a log, and what was deleted takes its space until tables are written anew; pack appends
//! to its log, too, and copies what is to stay. On a disk
//! without a byte left none of this works, not even the opening of RocksDB. So a store on a
//! database engine keeps some files of allocated blocks, which can be turned into room:
//!
//! | | |
//! | --- | --- |
//! | taken | at an open, at a close, after a compaction, and as the store grows; only where as much again stays free |
//! | made whole | when a put is refused for lack of space, and after some was given up: of all the room there is |
//! | given up | by halves, when a delete, its record, a compaction, an open or a close finds the disk full, which is then tried again |
//! | never | for a put: what the ballast lacks is as good as taken, and the guard keeps it free |
//!
//! How much it is: [`Scale`]. It counts as disk use, and against a quota, of which it takes a
//! sixteenth at most. The folder of a `file` store needs none, since a file is removed without
//! writing; the database of its other keys does. Kubo's folder gets none, like nothing of ours.
//!
//! Taking it is never an error: a store without its ballast is one that a full disk may stop. On a
//! file system that cannot allocate and compresses zeros it stays small; what counts is what is
//! allocated.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engines::{self, meta, usage};
use crate::guard::Left;
use crate::{Config, Kind};

/// The name of its folder in the store's.
pub(crate) const NAME: &str = "ballast";

/// Of a quota the ballast takes one part in so many, at most.
const OF_QUOTA: u64 = 16;

/// Files in the folder, of one size: what frees space frees inodes, too.
const FILES: u64 = 8;

/// What a file system allocates at least, on most.
const PAGE: u64 = 4096;

/// How much an engine needs to forget on a full disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    /// The least, in bytes.
    least: u64,
    /// So many bytes for ...
    parts: u64,
    /// ... so many that the engine takes on disk ...
    of: u64,
    /// ... but no more than this.
    most: u64,
}

impl Scale {
    /// That of an engine; `None` for one that needs nothing.
    fn of(kind: Kind) -> Option<Scale> {
        let (least, parts, of, most) = match kind {
            Kind::Memory => return None,
            Kind::File => (256 << 10, 1, 16, 4 << 20),
            // A compaction moves pages to places that were never written, and the records of
            // deletes take a tenth of what small blocks do.
            Kind::Redb => (256 << 10, 1, 2, 64 << 20),
            // A note for each delete, which takes with its record and its place in the index as much
            // as a small block, and a step of compaction.
            Kind::Pack => (256 << 10, 1, 2, 64 << 20),
            // Tables of what is in memory, which is all of a store that fits there; what lies beside
            // small blocks in a table, and the record of deletes.
            Kind::Fjall => (1 << 20, 3, 2, 96 << 20),
            Kind::Rocksdb => (1 << 20, 3, 2, 64 << 20),
        };
        Some(Scale {
            least,
            parts,
            of,
            most,
        })
    }

    /// For an engine that takes `used` bytes.
    fn want(self, used: u64) -> u64 {
        (used / self.of)
            .saturating_mul(self.parts)
            .clamp(self.least, self.most)
    }
}

/// The ballast of a store that is open for writing.
#[derive(Debug)]
pub(crate) struct Ballast {
    path: PathBuf,
    // Of what it is a part: the engine's folder, or one file of it.
    data: PathBuf,
    scale: Option<Scale>,
    min_free: u64,
    quota: Option<u64>,
    // Bytes that this takes, about.
    used: AtomicU64,
    held: AtomicU64,
    // Some of it, since it was taken last.
    given_up: AtomicBool,
    changing: Mutex<()>,
}

impl Ballast {
    /// That of the store in `path`, as it is found.
    pub fn find(path: &Path, config: &Config) -> Ballast {
        let data = match config.kind {
            Kind::File => path.join(meta::NAME),
            kind => engines::data_dir(kind, path),
        };
        // Where a link leads is not ours, to fill or to empty.
        let is_linked = path.join(NAME).is_symlink();
        let ballast = Ballast {
            path: path.join(NAME),
            data,
            scale: Scale::of(config.kind).filter(|_| !config.read_only && !is_linked),
            min_free: config.min_free,
            quota: config.quota,
            used: AtomicU64::new(0),
            held: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
            changing: Mutex::new(()),
        };
        ballast.count();
        ballast
    }

    /// None at all, for what is not on a disk of its own.
    pub fn none() -> Ballast {
        Ballast {
            path: PathBuf::new(),
            data: PathBuf::new(),
            scale: None,
            min_free: 0,
            quota: None,
            used: AtomicU64::new(0),
            held: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
            changing: Mutex::new(()),
        }
    }

    /// Bytes that are allocated for it.
    pub fn held(&self) -> u64 {
        self.held.load(Relaxed)
    }

    /// Bytes that it should have and has not. They are to be kept free.
    pub fn lacks(&self) -> u64 {
        self.want().saturating_sub(self.held())
    }

    /// What may be written into `room` beside what the ballast grows by then.
    pub fn share(&self, room: u64) -> u64 {
        let most = self.quota.map_or(u64::MAX, |quota| quota / OF_QUOTA);
        match self.scale {
            Some(scale) if (1..scale.most.min(most)).contains(&self.want()) => {
                (room / (scale.of + scale.parts)).saturating_mul(scale.of)
            }
            _ => room,
        }
    }

    fn want(&self) -> u64 {
        let used = self.used.load(Relaxed);
        let want = match self.scale {
            // A store without a database has nothing to write when it forgets.
            Some(scale) if used > 0 => scale.want(used),
            _ => 0,
        };
        want.min(self.quota.map_or(u64::MAX, |quota| quota / OF_QUOTA))
    }

    /// So many bytes more were let in.
    pub fn grew(&self, bytes: u64) {
        match self.scale {
            None => {}
            // Most of them are files; the database of the rest is one, and quickly asked.
            Some(_) if self.data.extension().is_some() => self.measure(),
            Some(_) => {
                let used = self.used.load(Relaxed);
                self.used.store(used.saturating_add(bytes), Relaxed);
            }
        }
    }

    fn measure(&self) {
        // What cannot be measured is taken for what it was.
        if let Ok(used) = usage::allocated(&self.data) {
            self.used.store(used, Relaxed);
        }
    }

    /// Gives half of its files up; true if there is more room than before.
    ///
    /// By halves, since what is given up is anybody's: another process may eat it before the next
    /// delete.
    pub fn give_up(&self) -> bool {
        let _changing = self.lock();
        let there: Vec<PathBuf> = self.files().filter(|path| path.exists()).collect();
        let half = there.len().div_ceil(2);
        let given = self.scale.is_some()
            && there
                .iter()
                .rev()
                .take(half)
                .map(fs::remove_file)
                .fold(false, |given, removed| given | removed.is_ok());
        self.given_up.fetch_or(given, Relaxed);
        self.count();
        given
    }

    fn files(&self) -> impl Iterator<Item = PathBuf> {
        (0..FILES).map(|n| self.path.join(n.to_string()))
    }

    fn count(&self) {
        let held = self.files().map(|path| allocated(&path)).sum();
        self.held.store(held, Relaxed);
    }

    /// Measures the store, and takes what is lacking if the file system has as much again.
    pub fn take(&self) {
        if self.scale.is_none() {
            return;
        }
        self.measure();
        if self.held() / 2 > self.want() {
            self.cut();
        }
        if let Some(Ok(left)) = self.path.parent().map(Left::on) {
            self.take_if(4, left.bytes.saturating_sub(self.min_free));
        }
        if self.given_up.swap(false, Relaxed) {
            // It was given by halves, and not all of that was needed.
            self.make_whole();
        }
    }

    /// Gives back what a smaller store does not need.
    fn cut(&self) {
        let _changing = self.lock();
        for path in self.files() {
            // If it fails, the ballast is larger than it has to be.
            let file = OpenOptions::new().write(true).open(path);
            let _ = file.and_then(|file| file.set_len(self.want() / FILES));
        }
        self.count();
    }

    /// As [`take`](Self::take), where `room` is what there is beyond the minimum that stays free, while
    /// the store grows: in steps that double it, since a writer waits for each. A step takes as long as
    /// writing 4 MiB into the page cache, and there were twice as many when a quarter was a step.
    pub fn take_of(&self, room: u64) {
        self.take_if(2, room);
    }

    /// Takes what is lacking if that is a part worth a call, and never the last of the room.
    fn take_if(&self, part: u64, room: u64) {
        let (lacks, want) = (self.lacks(), self.want());
        if lacks > 0 && lacks.saturating_mul(part) >= want && room / 2 >= lacks {
            self.allocate(want / FILES, room);
        }
    }

    /// Takes what is lacking of all the room there is: it was kept free for this, and the next
    /// process that fills the disk would not.
    pub fn make_whole(&self) {
        let each = self.want() / FILES / PAGE * PAGE;
        if self.lacks() < FILES * PAGE {
            return;
        }
        if let Some(Ok(left)) = self.path.parent().map(Left::on) {
            self.allocate(each, left.bytes.saturating_sub(self.min_free));
        }
    }

    /// Makes each file as large as this, while `room` lasts.
    fn allocate(&self, each: u64, mut room: u64) {
        let _changing = self.lock();
        // What cannot be made now is lacking, and made another time.
        let _ = fs::create_dir(&self.path);
        for path in self.files() {
            let had = allocated(&path);
            let lacks = each.saturating_sub(had);
            if lacks == 0 || lacks > room {
                continue;
            }
            let taken = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .and_then(|file| {
                    let taken = fs2::FileExt::allocate(&file, each);
                    // What a call that failed may have allocated is of no use to anybody.
                    taken.or_else(|full| file.set_len(had).and(Err(full)))
                });
            match taken {
                Ok(()) => room -= lacks,
                Err(_) if had == 0 => drop(fs::remove_file(&path)),
                Err(_) => {}
            }
        }
        self.count();
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a file of this name in its folder is a part of it.
pub(crate) fn is_ours(name: &str) -> bool {
    (0..FILES).any(|n| name == n.to_string())
}

/// Bytes that are allocated for the file, 0 if it is absent. A copy of a store may have holes.
fn allocated(path: &Path) -> u64 {
    File::open(path)
        .and_then(|file| fs2::FileExt::allocated_size(&file))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
