//! A file of redb on any disk.
//!
//! On the system's disk redb opens its file by itself: it locks it against other programs that
//! use redb, and reads and writes by the same calls.

use std::io;
use std::path::Path;

use ::redb::{Builder, Database, DatabaseError, ReadOnlyDatabase, StorageBackend};
use datastore::disk::Mode;
use datastore::{Disk, DiskFile};

/// An open file, as redb wants it.
#[derive(Debug)]
struct Backend(Box<dyn DiskFile>);

impl Backend {
    fn open(disk: &dyn Disk, path: &Path, mode: Mode) -> io::Result<Backend> {
        Ok(Backend(disk.open(path, mode)?))
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(out, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write_all_at(data, offset)
    }
}

/// Makes the file at `path`, which must not be there.
pub(super) fn create(
    builder: &Builder,
    disk: &dyn Disk,
    path: &Path,
) -> Result<Database, DatabaseError> {
    if disk.is_os() {
        return builder.create(path);
    }
    builder.create_with_backend(Backend::open(disk, path, Mode::New)?)
}

/// Opens the file at `path`, which must be there.
pub(super) fn open(
    builder: &Builder,
    disk: &dyn Disk,
    path: &Path,
) -> Result<Database, DatabaseError> {
    if disk.is_os() {
        return builder.open(path);
    }
    let file = Backend::open(disk, path, Mode::Write)?;
    if file.len()? == 0 {
        // redb would begin a new one in it.
        return Err(io::Error::from(io::ErrorKind::InvalidData).into());
    }
    builder.create_with_backend(file)
}

/// Opens the file at `path` for reading alone.
pub(super) fn open_read_only(
    builder: &Builder,
    disk: &dyn Disk,
    path: &Path,
) -> Result<ReadOnlyDatabase, DatabaseError> {
    if disk.is_os() {
        return builder.open_read_only(path);
    }
    builder.open_read_only_with_backend(Backend::open(disk, path, Mode::Read)?)
}
