//! A file of a disk, read or written from a place on.

use std::io::{self, Read, Write};

use super::DiskFile;

/// Reads or writes a file from one place on. Nothing is buffered here.
#[derive(Debug)]
pub struct Cursor<'a> {
    file: &'a dyn DiskFile,
    at: u64,
}

impl<'a> Cursor<'a> {
    /// From the start of `file` on.
    pub fn new(file: &'a dyn DiskFile) -> Cursor<'a> {
        Cursor::at(file, 0)
    }

    /// From byte `at` of `file` on.
    pub fn at(file: &'a dyn DiskFile, at: u64) -> Cursor<'a> {
        Cursor { file, at }
    }
}

impl Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Write for Cursor<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write_at(bytes, self.at)?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
