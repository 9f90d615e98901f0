//! A folder of files, in the words that the exercises need.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datastore::disk::{Disk, Kind, Mode};

/// A folder on a disk.
///
/// Nothing is durable by itself. What was written to a file is after a `flush` of it; which names there are,
/// after `flush_names`. Neither does the other's work, and what was not flushed may reach the disk or not, in
/// any order and combination.
pub trait Folder: Send + Sync {
    /// Makes an empty file; an error if there is one of that name.
    fn create(&self, name: &str) -> io::Result<()>;
    /// Writes behind what is there.
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// The whole file, or `None` where there is none.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// `len` bytes of the file from `offset` on; an error if it ends before.
    fn read_at(&self, name: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let bytes = self.read(name)?.ok_or(io::ErrorKind::NotFound)?;
        let part = bytes.get(offset as usize..offset as usize + len);
        part.map(<[u8]>::to_vec)
            .ok_or(io::ErrorKind::UnexpectedEof.into())
    }
    /// Cuts the file to `len` bytes.
    fn cut(&self, name: &str, len: u64) -> io::Result<()>;
    /// Makes the bytes of a file durable.
    fn flush(&self, name: &str) -> io::Result<()>;
    /// Gives a file another name, in one step. A file that had that name is gone.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// The names of all files.
    fn names(&self) -> io::Result<Vec<String>>;
    /// Makes durable which names there are.
    fn flush_names(&self) -> io::Result<()>;
}

/// A folder on any disk: a real one, or one that loses its power.
#[derive(Clone, Debug)]
pub struct On {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
}

impl On {
    /// The folder `dir`, which is there.
    pub fn new(disk: Arc<dyn Disk>, dir: impl Into<PathBuf>) -> On {
        let dir = dir.into();
        On { disk, dir }
    }

    /// Where a name leads; `..` leads out, as on every disk.
    fn path(&self, name: &str) -> PathBuf {
        let mut path = self.dir.clone();
        for part in name.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(path.pop()),
                part => path.push(part),
            }
        }
        path
    }

    fn open(&self, name: &str, mode: Mode) -> io::Result<Box<dyn datastore::disk::DiskFile>> {
        let told = |error: io::Error| io::Error::new(error.kind(), format!("{name:?}: {error}"));
        self.disk.open(&self.path(name), mode).map_err(told)
    }
}

impl Folder for On {
    fn create(&self, name: &str) -> io::Result<()> {
        self.open(name, Mode::New).map(drop)
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let file = self.open(name, Mode::Write)?;
        file.write_all_at(bytes, file.len()?)
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(&self.path(name))
    }

    fn read_at(&self, name: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        self.open(name, Mode::Read)?.read_vec(offset, len as u64)
    }

    fn cut(&self, name: &str, len: u64) -> io::Result<()> {
        self.open(name, Mode::Write)?.set_len(len)
    }

    fn flush(&self, name: &str) -> io::Result<()> {
        self.open(name, Mode::Write)?.sync()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(&self.path(from), &self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove_file(&self.path(name))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let entries = self.disk.list(&self.dir)?;
        let files = entries.into_iter().filter(|(_, kind)| *kind == Kind::File);
        Ok(files.map(|(name, _)| name).collect())
    }

    fn flush_names(&self) -> io::Result<()> {
        self.disk.sync_dir(&self.dir)
    }
}

/// The files in a folder and their bytes, for messages.
pub fn told(disk: &dyn Disk, dir: &str) -> String {
    let Ok(mut entries) = disk.list(Path::new(dir)) else {
        return "no folder".into();
    };
    entries.sort();
    let entry = |(name, _): &(String, Kind)| {
        let bytes = disk.read(&Path::new(dir).join(name)).ok().flatten();
        format!("{name} ({} bytes)", bytes.map_or(0, |bytes| bytes.len()))
    };
    match entries.iter().map(entry).collect::<Vec<_>>() {
        all if all.is_empty() => "no file at all".into(),
        all => all.join(", "),
    }
}
