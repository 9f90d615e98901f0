//! The file system, as the parts of a store that write files of their own see it.
//!
//! What makes a write survive a power cut is not that it was made but what was flushed, and in
//! which order. That can be tested only if somebody notes every write, rename and flush and then
//! forgets what was not flushed. So whoever writes files writes them through a [`Disk`]: [`Os`]
//! hands each call to the system, and the crash disk of the test kit keeps the files in memory and
//! gives every state that a power cut may leave.
//!
//! ```text
//! write a file safely          what a power cut may leave if this step is left out
//!   create  x.new
//!   write_at(…)
//!   sync                       the name x with no bytes, or with a part of them
//!   rename  x.new -> x
//!   open the folder, sync      the old x
//! ```

mod cursor;
mod os;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use cursor::Cursor;
pub use os::Os;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A folder, to be flushed; an error if it is none.
    Folder,
    /// For reading.
    Read,
    /// For reading and writing; it has to be there.
    Write,
    /// For reading and writing; it is made if it is absent.
    Create,
    /// For reading and writing; an error if it is there.
    New,
}

impl Mode {
    /// Whether what is opened may be written to.
    pub fn writes(self) -> bool {
        matches!(self, Mode::Write | Mode::Create | Mode::New)
    }

    /// Whether a file is made where there is none.
    pub fn makes(self) -> bool {
        matches!(self, Mode::Create | Mode::New)
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A pipe, a device or a socket; among the names in a folder also a link.
    Other,
}

/// What is known of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// What it is.
    pub kind: Kind,
    /// The length of a file in bytes; of anything else it says nothing.
    pub len: u64,
}

impl Meta {
    /// Whether it is a file.
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }
}

/// A file system. Many threads may call at once.
///
/// Nothing of it is durable by itself: bytes and lengths are after a
/// [`sync`](DiskFile::sync) of their file, names after one of their folder.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Opens the file or folder at `path`.
    fn open(&self, path: &Path, mode: Mode) -> io::Result<Box<dyn DiskFile>>;

    /// What is at `path`, or at the end of the link that is there, or `None`.
    fn look(&self, path: &Path) -> io::Result<Option<Meta>>;

    /// The names in the folder `dir`, in no order, and what they stand for. Of a name that is no
    /// text, which none of ours is, something like it is given.
    fn list(&self, dir: &Path) -> io::Result<Vec<(String, Kind)>>;

    /// Makes a folder; an error if there is something of that name.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;

    /// Gives the file or folder `from` the name `to`, in one step. A file that had that name is
    /// gone.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Has two names change places in one step, or [`io::ErrorKind::Unsupported`] where the file
    /// system has no such call.
    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()>;

    /// Whether this is the system's own file system, so that a library that opens files by
    /// itself finds the same ones.
    fn is_os(&self) -> bool {
        false
    }

    /// Makes the names in `dir` durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.open(or_here(dir), Mode::Folder)?.sync()
    }

    /// Makes everything on the file system of `dir` durable, whoever wrote it. Where there is no
    /// such call, what is in `dir` and below it.
    fn sync_tree(&self, dir: &Path) -> io::Result<()> {
        match self.open(or_here(dir), Mode::Folder)?.sync_all() {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            synced => return synced,
        }
        for (name, kind) in self.list(dir)? {
            let path = dir.join(name);
            match kind {
                Kind::Folder => self.sync_tree(&path)?,
                // One opened for reading alone cannot be flushed on every system.
                Kind::File => self.open(&path, Mode::Write)?.sync()?,
                Kind::Other => {}
            }
        }
        self.sync_dir(dir)
    }

    /// Makes the folder `dir`, and those above it, unless they are there; each name that is made
    /// is durable when the call returns.
    fn make_dir(&self, dir: &Path) -> io::Result<()> {
        match self.look(or_here(dir))? {
            Some(meta) if meta.is_folder() => return Ok(()),
            Some(_) => return Err(io::ErrorKind::NotADirectory.into()),
            None => {}
        }
        let parent = dir.parent().unwrap_or(Path::new(""));
        self.make_dir(parent)?;
        match self.create_dir(dir) {
            // Somebody else was quicker, and may not have flushed it yet.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        self.sync_dir(parent)
    }

    /// Removes the folder `dir` and what is in it. Links are removed, not followed.
    fn remove_tree(&self, dir: &Path) -> io::Result<()> {
        for (name, kind) in self.list(dir)? {
            match kind {
                Kind::Folder => self.remove_tree(&dir.join(name))?,
                Kind::File | Kind::Other => self.remove_file(&dir.join(name))?,
            }
        }
        self.remove_dir(dir)
    }

    /// The whole file at `path`, or `None` where there is none.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match self.open(path, Mode::Read) {
            Ok(file) => Ok(Some(file.read_vec(0, file.len()?)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the file at `path` so that a crash leaves the old one or the new one: under another
    /// name first, which is `path` with `.new` behind, then flushed, renamed, and the folder
    /// flushed.
    fn write_whole(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut new = path.as_os_str().to_owned();
        new.push(".new");
        let new = PathBuf::from(new);
        let file = self.open(&new, Mode::Create)?;
        file.set_len(0)?;
        file.write_all_at(bytes, 0)?;
        file.sync()?;
        drop(file);
        self.rename(&new, path)?;
        self.sync_dir(path.parent().unwrap_or(Path::new("")))
    }
}

/// Room for `len` bytes, whatever a damaged length asks for.
fn with_room(len: u64) -> io::Result<Vec<u8>> {
    let len = usize::try_from(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(len)
        .map_err(|_| io::ErrorKind::OutOfMemory)?;
    Ok(bytes)
}

/// The folder that is meant where a path has no more parts.
fn or_here(dir: &Path) -> &Path {
    if dir.as_os_str().is_empty() {
        Path::new(".")
    } else {
        dir
    }
}

/// An open file.
pub trait DiskFile: fmt::Debug + Send + Sync {
    /// Reads from `offset` on; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes from `offset` on, and says how much of it.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// What it is.
    fn look(&self) -> io::Result<Meta>;

    /// Cuts the file, or fills it up with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes the bytes and the length durable; of what was opened as [`Mode::Folder`], the names
    /// in it.
    fn sync(&self) -> io::Result<()>;

    /// Has what was written begin its way to the disk, and waits for none of it. Nothing is durable by
    /// that; a [`sync`](Self::sync) that comes later has less to do.
    fn begin_sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Makes everything on the file system durable, whoever wrote it, or
    /// [`io::ErrorKind::Unsupported`] where there is no such call. Failed writes since this file
    /// was opened are an error.
    fn sync_all(&self) -> io::Result<()>;

    /// Has what is read next come from the disk, as far as the system can be asked for that: a page
    /// whose write failed is in its cache as if it were there. What is not flushed stays.
    fn uncache(&self) -> io::Result<()> {
        Ok(())
    }

    /// Writes all of `parts`, one behind the other, from `offset` on.
    fn write_parts_at(&self, parts: &[&[u8]], mut offset: u64) -> io::Result<()> {
        for part in parts {
            self.write_all_at(part, offset)?;
            offset += part.len() as u64;
        }
        Ok(())
    }

    /// The length in bytes.
    fn len(&self) -> io::Result<u64> {
        Ok(self.look()?.len)
    }

    /// Whether it has no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Fills `buffer` from `offset` on; [`io::ErrorKind::UnexpectedEof`] if the file ends before.
    fn read_exact_at(&self, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read_at(buffer, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    buffer = buffer.get_mut(n..).unwrap_or_default();
                    offset += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// `len` bytes from `offset` on, or [`io::ErrorKind::UnexpectedEof`] if the file ends before.
    fn read_vec(&self, offset: u64, len: u64) -> io::Result<Vec<u8>> {
        let mut bytes = with_room(len)?;
        // As many as fit into memory.
        bytes.resize(len as usize, 0);
        self.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }

    /// Writes all of `bytes` from `offset` on.
    fn write_all_at(&self, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write_at(bytes, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    bytes = bytes.get(n..).unwrap_or_default();
                    offset += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
