//! A segment: a file of the log, which is a CAR.
//!
//! ```text
//! blocks/000001.car
//!   19                                      25 bytes of header follow
//!   a2 65 "roots" 81 d8 2a 45 00 01 55 00 00
//!      67 "version" 01                      {"roots": [bafkqaaa], "version": 1}
//!   section                                 a mark: the id of the segment
//!   section …                               blocks and notes (`section.rs`), and nothing after them
//! ```
//!
//! A CAR needs a root, and `bafkqaaa` is the empty identity block, which everybody has. Numbers are
//! given once: a segment that is gone never comes back under its name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datastore::disk::{Kind, Mode};
use datastore::{Disk, DiskFile, Error, Result};

use crate::sync::{Mutex, PoisonError};

/// What every segment begins with.
pub(super) const HEADER: &[u8; 26] =
    b"\x19\xa2\x65roots\x81\xd8\x2a\x45\x00\x01\x55\x00\x00\x67version\x01";

const EXTENSION: &str = ".car";

/// A place in the log. The order of places is the order of what was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Position {
    /// The number of the segment, from 1 on.
    pub segment: u32,
    /// Bytes from its beginning.
    pub offset: u64,
}

/// Where a section lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// Where it begins.
    pub at: Position,
    /// The length of the whole section.
    pub len: u32,
}

impl Place {
    /// Where the section ends, in bytes from the beginning of the segment.
    pub fn end(&self) -> u64 {
        self.at.offset + u64::from(self.len)
    }
}

/// The file name of a segment.
pub(super) fn name(number: u32) -> String {
    format!("{number:06}{EXTENSION}")
}

/// The number of the segment whose file has this name.
pub(super) fn number(name: &str) -> Option<u32> {
    let number = name.strip_suffix(EXTENSION)?.parse().ok()?;
    (self::name(number) == name).then_some(number)
}

/// How many segments are kept open for reading.
const OPEN: usize = 64;

/// The files of segments, opened when they are read.
#[derive(Debug)]
pub(super) struct Segments {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    files: HashMap<u32, (Arc<dyn DiskFile>, u64)>,
    /// Counts uses, so that the file that was not used for longest is the one to close.
    clock: u64,
}

impl Segments {
    pub fn new(disk: Arc<dyn Disk>, dir: PathBuf) -> Segments {
        let open = Mutex::default();
        Segments { disk, dir, open }
    }

    pub fn path(&self, number: u32) -> PathBuf {
        self.dir.join(name(number))
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// The file of this segment, for reading.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be opened.
    pub fn file(&self, number: u32) -> Result<Arc<dyn DiskFile>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.clock += 1;
        let clock = open.clock;
        if let Some((file, used)) = open.files.get_mut(&number) {
            *used = clock;
            return Ok(Arc::clone(file));
        }
        let path = self.path(number);
        let file = self.disk.open(&path, Mode::Read);
        let file: Arc<dyn DiskFile> = file.map_err(|error| Error::io("open", path, error))?.into();
        if open.files.len() >= OPEN {
            let oldest = open.files.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(number, _)| *number) {
                open.files.remove(&oldest);
            }
        }
        open.files.insert(number, (Arc::clone(&file), clock));
        Ok(file)
    }

    /// The segment is changed or removed: whoever reads it next opens it anew.
    pub fn forget(&self, number: u32) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.files.remove(&number);
    }

    /// The numbers of all segments, in order.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder cannot be listed; [`Error::Corrupt`] if a folder has the name of a
    /// segment.
    pub fn numbers(&self) -> Result<Vec<u32>> {
        let names = self.disk.list(&self.dir);
        let names = names.map_err(|error| Error::io("list", &self.dir, error))?;
        let mut numbers = Vec::new();
        for (name, kind) in names {
            match (number(&name), kind) {
                (Some(_), Kind::Folder) => {
                    return Err(Error::Corrupt {
                        path: self.dir.join(name),
                        what: "it is a folder, and has the name of a segment; move it away"
                            .to_owned(),
                    });
                }
                (number, _) => numbers.extend(number),
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The length of a segment in bytes.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be opened.
    pub fn len(&self, number: u32) -> Result<u64> {
        let len = self.file(number)?.len();
        len.map_err(|error| Error::io("look at", self.path(number), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_that_of_carv1_with_an_empty_root() {
        let root: block_cid::Cid = block_cid::text::parse("bafkqaaa").unwrap();
        let writer = block_cid::car::Writer::new(Vec::new(), &[root]).unwrap();
        assert_eq!(writer.finish().unwrap(), HEADER);
    }

    #[test]
    fn a_number_has_one_name() {
        for n in [1, 999_999, 1_000_000, u32::MAX] {
            assert_eq!(number(&name(n)), Some(n));
        }
        for other in [
            "1.car",
            "000001",
            "0000001.car",
            "+00001.car",
            "000001.car.new",
        ] {
            assert_eq!(number(other), None, "{other}");
        }
    }
}
