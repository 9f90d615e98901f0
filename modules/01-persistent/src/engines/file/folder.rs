//! The folder of blocks: where it begins, and what is in it.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use datastore::{Error, Key, Result};

use super::name::{self, EXTENSION};
use super::shard::{self, Sharding};
use crate::engines::redb::make_dir;
use crate::engines::tables::sync_dir;
use crate::engines::usage::present;

/// The longest value, 1 GiB: far beyond any block, and still memory that a read can ask for.
pub(super) const MAX_VALUE: u64 = 1 << 30;

/// Where files are written before they get their names. Kubo empties it when it opens, as we do.
const TEMP: &str = ".temp";

/// A folder in the layout of go-ds-flatfs.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) root: PathBuf,
    pub(super) temp: PathBuf,
    sharding: Sharding,
}

impl Folder {
    /// Opens the folder at `root`. Unless `read_only`, it is made if it is absent or empty, and
    /// what a crash left in `.temp` is removed.
    pub(super) fn open(root: &Path, read_only: bool) -> Result<Folder> {
        if !read_only {
            make_dir(root)?;
        }
        let meta = fs::metadata(root).map_err(|error| Error::io("open", root, error))?;
        if !meta.is_dir() {
            let error = io::Error::from(io::ErrorKind::NotADirectory);
            return Err(Error::io("open", root, error));
        }
        let sharding = Sharding::read(root)?;
        let mut folder = Folder {
            root: root.to_owned(),
            temp: root.join(TEMP),
            sharding: sharding.unwrap_or_default(),
        };
        if sharding.is_none() {
            folder.refuse_unless_empty()?;
        }
        if !read_only {
            folder.clean()?;
            if sharding.is_none() {
                folder.sharding = folder.begin()?;
            }
        }
        Ok(folder)
    }

    /// A folder of something else is never taken over.
    fn refuse_unless_empty(&self) -> Result<()> {
        let error = |error| Error::io("list", &self.root, error);
        for entry in fs::read_dir(&self.root).map_err(error)? {
            // A crash while the folder was begun leaves this alone.
            if entry.map_err(error)?.file_name() != TEMP {
                return Err(Error::Corrupt {
                    path: self.root.clone(),
                    what: format!(
                        "it has files in it but no {}, so it is no folder of blocks; name another \
                         folder, or restore that file",
                        shard::FILE
                    ),
                });
            }
        }
        Ok(())
    }

    /// Writes `SHARDING`, whole or not at all, and durably. The `_README` that Kubo puts beside it
    /// is for people: it opens a folder without.
    fn begin(&self) -> Result<Sharding> {
        let sharding = Sharding::default();
        make_dir(&self.temp)?;
        let (temp, path) = (self.temp.join(shard::FILE), self.root.join(shard::FILE));
        fs::write(&temp, format!("{sharding}\n"))
            .and_then(|()| File::open(&temp)?.sync_all())
            .map_err(|error| Error::io("write", &temp, error))?;
        fs::rename(&temp, &path).map_err(|error| Error::io("rename", &temp, error))?;
        sync_dir(&self.root)?;
        Ok(sharding)
    }

    /// Removes the temps of a process that is gone. That none lives is known from the lock, which
    /// is held above.
    fn clean(&self) -> Result<()> {
        let failed = |error| Error::io("clean", &self.temp, error);
        match present(fs::symlink_metadata(&self.temp)).map_err(failed)? {
            None => return Ok(()),
            Some(meta) if meta.is_dir() => {}
            // What a link points to is not ours to empty.
            Some(_) => return Err(failed(io::ErrorKind::NotADirectory.into())),
        }
        for entry in fs::read_dir(&self.temp).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            // Kubo's batches are folders.
            if entry.file_type().map_err(failed)?.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            }
            .map_err(|error| Error::io("remove", &path, error))?;
        }
        Ok(())
    }

    /// The name of the folder for the file called `name`.
    pub(super) fn shard(&self, name: &str) -> String {
        self.sharding.folder(name).into_owned()
    }

    /// The file called `name`, without its extension.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        let shard = self.sharding.folder(name);
        // One allocation; joining three times would make three.
        let mut path = PathBuf::with_capacity(
            self.root.as_os_str().len() + shard.len() + name.len() + EXTENSION.len() + 2,
        );
        path.push(&self.root);
        path.push(&*shard);
        path.push(name);
        path.as_mut_os_string().push(EXTENSION);
        path
    }

    /// The file of the block with this multihash, if it can have one.
    fn file(&self, multihash: &[u8]) -> Option<PathBuf> {
        name::encode(multihash).map(|name| self.path(&name))
    }

    pub(super) fn get(&self, multihash: &[u8]) -> Result<Option<Bytes>> {
        self.get_range(multihash, 0..u64::MAX)
    }

    pub(super) fn get_range(&self, multihash: &[u8], range: Range<u64>) -> Result<Option<Bytes>> {
        match self.file(multihash) {
            Some(path) => read(&path, range),
            None => Ok(None),
        }
    }

    pub(super) fn size(&self, multihash: &[u8]) -> Result<Option<u64>> {
        let Some(path) = self.file(multihash) else {
            return Ok(None);
        };
        let meta =
            absent(fs::metadata(&path)).map_err(|error| Error::io("look at", path, error))?;
        Ok(meta.filter(fs::Metadata::is_file).map(|meta| meta.len()))
    }

    /// The names of the folders that blocks lie in, in order; others may be among them.
    pub(super) fn shards(&self) -> Result<Vec<String>> {
        let failed = |error| Error::io("list", &self.root, error);
        let mut shards = Vec::new();
        for entry in fs::read_dir(&self.root).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if !entry.file_type().map_err(failed)?.is_dir() {
                continue;
            }
            if let Ok(name) = entry.file_name().into_string()
                && !name.starts_with('.')
            {
                shards.push(name);
            }
        }
        shards.sort_unstable();
        Ok(shards)
    }

    /// The multihashes whose files lie in `shard`. A file that is no block's, or that no block
    /// with its name would be looked for in, is passed over.
    pub(super) fn blocks(&self, shard: &str) -> Result<Vec<Key>> {
        let path = self.root.join(shard);
        let failed = |error| Error::io("list", &path, error);
        let mut keys = Vec::new();
        let Some(entries) = absent(fs::read_dir(&path)).map_err(failed)? else {
            return Ok(keys);
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let Some(multihash) = name::decode(name) else {
                continue;
            };
            let stem = name.strip_suffix(EXTENSION).unwrap_or(name);
            if self.sharding.folder(stem) == shard
                && is_file(&entry)
                && let Ok(key) = Key::block(&multihash)
            {
                keys.push(key);
            }
        }
        Ok(keys)
    }
}

/// Whether a read would find a file there: a folder or a pipe under the name of a block is none.
fn is_file(entry: &fs::DirEntry) -> bool {
    match entry.file_type() {
        Ok(kind) if kind.is_symlink() => {
            fs::metadata(entry.path()).is_ok_and(|meta| meta.is_file())
        }
        Ok(kind) => kind.is_file(),
        Err(_) => false,
    }
}

/// `None` where a part of the path is missing, or is a file of somebody else's.
fn absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(None),
        result => present(result),
    }
}

/// `range` of the file at `path`, cut where it ends. Open, look at the length, read once, close:
/// nothing is read to find the end, and nothing is zeroed to be overwritten.
fn read(path: &Path, range: Range<u64>) -> Result<Option<Bytes>> {
    let failed = |error| Error::io("read", path, error);
    let Some(mut file) = absent(open(path)).map_err(failed)? else {
        return Ok(None);
    };
    let meta = file.metadata().map_err(failed)?;
    if !meta.is_file() {
        return Ok(None);
    }
    // A length is no more to be trusted than bytes: this one decides how much memory is asked for.
    if meta.len() > MAX_VALUE {
        return Err(Error::Corrupt {
            path: path.to_owned(),
            what: format!(
                "it has {} bytes, and no block has more than 1 GiB; put the block again to \
                 replace it",
                meta.len()
            ),
        });
    }
    let start = range.start.min(meta.len());
    let len = range.end.clamp(start, meta.len()) - start;
    if start > 0 {
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
    file.take(len).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes.into()))
}

/// Opens without waiting for the other end of what turns out to be a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits() as i32,
    );
    options.open(path)
}
