//! A file of a [`Disk`](datastore::Disk) from one end to the other.

use std::io::{self, Read, Write};

use datastore::DiskFile;

/// Reads or writes a file from its start on. Nothing is buffered here.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    file: &'a dyn DiskFile,
    at: u64,
}

impl<'a> Cursor<'a> {
    pub fn new(file: &'a dyn DiskFile) -> Cursor<'a> {
        Cursor { file, at: 0 }
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
