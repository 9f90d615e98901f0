//! What a program left on disk, in memory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::SystemTime;

use super::PAGE;

/// Bits are flipped in such pieces of a file that are not all zero.
const GRAIN: usize = 512;

/// The files of a folder, in memory.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    folders: Vec<PathBuf>,
    pub(super) files: Vec<Image>,
}

/// One file: its pages that are not all zero, by their number.
#[derive(Clone, Debug)]
pub(super) struct Image {
    pub name: PathBuf,
    pub len: u64,
    pub pages: BTreeMap<u64, Vec<u8>>,
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

    pub(super) fn image(&self, name: &Path) -> Option<&Image> {
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
    pub fn grains(&self) -> impl Iterator<Item = (u64, u64)> {
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
