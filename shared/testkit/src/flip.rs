//! A laboratory that damages what a program left on disk.
//!
//! ```text
//! the program writes, and is closed or killed        Snapshot::take: all its files, in memory
//! for each damage:   write the snapshot out anew     Damage::draw, by lot from a seed
//!                    damage it                       one bit · a page of zeros · a tail cut off ·
//!                    look what the program makes of it    two files exchanged · a page of an earlier time
//! ```
//!
//! A snapshot is written without its pages of zeros, so the 64 MiB that an engine only reserved
//! cost nothing, and no bit is flipped in them, where it would show nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::SystemTime;

use crate::Rng;

/// The page of a file that is zeroed or put back, in bytes.
pub const PAGE: u64 = 4096;

/// Bits are flipped in such pieces of a file that are not all zero.
const GRAIN: usize = 512;

/// At most so many bytes are cut off the end of a file.
const TAIL: u64 = 65_536;

/// The files of a folder, in memory.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    folders: Vec<PathBuf>,
    files: Vec<Image>,
}

/// One file: its pages that are not all zero, by their number.
#[derive(Clone, Debug)]
struct Image {
    name: PathBuf,
    len: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

/// How often a copy is tried.
const TRIES: usize = 1000;

/// The names, lengths and times of all files below `dir`.
fn stamps(dir: &Path) -> io::Result<BTreeMap<PathBuf, (u64, SystemTime)>> {
    let mut stamps = BTreeMap::new();
    let mut left = vec![dir.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let meta = fs::metadata(&path)?;
            if meta.is_dir() {
                left.push(path.clone());
            }
            stamps.insert(path, (meta.len(), meta.modified()?));
        }
    }
    Ok(stamps)
}

impl Snapshot {
    /// Reads all files below `dir`, which nobody changes meanwhile. Names are relative to it, and in
    /// order.
    ///
    /// # Errors
    /// Of the file system.
    pub fn take(dir: &Path) -> io::Result<Snapshot> {
        // An engine may work in the background. What it changed meanwhile makes a copy that no kill
        // would leave, so that one is taken anew.
        for _ in 0..TRIES {
            let before = stamps(dir);
            let copy = Snapshot::copy(dir);
            match (before, copy, stamps(dir)) {
                (Ok(before), Ok(copy), Ok(after)) if before == after => return Ok(copy),
                (Err(error), ..) | (_, Err(error), _) | (.., Err(error))
                    if error.kind() != io::ErrorKind::NotFound =>
                {
                    return Err(error);
                }
                _ => thread::yield_now(),
            }
        }
        Err(io::Error::other("its files never stay as they are"))
    }

    fn copy(dir: &Path) -> io::Result<Snapshot> {
        let mut snapshot = Snapshot::default();
        let mut left = vec![dir.to_owned()];
        while let Some(folder) = left.pop() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                let name = path.strip_prefix(dir).unwrap_or(&path).to_owned();
                if path.is_dir() {
                    snapshot.folders.push(name);
                    left.push(path);
                } else {
                    snapshot.files.push(Image::read(&path, name)?);
                }
            }
        }
        snapshot.folders.sort();
        snapshot.files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(snapshot)
    }

    /// Writes all files below `dir`, making it.
    ///
    /// # Errors
    /// Of the file system.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)?;
        for folder in &self.folders {
            fs::create_dir_all(dir.join(folder))?;
        }
        for image in &self.files {
            let file = File::create(dir.join(&image.name))?;
            for (page, bytes) in &image.pages {
                file.write_all_at(bytes, page * PAGE)?;
            }
            file.set_len(image.len)?;
        }
        Ok(())
    }

    /// The names of its files, and their lengths in bytes.
    pub fn files(&self) -> impl Iterator<Item = (&Path, u64)> {
        self.files.iter().map(|image| (&*image.name, image.len))
    }

    fn image(&self, name: &Path) -> Option<&Image> {
        self.files.iter().find(|image| image.name == name)
    }
}

impl Image {
    fn read(path: &Path, name: PathBuf) -> io::Result<Image> {
        let bytes = fs::read(path)?;
        let pages = (0..)
            .zip(bytes.chunks(PAGE as usize))
            .filter(|(_, page)| page.iter().any(|byte| *byte != 0))
            .map(|(n, page)| (n, page.to_vec()))
            .collect();
        Ok(Image {
            name,
            len: bytes.len() as u64,
            pages,
        })
    }

    /// Where its pieces that are not all zero begin, and how long they are.
    fn grains(&self) -> impl Iterator<Item = (u64, u64)> {
        self.pages.iter().flat_map(|(page, bytes)| {
            (0..)
                .zip(bytes.chunks(GRAIN))
                .filter(|(_, grain)| grain.iter().any(|byte| *byte != 0))
                .map(move |(n, grain): (u64, _)| {
                    (page * PAGE + n * GRAIN as u64, grain.len() as u64)
                })
        })
    }
}

/// One damage to one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// A bit is the other one.
    Bit {
        /// The file.
        file: PathBuf,
        /// The byte.
        offset: u64,
        /// Which of its eight.
        bit: u32,
    },
    /// A page is zeros.
    Zero {
        /// The file.
        file: PathBuf,
        /// Where the page begins.
        offset: u64,
    },
    /// The end of a file is missing.
    Tail {
        /// The file.
        file: PathBuf,
        /// How long it still is.
        len: u64,
    },
    /// Two files bear each other's names.
    Swap {
        /// One.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// A page is what it was at an earlier time.
    Stale {
        /// The file.
        file: PathBuf,
        /// Where the page begins.
        offset: u64,
        /// What it held.
        bytes: Vec<u8>,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Bit { file, offset, bit } => {
                write!(f, "bit {bit} of byte {offset} of {}", file.display())
            }
            Damage::Zero { file, offset } => {
                write!(f, "zeros at {offset} of {}", file.display())
            }
            Damage::Tail { file, len } => write!(f, "{} cut at {len}", file.display()),
            Damage::Swap { one, other } => {
                write!(f, "{} and {} exchanged", one.display(), other.display())
            }
            Damage::Stale { file, offset, .. } => {
                write!(f, "an earlier page at {offset} of {}", file.display())
            }
        }
    }
}

/// What can be drawn for one folder.
#[derive(Debug)]
pub struct Damages {
    /// Pieces that are not all zero: the file, where the piece begins, how long it is.
    grains: Vec<(PathBuf, u64, u64)>,
    pages: Vec<(PathBuf, u64)>,
    files: Vec<(PathBuf, u64)>,
    stale: Vec<(PathBuf, u64, Vec<u8>)>,
}

impl Damages {
    /// Those that change something in `whole`, of which `earlier` is an earlier time.
    pub fn of(whole: &Snapshot, earlier: &Snapshot) -> Damages {
        let mut damages = Damages {
            grains: Vec::new(),
            pages: Vec::new(),
            files: Vec::new(),
            stale: Vec::new(),
        };
        for image in whole.files.iter().filter(|image| image.len > 0) {
            let name = || image.name.clone();
            let grains = image.grains().map(|(from, len)| (name(), from, len));
            damages.grains.extend(grains);
            let pages = image.pages.keys().map(|page| (name(), page * PAGE));
            damages.pages.extend(pages);
            damages.files.push((name(), image.len));
            let then = earlier.image(&image.name).map(|then| &then.pages);
            for (page, bytes) in then.into_iter().flatten() {
                let now = image.pages.get(page);
                if now.is_some_and(|now| now != bytes && now.len() == bytes.len()) {
                    damages.stale.push((name(), page * PAGE, bytes.clone()));
                }
            }
        }
        damages
    }

    /// A flipped bit, each alike.
    pub fn bit(&self, rng: &mut Rng) -> Option<Damage> {
        let (file, from, len) = pick(&self.grains, rng)?.clone();
        Some(Damage::Bit {
            file,
            offset: from + rng.below(len),
            bit: rng.below(8) as u32,
        })
    }

    /// Another damage than a bit, each kind alike where there is something of it.
    pub fn other(&self, rng: &mut Rng) -> Option<Damage> {
        let kind = rng.below(4);
        if kind == 1 {
            // What was only reserved at the end is no loss.
            let (file, len) = pick(&self.files, rng)?.clone();
            let used = self.pages.iter().filter(|(name, _)| *name == file);
            let end = used.map(|(_, at)| at + PAGE).max().unwrap_or(len).min(len);
            let cut = 1 + rng.below(end.min(TAIL));
            return Some(Damage::Tail {
                file,
                len: end - cut,
            });
        }
        if kind == 2 && self.files.len() > 1 {
            let at = rng.below(self.files.len() as u64);
            let next = (at + 1 + rng.below(self.files.len() as u64 - 1)) % self.files.len() as u64;
            let name = |n: u64| self.files.get(n as usize).map(|(name, _)| name.clone());
            return Some(Damage::Swap {
                one: name(at)?,
                other: name(next)?,
            });
        }
        if let (3, Some((file, offset, bytes))) = (kind, pick(&self.stale, rng).cloned()) {
            return Some(Damage::Stale {
                file,
                offset,
                bytes,
            });
        }
        let (file, offset) = pick(&self.pages, rng)?.clone();
        Some(Damage::Zero { file, offset })
    }
}

fn pick<'a, T>(from: &'a [T], rng: &mut Rng) -> Option<&'a T> {
    from.get(rng.below(from.len() as u64) as usize)
}

impl Damage {
    /// Does it to the files below `dir`.
    ///
    /// # Errors
    /// Of the file system.
    pub fn apply(&self, dir: &Path) -> io::Result<()> {
        let open = |name: &Path| {
            let mut options = File::options();
            options.read(true).write(true).open(dir.join(name))
        };
        match self {
            Damage::Bit { file, offset, bit } => {
                let file = open(file)?;
                let mut byte = [0];
                file.read_exact_at(&mut byte, *offset)?;
                file.write_all_at(&byte.map(|byte| byte ^ (1 << bit)), *offset)
            }
            Damage::Zero { file, offset } => {
                let file = open(file)?;
                let len = file.metadata()?.len().saturating_sub(*offset).min(PAGE);
                file.write_all_at(&vec![0; len as usize], *offset)
            }
            Damage::Tail { file, len } => open(file)?.set_len(*len),
            Damage::Swap { one, other } => {
                let (one, other) = (dir.join(one), dir.join(other));
                let between = dir.join("between");
                fs::rename(&one, &between)?;
                fs::rename(&other, &one)?;
                fs::rename(&between, &other)
            }
            Damage::Stale {
                file,
                offset,
                bytes,
            } => open(file)?.write_all_at(bytes, *offset),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A folder with a sparse file, one that changed, and one in a folder.
    fn folder() -> (tempfile::TempDir, Snapshot) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("sub/small"), "some bytes").unwrap();
        fs::write(dir.path().join("changed"), [1; 9000]).unwrap();
        let file = File::create(dir.path().join("sparse")).unwrap();
        file.write_all_at(b"here", 1 << 20).unwrap();
        file.set_len(4 << 20).unwrap();
        let earlier = Snapshot::take(dir.path()).unwrap();
        fs::write(dir.path().join("changed"), [2; 9000]).unwrap();
        (dir, earlier)
    }

    fn same(one: &Path, other: &Path) -> bool {
        ["sub/small", "changed", "sparse"]
            .iter()
            .all(|name| fs::read(one.join(name)).unwrap() == fs::read(other.join(name)).unwrap())
    }

    #[test]
    fn a_snapshot_is_written_as_it_was_taken() {
        let (dir, _) = folder();
        let copy = tempfile::tempdir().unwrap();
        let snapshot = Snapshot::take(dir.path()).unwrap();
        snapshot.write(copy.path()).unwrap();
        assert!(same(dir.path(), copy.path()));
        assert_eq!(snapshot.files().count(), 3);
    }

    #[test]
    fn every_damage_that_is_drawn_changes_something() {
        let (dir, earlier) = folder();
        let whole = Snapshot::take(dir.path()).unwrap();
        let damages = Damages::of(&whole, &earlier);
        let mut rng = Rng::new(1);
        let mut kinds = std::collections::BTreeSet::new();
        for n in 0..200 {
            let damage = match n % 2 {
                0 => damages.bit(&mut rng).unwrap(),
                _ => damages.other(&mut rng).unwrap(),
            };
            let copy = tempfile::tempdir().unwrap();
            whole.write(copy.path()).unwrap();
            damage.apply(copy.path()).unwrap();
            assert!(!same(dir.path(), copy.path()), "{damage}");
            kinds.insert(format!("{:?}", std::mem::discriminant(&damage)));
        }
        assert_eq!(kinds.len(), 5, "{kinds:?}");
    }
}
