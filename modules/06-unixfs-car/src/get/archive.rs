//! Files, folders and symlinks written to a tar archive.
//!
//! What has no permissions is 0644, a folder 0755, as in Kubo. Seconds of a time are in the header of its
//! entry; a time before 1970, or with nanoseconds, is in an extended header of PAX before that. Names and
//! targets of more than 100 bytes are entries of their own, as GNU has them. A name that leads elsewhere, or
//! comes twice in one folder, is an error: who unpacks it may be less careful than [`get`](super::get()).

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use block_cid::Blockstore;
use bytes::Bytes;
use persistent::ops::Watch;
use tar::{Builder, EntryType, Header};

use super::{Get, MAX_DEPTH, Options, Saved, component};
use crate::dir::Entries;
use crate::unixfs::{Meta, Mtime};
use crate::{Cid, Error, Opened, Result};

/// What is written of an entry is a multiple of so many bytes.
const BLOCK: u64 = 512;

/// Writes what `cid` leads to as a tar archive whose only entry, or the folder around all, is called `name`.
/// `now` is the time of what has none.
///
/// # Errors
/// [`Error::Name`] for an entry that cannot be a file of its own, [`Error::Budget`], [`Error::Stopped`],
/// those of reading, and of `out`. What was written until then is no whole archive.
pub fn archive(
    store: &impl Blockstore,
    cid: &Cid,
    name: &[u8],
    now: Mtime,
    out: impl Write,
    options: Options,
    watch: &dyn Watch,
) -> Result<Saved> {
    let get = Get {
        store,
        options,
        watch,
        saved: Saved::default(),
        path: PathBuf::new(),
    };
    let tar = Builder::new(out);
    let mut archive = Archive { get, tar, now };
    let top = Path::new(component(name, Path::new(""))?).to_owned();
    archive.all(Opened::open(store, cid)?, top)?;
    let finished = archive.tar.finish();
    finished.map_err(|error| Error::io("write", "the archive", error))?;
    Ok(archive.get.saved)
}

struct Archive<'a, B, W: Write> {
    get: Get<'a, B>,
    tar: Builder<W>,
    now: Mtime,
}

/// A folder whose entries are written.
struct Level<'a, B> {
    path: PathBuf,
    entries: Entries<&'a B>,
    /// The names so far.
    names: HashSet<Bytes>,
}

impl<'a, B: Blockstore, W: Write> Archive<'a, B, W> {
    fn all(&mut self, opened: Opened<&'a B>, path: PathBuf) -> Result<()> {
        let mut above = Vec::new();
        above.extend(self.entry(opened, path)?);
        while let Some(top) = above.last_mut() {
            let Some(entry) = top.entries.next() else {
                above.pop();
                continue;
            };
            let entry = entry?;
            let shown = top.path.join(String::from_utf8_lossy(&entry.name).as_ref());
            let path = top.path.join(component(&entry.name, &shown)?);
            let refuse = |reason| {
                let path = shown.clone();
                Err(Error::Name { path, reason })
            };
            if !top.names.insert(entry.name.clone()) {
                return refuse("another entry has its name");
            }
            let opened = Opened::open(self.get.store, &entry.cid)?;
            if above.len() == MAX_DEPTH && matches!(opened, Opened::Dir(_)) {
                return refuse("its folders lie deeper than a process may have files open");
            }
            above.extend(self.entry(opened, path)?);
        }
        Ok(())
    }

    /// Writes an entry; of a folder, what is to be written in it is given back.
    fn entry(&mut self, opened: Opened<&'a B>, path: PathBuf) -> Result<Option<Level<'a, B>>> {
        match opened {
            Opened::File(mut reader) => {
                let meta = reader.meta();
                self.get.count_entry(meta)?;
                let mut header = empty();
                header.set_size(reader.size());
                self.header(header, EntryType::Regular, 0o644, meta, &path)?;
                self.get.copy(&mut reader, self.tar.get_mut())?;
                let rest = reader.size().next_multiple_of(BLOCK) - reader.size();
                let filled = io::copy(&mut io::Read::take(io::repeat(0), rest), self.tar.get_mut());
                filled.map_err(|error| Error::io("write", &path, error))?;
                self.get.saved.files += 1;
                Ok(None)
            }
            Opened::Symlink(link) => {
                self.get.count_entry(Meta::default())?;
                let mut header = empty();
                let meta = Meta {
                    mode: None,
                    ..link.meta
                };
                if header.set_link_name_literal(&link.target).is_err() {
                    self.long_target(&link.target, &path)?;
                }
                self.header(header, EntryType::Symlink, 0o777, meta, &path)?;
                self.get.saved.symlinks += 1;
                Ok(None)
            }
            Opened::Dir(dir) => {
                self.get.count_entry(dir.meta())?;
                let header = empty();
                self.header(header, EntryType::Directory, 0o755, dir.meta(), &path)?;
                self.get.saved.folders += 1;
                Ok(Some(Level {
                    path,
                    entries: dir.into_entries(),
                    names: HashSet::new(),
                }))
            }
        }
    }

    fn header(
        &mut self,
        mut header: Header,
        kind: EntryType,
        usual: u32,
        meta: Meta,
        path: &Path,
    ) -> Result<()> {
        let meta = self.get.allowed(meta);
        let mtime = meta.mtime.filter(|time| time.nanos().is_some());
        let mtime = mtime.unwrap_or(self.now);
        header.set_entry_type(kind);
        header.set_mode(meta.mode.unwrap_or(usual));
        header.set_mtime(u64::try_from(mtime.seconds).unwrap_or(0));
        let mut write = || {
            if let Some(text) = fraction(mtime) {
                self.tar
                    .append_pax_extensions([("mtime", text.as_bytes())])?;
            }
            self.tar.append_data(&mut header, path, io::empty())
        };
        write().map_err(|error| Error::io("write", path, error))
    }

    /// The target of the symlink that comes next.
    fn long_target(&mut self, target: &[u8], path: &Path) -> Result<()> {
        let mut header = empty();
        header.set_entry_type(EntryType::new(b'K'));
        let bytes = [target, b"\0"].concat();
        header.set_size(bytes.len() as u64);
        let name = Path::new("././@LongLink");
        let written = header.set_path(name).and_then(|()| {
            header.set_cksum();
            self.tar.append(&header, &bytes[..])
        });
        written.map_err(|error| Error::io("write", path, error))
    }
}

/// The header of an entry without bytes, of nobody in particular.
fn empty() -> Header {
    let mut header = Header::new_gnu();
    header.set_size(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

/// A time that a header has no place for, as PAX has it: a number of seconds.
fn fraction(time: Mtime) -> Option<String> {
    let nanos = i128::from(time.nanos().unwrap_or(0));
    if nanos == 0 && time.seconds >= 0 {
        return None;
    }
    let all = i128::from(time.seconds) * 1_000_000_000 + nanos;
    let sign = if all < 0 { "-" } else { "" };
    let (seconds, nanos) = (all.abs() / 1_000_000_000, all.abs() % 1_000_000_000);
    Some(match nanos {
        0 => format!("{sign}{seconds}"),
        _ => format!("{sign}{seconds}.{nanos:09}"),
    })
}

/// The name of the file of an archive: `FILE.tar`, unless it says so itself.
pub fn file_name(name: &Path) -> PathBuf {
    let text = name.as_os_str().as_encoded_bytes();
    if text.ends_with(b".tar") || text.ends_with(b".tar.gz") {
        return name.to_owned();
    }
    let mut name = name.as_os_str().to_owned();
    name.push(".tar");
    name.into()
}
