//! One folder of the disk, open: what is made in it is made in it, whatever its path leads to by then.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, Stat, Timespec, Timestamps, fchmod, fstat, futimens, mkdirat,
    open, openat, renameat, statat, symlinkat, unlinkat, utimensat,
};
use rustix::io::Errno;

use crate::unixfs::{Meta, Mtime};
use crate::{Error, Result};

/// An open folder, and not a link to one.
const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// A new file, and not a link to one.
const NEW_FILE: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// How often another temporary name is tried.
const TRIES: u32 = 1000;

/// A name as the system has it.
pub(super) fn os(name: &[u8]) -> &OsStr {
    OsStr::from_bytes(name)
}

/// A folder, open.
#[derive(Debug)]
pub(super) struct Folder {
    fd: OwnedFd,
    /// Where it was when it was opened, for what is said about it.
    path: PathBuf,
    /// What was made in it, which is not to be replaced.
    made: HashSet<Inode>,
    /// How many temporary names were used.
    temporary: u32,
}

impl Folder {
    /// The folder in which `path` is, made if it is not there, and the name that `path` has in it; or
    /// the folder `path`, if that has no name of its own, as `.` has none. The user named it: links on
    /// the way are followed.
    pub(super) fn around(path: &Path) -> Result<(Folder, Option<OsString>)> {
        let Some(name) = path.file_name() else {
            return Ok((Folder::open(path)?, None));
        };
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(|e| Error::io("make", parent, e))?;
        Ok((Folder::open(parent)?, Some(name.to_owned())))
    }

    fn open(path: &Path) -> Result<Folder> {
        let fd = open(path, FOLDER.difference(OFlags::NOFOLLOW), Mode::empty());
        let fd = fd.map_err(|errno| failed("open", path, errno))?;
        Ok(Folder::new(fd, path.to_owned()))
    }

    fn new(fd: OwnedFd, path: PathBuf) -> Folder {
        Folder {
            fd,
            path,
            made: HashSet::new(),
            temporary: 0,
        }
    }

    /// The folder `name` in this one, made if it is not there; one with permissions of its own is closed
    /// to others until it has them.
    pub(super) fn enter(&mut self, name: &OsStr, meta: Meta) -> Result<Folder> {
        let path = self.path.join(name);
        let mode = if meta.mode.is_some() { 0o700 } else { 0o777 };
        let is_new = match mkdirat(&self.fd, name, Mode::from_raw_mode(mode)) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(errno) => return Err(failed("make", &path, errno)),
        };
        let fd = match openat(&self.fd, name, FOLDER, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::LOOP | Errno::NOTDIR) => {
                return Err(in_the_way(
                    path,
                    "it is no folder, and a folder is to be there",
                ));
            }
            Err(errno) => return Err(failed("open", &path, errno)),
        };
        let there = fstat(&fd).map_err(|errno| failed("look at", &path, errno))?;
        if !self.made.insert(inode(&there)) && !is_new {
            return Err(twice(path));
        }
        Ok(Folder::new(fd, path))
    }

    /// The folder `name` in this one, if that is what is there.
    pub(super) fn enter_if_there(&mut self, name: &OsStr) -> Result<Option<Folder>> {
        match self.look(name)? {
            Some(there) if kind(&there) == FileType::Directory => {
                self.enter(name, Meta::default()).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Writes the file `name`: it is there whole, or as it was.
    pub(super) fn file(
        &mut self,
        name: &OsStr,
        meta: Meta,
        write: impl FnOnce(&mut File) -> Result<()>,
    ) -> Result<()> {
        let mode = if meta.mode.is_some() { 0o600 } else { 0o666 };
        let mode = Mode::from_raw_mode(mode);
        let (temporary, fd) = self.temporary(name, |folder, temporary| {
            openat(folder, temporary, NEW_FILE, mode)
        })?;
        let mut file = File::from(fd);
        let end = write(&mut file).and_then(|()| {
            give(&file, meta)
                .map_err(|errno| failed("give permissions to", &self.path.join(name), errno))?;
            let made = fstat(&file).map_err(|errno| failed("look at", &self.path, errno))?;
            self.place(&temporary, name, inode(&made))
        });
        self.tidy(&temporary, end)
    }

    /// Makes the symlink `name`, wherever it leads.
    pub(super) fn symlink(&mut self, name: &OsStr, target: &[u8], meta: Meta) -> Result<()> {
        let (temporary, ()) = self.temporary(name, |folder, temporary| {
            symlinkat(os(target), folder, temporary)
        })?;
        let end = self
            .date_link(&temporary, meta)
            .and_then(|inode| self.place(&temporary, name, inode));
        self.tidy(&temporary, end)
    }

    /// Gives the folder its permissions and time, now that nothing more is made in it.
    pub(super) fn finish(&self, meta: Meta) -> Result<()> {
        give(&self.fd, meta).map_err(|errno| failed("give permissions to", &self.path, errno))
    }

    /// What has this name here; a link is what it is.
    fn look(&self, name: &OsStr) -> Result<Option<Stat>> {
        match statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(there) => Ok(Some(there)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(failed("look at", &self.path.join(name), errno)),
        }
    }

    /// What `make` makes under a name that nothing had.
    fn temporary<T>(
        &mut self,
        name: &OsStr,
        make: impl Fn(&OwnedFd, &str) -> rustix::io::Result<T>,
    ) -> Result<(String, T)> {
        for _ in 0..TRIES {
            self.temporary += 1;
            let temporary = format!(".get.{}.{}", std::process::id(), self.temporary);
            match make(&self.fd, &temporary) {
                Ok(made) => return Ok((temporary, made)),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(failed("make", &self.path.join(name), errno)),
            }
        }
        Err(failed("make", &self.path.join(name), Errno::EXIST))
    }

    /// Puts what is under the temporary name in place of what is there.
    fn place(&mut self, temporary: &str, name: &OsStr, made: Inode) -> Result<()> {
        let path = self.path.join(name);
        if let Some(there) = self.look(name)? {
            if self.made.contains(&inode(&there)) {
                return Err(twice(path));
            }
            match kind(&there) {
                FileType::RegularFile | FileType::Symlink => {}
                FileType::Directory => match unlinkat(&self.fd, name, AtFlags::REMOVEDIR) {
                    Ok(()) | Err(Errno::NOENT) => {}
                    Err(Errno::NOTEMPTY | Errno::EXIST) => {
                        return Err(in_the_way(path, "it is a folder, and not empty"));
                    }
                    Err(errno) => return Err(failed("replace", &path, errno)),
                },
                _ => return Err(in_the_way(path, "it is no file, but a device or the like")),
            }
        }
        renameat(&self.fd, temporary, &self.fd, name)
            .map_err(|errno| failed("write", &path, errno))?;
        self.made.insert(made);
        Ok(())
    }

    /// Removes what has the temporary name, if it was not put in its place.
    fn tidy(&self, temporary: &str, end: Result<()>) -> Result<()> {
        if end.is_err() {
            // What cannot be removed cannot be helped, and the error before it counts.
            let _ = unlinkat(&self.fd, temporary, AtFlags::empty());
        }
        end
    }

    /// Gives a symlink its time, through the link itself where the system can open one; which it is.
    fn date_link(&self, name: &str, meta: Meta) -> Result<Inode> {
        let path = || self.path.join(name);
        #[cfg(target_os = "linux")]
        let (folder, name, flags) = {
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let link = openat(&self.fd, name, flags, Mode::empty());
            let link = link.map_err(|errno| failed("open", &path(), errno))?;
            (link, "", AtFlags::EMPTY_PATH)
        };
        #[cfg(not(target_os = "linux"))]
        let (folder, flags) = (&self.fd, AtFlags::SYMLINK_NOFOLLOW);
        let made =
            statat(&folder, name, flags).map_err(|errno| failed("look at", &path(), errno))?;
        if kind(&made) != FileType::Symlink {
            return Err(in_the_way(
                path(),
                "somebody has put something else in its place",
            ));
        }
        if let Some(times) = times(meta.mtime) {
            utimensat(&folder, name, &times, flags)
                .map_err(|errno| failed("give a time to", &path(), errno))?;
        }
        Ok(inode(&made))
    }
}

/// Gives what is open its permissions and time.
fn give(fd: impl std::os::fd::AsFd, meta: Meta) -> rustix::io::Result<()> {
    if let Some(mode) = meta.mode {
        fchmod(&fd, Mode::from_raw_mode(mode & 0o7777))?;
    }
    match times(meta.mtime) {
        Some(times) => futimens(&fd, &times),
        None => Ok(()),
    }
}

/// A time as the system takes it, also for the last access, as Kubo has it.
fn times(mtime: Option<Mtime>) -> Option<Timestamps> {
    let mtime = mtime?;
    let time = Timespec {
        tv_sec: mtime.seconds,
        tv_nsec: mtime.nanos()?.into(),
    };
    Some(Timestamps {
        last_access: time,
        last_modification: time,
    })
}

/// What a file is told by: its device, and its number there.
type Inode = (u64, u64);

fn inode(there: &Stat) -> Inode {
    (there.st_dev, there.st_ino)
}

fn kind(there: &Stat) -> FileType {
    FileType::from_raw_mode(there.st_mode)
}

fn failed(action: &'static str, path: &Path, errno: Errno) -> Error {
    Error::io(action, path, io::Error::from(errno))
}

fn in_the_way(path: PathBuf, reason: &'static str) -> Error {
    Error::InTheWay {
        path,
        reason: reason.to_owned(),
    }
}

fn twice(path: PathBuf) -> Error {
    Error::Name {
        path,
        reason: "another entry of its folder has the same name on this disk",
    }
}
