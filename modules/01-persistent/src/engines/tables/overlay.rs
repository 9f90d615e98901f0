//! A file of redb that can be checked without being written to: what redb writes meanwhile, such as
//! which pages are free, is kept in memory.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::redb::StorageBackend;
use datastore::disk::Mode;
use datastore::{Disk, DiskFile};

/// What is kept is kept in pieces of this many bytes.
const PIECE: u64 = 4096;

/// A file, and what was written over it.
#[derive(Debug)]
pub(super) struct Overlay {
    file: Box<dyn DiskFile>,
    there: u64,
    over: Mutex<Over>,
}

#[derive(Debug)]
struct Over {
    len: u64,
    pieces: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    pub(super) fn open(disk: &dyn Disk, path: &Path) -> io::Result<Overlay> {
        let file = disk.open(path, Mode::Read)?;
        let there = file.len()?;
        if there == 0 {
            // redb would begin a new one in it.
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Overlay {
            file,
            there,
            over: Mutex::new(Over {
                len: there,
                pieces: BTreeMap::new(),
            }),
        })
    }

    fn over(&self) -> MutexGuard<'_, Over> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The piece that begins at `at`, as the file has it; zeros behind its end.
    fn piece(&self, at: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; PIECE as usize];
        let there = self.there.saturating_sub(at).min(PIECE) as usize;
        let (there, _) = bytes.split_at_mut(there);
        self.file.read_exact_at(there, at)?;
        Ok(bytes)
    }
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.over().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let over = self.over();
        if offset.saturating_add(out.len() as u64) > over.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let there = self.there.saturating_sub(offset).min(out.len() as u64);
        let (file, behind) = out.split_at_mut(there as usize);
        self.file.read_exact_at(file, offset)?;
        behind.fill(0);
        let end = offset + out.len() as u64;
        let first = offset / PIECE * PIECE;
        for (at, piece) in over.pieces.range(first..end) {
            let (from, upto) = ((*at).max(offset), (at + PIECE).min(end));
            let piece = piece.get((from - at) as usize..(upto - at) as usize);
            let place = out.get_mut((from - offset) as usize..(upto - offset) as usize);
            if let (Some(place), Some(piece)) = (place, piece) {
                place.copy_from_slice(piece);
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.over().len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut over = self.over();
        let end = offset + data.len() as u64;
        let mut at = offset / PIECE * PIECE;
        while at < end {
            let piece = match over.pieces.remove(&at) {
                Some(piece) => piece,
                None => self.piece(at)?,
            };
            let piece = over.pieces.entry(at).or_insert(piece);
            let (from, upto) = (at.max(offset), (at + PIECE).min(end));
            let place = piece.get_mut((from - at) as usize..(upto - at) as usize);
            let bytes = data.get((from - offset) as usize..(upto - offset) as usize);
            if let (Some(place), Some(bytes)) = (place, bytes) {
                place.copy_from_slice(bytes);
            }
            at += PIECE;
        }
        over.len = over.len.max(end);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datastore::Os;
    use testkit::Rng;

    #[test]
    fn it_is_a_file_of_its_own_and_the_one_below_is_not_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let mut rng = Rng::new(3);
        let below = rng.bytes(10_000);
        std::fs::write(&path, &below).unwrap();
        let overlay = Overlay::open(&Os, &path).unwrap();
        let mut model = below.clone();
        for _ in 0..300 {
            let (at, len) = (rng.below(18_000) as usize, rng.below(6_000) as usize);
            if rng.once_in(2) {
                let bytes = rng.bytes(len);
                overlay.write(at as u64, &bytes).unwrap();
                if model.len() < at + len {
                    model.resize(at + len, 0);
                }
                model[at..at + len].copy_from_slice(&bytes);
            } else {
                let mut out = vec![1; len];
                let read = overlay.read(at as u64, &mut out);
                match model.get(at..at + len) {
                    Some(there) => assert_eq!(out, there),
                    None => assert!(read.is_err()),
                }
            }
            assert_eq!(overlay.len().unwrap(), model.len() as u64);
        }
        assert_eq!(std::fs::read(&path).unwrap(), below);
    }
}
