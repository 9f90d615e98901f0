//! The folder of blocks: where it begins, and what is in it.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use datastore::disk::{Kind, Meta, Mode};
use datastore::{Disk, Error, Key, Result};

use super::name::{self, EXTENSION};
use super::shard::{self, Sharding};
use crate::engines::usage::present;

/// The longest value, 1 GiB: far beyond any block, and still memory that a read can ask for.
pub(super) const MAX_VALUE: u64 = 1 << 30;

/// Where files are written before they get their names. Kubo empties it when it opens, as we do.
pub(super) const TEMP: &str = ".temp";

/// A folder in the layout of go-ds-flatfs.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) root: PathBuf,
    pub(super) temp: PathBuf,
    sharding: Sharding,
}

impl Folder {
    /// Opens the folder at `root`. Unless `read_only`, it is made if it is absent or empty, and
    /// what a crash left in `.temp` is removed.
    pub(super) fn open(disk: &Arc<dyn Disk>, root: &Path, read_only: bool) -> Result<Folder> {
        if !read_only {
            disk.make_dir(root)
                .map_err(|error| Error::io("create", root, error))?;
        }
        let sharding = Sharding::read(&**disk, root)?;
        let mut folder = Folder {
            disk: Arc::clone(disk),
            root: root.to_owned(),
            temp: root.join(TEMP),
            sharding: sharding.unwrap_or_default(),
        };
        let names = disk
            .list(root)
            .map_err(|error| Error::io("list", root, error))?;
        if sharding.is_none() {
            folder.refuse_unless_empty(&names)?;
        }
        if !read_only {
            folder.clean(&names)?;
            if sharding.is_none() {
                folder.sharding = folder.begin()?;
            }
        }
        Ok(folder)
    }

    /// A folder of something else is never taken over.
    fn refuse_unless_empty(&self, names: &[(String, Kind)]) -> Result<()> {
        // A crash while the folder was begun leaves `.temp` alone.
        if names.iter().all(|(name, _)| name == TEMP) {
            return Ok(());
        }
        Err(Error::Corrupt {
            path: self.root.clone(),
            what: format!(
                "it has files in it but no {}, so it is no folder of blocks; name another folder, \
                 or restore that file",
                shard::FILE
            ),
        })
    }

    /// Writes `SHARDING`, whole or not at all, and durably. The `_README` that Kubo puts beside it
    /// is for people: it opens a folder without.
    fn begin(&self) -> Result<Sharding> {
        let sharding = Sharding::default();
        let (temp, path) = (self.temp.join(shard::FILE), self.root.join(shard::FILE));
        let write = || {
            self.disk.make_dir(&self.temp)?;
            let file = self.disk.open(&temp, Mode::New)?;
            file.write_all_at(format!("{sharding}\n").as_bytes(), 0)?;
            file.sync()?;
            self.disk.rename(&temp, &path)?;
            self.disk.sync_dir(&self.root)
        };
        write().map_err(|error| Error::io("write", &path, error))?;
        Ok(sharding)
    }

    /// Removes the temps of a process that is gone. That none lives is known from the lock, which
    /// is held above.
    fn clean(&self, names: &[(String, Kind)]) -> Result<()> {
        let failed = |error| Error::io("clean", &self.temp, error);
        match names.iter().find(|(name, _)| name == TEMP) {
            None => return Ok(()),
            Some((_, Kind::Folder)) => {}
            // What a link points to is not ours to empty.
            Some(_) => return Err(failed(io::ErrorKind::NotADirectory.into())),
        }
        for (name, kind) in self.disk.list(&self.temp).map_err(failed)? {
            let path = self.temp.join(name);
            match kind {
                // Kubo's batches are folders.
                Kind::Folder => self.disk.remove_tree(&path),
                Kind::File | Kind::Other => self.disk.remove_file(&path),
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
        name::encode_in(multihash, &mut [0; name::MAX]).map(|name| self.path(name))
    }

    pub(super) fn get(&self, multihash: &[u8]) -> Result<Option<Bytes>> {
        self.get_range(multihash, 0..u64::MAX)
    }

    pub(super) fn get_range(&self, multihash: &[u8], range: Range<u64>) -> Result<Option<Bytes>> {
        match self.file(multihash) {
            Some(path) => read(&*self.disk, &path, range),
            None => Ok(None),
        }
    }

    pub(super) fn size(&self, multihash: &[u8]) -> Result<Option<u64>> {
        let Some(path) = self.file(multihash) else {
            return Ok(None);
        };
        let meta = self.disk.look(&path);
        let meta = meta.map_err(|error| Error::io("look at", path, error))?;
        Ok(meta.filter(Meta::is_file).map(|meta| meta.len))
    }

    /// Whether the file called `name` holds `value`; `None` if there is no file of that name.
    pub(super) fn holds(&self, name: &str, value: &[u8]) -> Result<Option<bool>> {
        let path = self.path(name);
        let meta = self.disk.look(&path);
        let Some(meta) = meta.map_err(|error| Error::io("look at", &path, error))? else {
            return Ok(None);
        };
        // What cannot be read is not it.
        let same = meta.len == value.len() as u64
            && read(&*self.disk, &path, 0..u64::MAX)
                .is_ok_and(|found| found.is_some_and(|found| found == value));
        Ok(Some(same))
    }

    /// The names of the folders that blocks lie in, in order; others may be among them.
    pub(super) fn shards(&self) -> Result<Vec<String>> {
        let names = self.disk.list(&self.root);
        let names = names.map_err(|error| Error::io("list", &self.root, error))?;
        let mut shards: Vec<String> = names
            .into_iter()
            .filter(|(name, kind)| *kind == Kind::Folder && !name.starts_with('.'))
            .map(|(name, _)| name)
            .collect();
        shards.sort_unstable();
        Ok(shards)
    }

    /// The multihashes whose files lie in `shard`. A file that is no block's, or that no block
    /// with its name would be looked for in, is passed over.
    pub(super) fn blocks(&self, shard: &str) -> Result<Vec<Key>> {
        let path = self.root.join(shard);
        let failed = |error| Error::io("list", &path, error);
        let mut keys = Vec::new();
        let Some(names) = absent(self.disk.list(&path)).map_err(failed)? else {
            return Ok(keys);
        };
        for (name, kind) in names {
            let Some(multihash) = name::decode(&name) else {
                continue;
            };
            let stem = name.strip_suffix(EXTENSION).unwrap_or(&name);
            if self.sharding.folder(stem) == shard
                && self.is_file(&path, &name, kind)
                && let Ok(key) = Key::block(&multihash)
            {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    /// Whether a read would find a file there: a folder or a pipe under the name of a block is
    /// none, a link may lead to one.
    fn is_file(&self, dir: &Path, name: &str, kind: Kind) -> bool {
        match kind {
            Kind::File => true,
            Kind::Folder => false,
            Kind::Other => {
                matches!(self.disk.look(&dir.join(name)), Ok(Some(meta)) if meta.is_file())
            }
        }
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
/// nothing is read to find the end.
fn read(disk: &dyn Disk, path: &Path, range: Range<u64>) -> Result<Option<Bytes>> {
    let failed = |error| Error::io("read", path, error);
    let Some(file) = absent(disk.open(path, Mode::Read)).map_err(failed)? else {
        return Ok(None);
    };
    let meta = file.look().map_err(failed)?;
    if !meta.is_file() {
        return Ok(None);
    }
    // A length is no more to be trusted than bytes: this one decides how much memory is asked for.
    if meta.len > MAX_VALUE {
        return Err(Error::Corrupt {
            path: path.to_owned(),
            what: format!(
                "it has {} bytes, and no block has more than 1 GiB; put the block again to \
                 replace it",
                meta.len
            ),
        });
    }
    let start = range.start.min(meta.len);
    let len = range.end.clamp(start, meta.len) - start;
    let bytes = file.read_vec(start, len).map_err(failed)?;
    Ok(Some(bytes.into()))
}
