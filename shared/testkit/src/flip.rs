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

mod snapshot;

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::Rng;
pub use snapshot::Snapshot;

/// The page of a file that is zeroed or put back, in bytes.
pub const PAGE: u64 = 4096;

/// At most so many bytes are cut off the end of a file.
const TAIL: u64 = 65_536;

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
