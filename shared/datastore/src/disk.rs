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

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For reading. A folder opens so, too, to be flushed.
    Read,
    /// For reading and writing; it has to be there.
    Write,
    /// For reading and writing; it is made if it is absent.
    Create,
    /// For reading and writing; an error if it is there.
    New,
}

/// What a name stands for. Links are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A file of so many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A pipe, a device or a socket.
    Other,
}

/// A file system. Many threads may call at once.
///
/// Nothing of it is durable by itself: bytes and lengths are after a
/// [`sync`](DiskFile::sync) of their file, names after one of their folder.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Opens the file, or for reading the folder, at `path`.
    fn open(&self, path: &Path, mode: Mode) -> io::Result<Box<dyn DiskFile>>;

    /// What is at `path`, or `None`.
    fn look(&self, path: &Path) -> io::Result<Option<Kind>>;

    /// The names in the folder `dir`, in no order, and what they stand for. A link that leads
    /// nowhere is [`Kind::Other`].
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

    /// Makes the names in `dir` durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let dir = if dir.as_os_str().is_empty() {
            Path::new(".")
        } else {
            dir
        };
        if cfg!(windows) {
            // A folder cannot be opened there, and the file system journals its names.
            return Ok(());
        }
        self.open(dir, Mode::Read)?.sync()
    }

    /// The whole file at `path`, or `None` where there is none.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match self.open(path, Mode::Read) {
            Ok(file) => {
                let mut bytes = vec![0; usize::try_from(file.len()?).unwrap_or(usize::MAX)];
                file.read_exact_at(&mut bytes, 0)?;
                Ok(Some(bytes))
            }
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

/// An open file.
pub trait DiskFile: fmt::Debug + Send + Sync {
    /// Reads from `offset` on; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes from `offset` on, and says how much of it.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// The length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Cuts the file, or fills it up with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes the bytes and the length durable; of a folder, the names in it.
    fn sync(&self) -> io::Result<()>;

    /// Makes everything on the file system durable, whoever wrote it, or
    /// [`io::ErrorKind::Unsupported`] where there is no such call. Failed writes since this file
    /// was opened are an error.
    fn sync_all(&self) -> io::Result<()>;

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

/// The system's own file system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Os;

impl Disk for Os {
    fn open(&self, path: &Path, mode: Mode) -> io::Result<Box<dyn DiskFile>> {
        let mut options = File::options();
        options.read(true);
        match mode {
            Mode::Read => &mut options,
            Mode::Write => options.write(true),
            Mode::Create => options.write(true).create(true).truncate(false),
            Mode::New => options.write(true).create_new(true),
        };
        // What turns out to be a pipe must not keep us waiting for its other end.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            rustix::fs::OFlags::NONBLOCK.bits() as i32,
        );
        Ok(Box::new(options.open(path)?))
    }

    fn look(&self, path: &Path) -> io::Result<Option<Kind>> {
        match fs::metadata(path) {
            Ok(meta) => Ok(Some(kind(&meta))),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<(String, Kind)>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            // A name that is no text is none of ours.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let is = entry.file_type()?;
            let kind = if is.is_dir() {
                Kind::Folder
            } else {
                self.look(&entry.path())?.unwrap_or(Kind::Other)
            };
            names.push((name, kind));
        }
        Ok(names)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir(dir)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    #[cfg(target_os = "linux")]
    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(|errno| {
            match errno {
                // What file systems without it answer.
                rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS => {
                    io::ErrorKind::Unsupported.into()
                }
                errno => errno.into(),
            }
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn exchange(&self, _a: &Path, _b: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn kind(meta: &fs::Metadata) -> Kind {
    if meta.is_dir() {
        Kind::Folder
    } else if meta.is_file() {
        Kind::File(meta.len())
    } else {
        Kind::Other
    }
}

impl DiskFile for File {
    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buffer, offset)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(self, bytes, offset)
    }

    #[cfg(windows)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_write(self, bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        if cfg!(unix) && self.metadata()?.is_dir() {
            return File::sync_all(self);
        }
        self.sync_data()
    }

    #[cfg(target_os = "linux")]
    fn sync_all(&self) -> io::Result<()> {
        rustix::io::retry_on_intr(|| rustix::fs::syncfs(self)).map_err(io::Error::from)
    }

    #[cfg(not(target_os = "linux"))]
    fn sync_all(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_system_does_what_the_trait_says() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let file = Os.open(&at("a"), Mode::New).unwrap();
        assert!(Os.open(&at("a"), Mode::New).is_err());
        assert!(Os.open(&at("b"), Mode::Write).is_err());
        file.write_all_at(b"hello", 3).unwrap();
        assert_eq!(file.len().unwrap(), 8);
        file.set_len(4).unwrap();
        file.sync().unwrap();
        assert_eq!(Os.read(&at("a")).unwrap().unwrap(), b"\0\0\0h");
        assert_eq!(Os.read(&at("b")).unwrap(), None);
        let mut two = [0; 2];
        let error = file.read_exact_at(&mut two, 3).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);

        Os.write_whole(&at("b"), b"b").unwrap();
        Os.create_dir(&at("d")).unwrap();
        Os.sync_dir(dir.path()).unwrap();
        let mut names = Os.list(dir.path()).unwrap();
        names.sort();
        let all = [
            ("a".to_owned(), Kind::File(4)),
            ("b".to_owned(), Kind::File(1)),
            ("d".to_owned(), Kind::Folder),
        ];
        assert_eq!(names, all);
        match Os.exchange(&at("a"), &at("b")) {
            Ok(()) => assert_eq!(Os.read(&at("a")).unwrap().unwrap(), b"b"),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::Unsupported),
        }
        Os.rename(&at("a"), &at("c")).unwrap();
        assert_eq!(Os.look(&at("a")).unwrap(), None);
        Os.remove_file(&at("c")).unwrap();
        Os.remove_dir(&at("d")).unwrap();
        assert_eq!(Os.list(dir.path()).unwrap().len(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_whole_file_system_is_flushed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Os.open(dir.path(), Mode::Read).unwrap();
        folder.sync_all().unwrap();
    }
}
