//! A file, read in large pieces by whoever goes through it.

use std::io;

use datastore::DiskFile;

/// How much is read at once: 1,087 MiB/s of blocks of 256 B, where a read each gives 536.
pub(super) const PIECE: u64 = 4 << 20;

/// A part of a file in memory, which moves.
pub(super) struct Window<'a> {
    file: &'a dyn DiskFile,
    /// Nothing is read from here on.
    end: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl<'a> Window<'a> {
    pub fn new(file: &'a dyn DiskFile, end: u64) -> Window<'a> {
        Window {
            file,
            end,
            start: 0,
            bytes: Vec::new(),
        }
    }

    /// Makes sure that `len` bytes from `at` on are in memory, or as many as there are.
    pub fn move_to(&mut self, at: u64, len: u64) -> io::Result<()> {
        let len = len.min(self.end.saturating_sub(at));
        let there = self.start + self.bytes.len() as u64;
        if at < self.start || at + len > there {
            let len = len.max(PIECE).min(self.end.saturating_sub(at));
            self.bytes = self.file.read_vec(at, len)?;
            self.start = at;
        }
        Ok(())
    }

    /// What is in memory from `at` on.
    pub fn from(&self, at: u64) -> &[u8] {
        let skip = at.checked_sub(self.start).map(|skip| skip as usize);
        skip.and_then(|skip| self.bytes.get(skip..))
            .unwrap_or_default()
    }

    /// `len` bytes from `at` on, or as many as there are.
    pub fn at(&mut self, at: u64, len: u64) -> io::Result<&[u8]> {
        self.move_to(at, len)?;
        let bytes = self.from(at);
        Ok(bytes.get(..len as usize).unwrap_or(bytes))
    }
}
