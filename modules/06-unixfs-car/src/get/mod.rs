//! `get`: files, folders and symlinks written to disk.
//!
//! Whoever made the DAG chose the names in it, and may have chosen `../../.bashrc`, or a symlink to
//! `/etc` with a file `passwd` "in" it. So no path is ever put together:
//!
//! ```text
//! open the folder ──► make or replace ONE name in it ──► open that folder, if it is no link ──► …
//! ```
//!
//! - A name is one component: no empty one, no `.` or `..`, nothing with a separator or a NUL.
//! - Every folder is open while it is filled, and what is in it is made through the open folder, never
//!   by its path: who swaps a folder for a symlink meanwhile has swapped a name, and not the folder.
//! - No link is followed below the place that the user named, whoever made it.
//! - A file is written under a name of its own, given its permissions and time through the open
//!   file, and then put in place of what was there. So a file is there whole or not at all.
//! - What is in the way is replaced if it is a file, a symlink or an empty folder; a device, a pipe or a
//!   folder with anything in it is not.
//! - What this run has made itself is not replaced: two entries of one name, or names that differ in case
//!   on a disk that does not tell cases apart, are an error.
//!
//! Symlinks are written as they are, wherever they lead: they are content, as in Kubo. Permissions and
//! times are given where they were kept. What Kubo does otherwise: it gives set-user-ID and set-group-ID
//! permissions to the files of strangers unasked (here [`Options::setuid`]), and makes what has no
//! permissions 0644 and 0755 whatever the umask says.

mod archive;
#[cfg(unix)]
mod disk;
#[cfg(not(unix))]
#[path = "elsewhere.rs"]
mod disk;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

use block_cid::Blockstore;
use persistent::ops::Watch;

use crate::dir::Entries;
use crate::unixfs::Meta;
use crate::{Cid, Dir, Error, Opened, Reader, Result};
pub use archive::{archive, file_name};
use disk::Folder;

/// The deepest that folders may lie below each other: each is open while it is filled, and a
/// process may have 1024 files open.
pub const MAX_DEPTH: usize = 256;

/// How a DAG is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Give set-user-ID and set-group-ID permissions, too, which let others run a file as its owner.
    pub setuid: bool,
    /// The most bytes of files to write.
    pub max_bytes: Option<u64>,
    /// The most files, folders and symlinks to write.
    pub max_entries: Option<u64>,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Folders, new ones and those that were there.
    pub folders: u64,
    /// Symlinks.
    pub symlinks: u64,
    /// Files and folders that were not given the set-user-ID or set-group-ID that was kept with them.
    pub stripped: u64,
}

/// Writes what `cid` leads to as `to`; a file or symlink into the folder `to` as `name` if there is one.
/// Folders above `to` are made, and may be links; `to` itself may not be one.
///
/// # Errors
/// [`Error::Name`] for an entry that cannot be a file of its own there, [`Error::InTheWay`] for what
/// is not replaced, [`Error::Budget`], [`Error::Stopped`], those of reading and of the disk; within
/// [`Error::Partial`], which says what was written, if anything was.
pub fn get(
    store: &impl Blockstore,
    cid: &Cid,
    to: &Path,
    name: &[u8],
    options: Options,
    watch: &dyn Watch,
) -> Result<Saved> {
    let mut get = Get {
        store,
        options,
        watch,
        saved: Saved::default(),
        path: PathBuf::new(),
    };
    let end = get.all(cid, to, name);
    let saved = get.saved;
    match end {
        Err(error) if saved.folders > 0 => Err(Error::Partial {
            to: to.to_owned(),
            path: get.path,
            files: saved.files,
            source: Box::new(error),
        }),
        end => end.map(|()| saved),
    }
}

struct Get<'a, B> {
    store: &'a B,
    options: Options,
    watch: &'a dyn Watch,
    saved: Saved,
    /// Of what is written now, below what was asked for.
    path: PathBuf,
}

/// A folder that is being filled.
struct Level<'a, B> {
    disk: Folder,
    entries: Entries<&'a B>,
    meta: Meta,
}

impl<'a, B: Blockstore> Get<'a, B> {
    fn all(&mut self, cid: &Cid, to: &Path, name: &[u8]) -> Result<()> {
        let opened = Opened::open(self.store, cid)?;
        let (mut disk, last) = Folder::around(to)?;
        match (opened, last) {
            (Opened::Dir(dir), Some(last)) => {
                let inner = disk.enter(&last, self.allowed(dir.meta()))?;
                self.folder(inner, dir)
            }
            (Opened::Dir(dir), None) => self.folder(disk, dir),
            (opened, Some(last)) => match disk.enter_if_there(&last)? {
                Some(mut inner) => self.leaf(&mut inner, component(name, to)?, opened),
                None => self.leaf(&mut disk, &last, opened),
            },
            (opened, None) => self.leaf(&mut disk, component(name, to)?, opened),
        }
    }

    fn folder(&mut self, disk: Folder, dir: Dir<&'a B>) -> Result<()> {
        let mut above = vec![self.level(disk, dir)?];
        loop {
            let depth = above.len();
            let Some(top) = above.last_mut() else {
                return Ok(());
            };
            let Some(entry) = top.entries.next() else {
                top.disk.finish(top.meta)?;
                above.pop();
                self.path.pop();
                continue;
            };
            let entry = entry?;
            self.path
                .push(String::from_utf8_lossy(&entry.name).as_ref());
            let name = component(&entry.name, &self.path)?;
            match Opened::open(self.store, &entry.cid)? {
                Opened::Dir(_) if depth == MAX_DEPTH => {
                    return Err(Error::Name {
                        path: self.path.clone(),
                        reason: "its folders lie deeper than a process may have files open",
                    });
                }
                Opened::Dir(dir) => {
                    let disk = top.disk.enter(name, self.allowed(dir.meta()))?;
                    above.push(self.level(disk, dir)?);
                }
                opened => {
                    self.leaf(&mut top.disk, name, opened)?;
                    self.path.pop();
                }
            }
        }
    }

    fn level(&mut self, disk: Folder, dir: Dir<&'a B>) -> Result<Level<'a, B>> {
        self.count_entry(dir.meta())?;
        self.saved.folders += 1;
        Ok(Level {
            disk,
            meta: self.allowed(dir.meta()),
            entries: dir.into_entries(),
        })
    }

    /// Writes a file or a symlink.
    fn leaf(&mut self, disk: &mut Folder, name: &OsStr, opened: Opened<&'a B>) -> Result<()> {
        match opened {
            Opened::File(mut reader) => {
                let meta = reader.meta();
                self.count_entry(meta)?;
                let allowed = self.allowed(meta);
                disk.file(name, allowed, |file| self.copy(&mut reader, file))?;
                self.saved.files += 1;
            }
            Opened::Symlink(link) => {
                self.count_entry(Meta::default())?;
                disk.symlink(name, &link.target, link.meta)?;
                self.saved.symlinks += 1;
            }
            Opened::Dir(dir) => return Err(Error::not_a_file(dir.cid())),
        }
        Ok(())
    }

    fn copy(&mut self, reader: &mut Reader<&'a B>, file: &mut dyn Write) -> Result<()> {
        while let Some(chunk) = reader.chunk()? {
            let len = chunk.len() as u64;
            self.saved.bytes += len;
            within(self.saved.bytes, self.options.max_bytes, "bytes")?;
            let path = || self.path.clone();
            file.write_all(&chunk)
                .map_err(|error| Error::io("write", path(), error))?;
            self.watch.did(1, len);
            if self.watch.stops() {
                return Err(Error::Stopped);
            }
        }
        Ok(())
    }

    /// Whether one more may be written.
    fn count_entry(&mut self, meta: Meta) -> Result<()> {
        if self.watch.stops() {
            return Err(Error::Stopped);
        }
        let saved = &self.saved;
        let entries = saved.files + saved.folders + saved.symlinks + 1;
        within(entries, self.options.max_entries, "entries")?;
        if self.allowed(meta) != meta {
            self.saved.stripped += 1;
        }
        Ok(())
    }

    /// What is given of the permissions and the time that were kept.
    fn allowed(&self, meta: Meta) -> Meta {
        let mode = meta.permissions().filter(|mode| *mode != 0);
        let mode = match self.options.setuid {
            true => mode,
            false => mode.map(|mode| mode & !SETUID),
        };
        Meta { mode, ..meta }
    }
}

/// Set-user-ID and set-group-ID.
const SETUID: u32 = 0o6000;

/// Whether so many `what` are not too many.
fn within(count: u64, limit: Option<u64>, what: &'static str) -> Result<()> {
    match limit {
        Some(limit) if count > limit => Err(Error::Budget { what, limit }),
        _ => Ok(()),
    }
}

/// The name of a file in one folder, and in no other.
fn component<'n>(name: &'n [u8], path: &Path) -> Result<&'n OsStr> {
    let refuse = |reason| {
        Err(Error::Name {
            path: path.to_owned(),
            reason,
        })
    };
    match name {
        b"" => refuse("it has no name"),
        b"." | b".." => refuse("its name means another folder"),
        name if name.contains(&b'/') => refuse("its name has a / in it"),
        name if name.contains(&0) => refuse("its name has a NUL in it"),
        name => Ok(disk::os(name)),
    }
}
