//! How much of the disk a folder takes.

use std::fs;
use std::io;
use std::path::Path;

use datastore::disk::Kind;
use datastore::{Disk, Error, Result};

/// Bytes allocated on disk for `path` and everything below it; 0 if it is absent.
///
/// It counts blocks of the file system (`st_blocks`, each 512 bytes), not lengths: a file of one
/// byte takes 4 KiB, a preallocated journal all that it reserved, a hole nothing. Files that go
/// away during the walk count nothing, links are not followed.
pub(crate) fn allocated(path: &Path) -> Result<u64> {
    let mut total = 0;
    let mut left = vec![path.to_owned()];
    while let Some(path) = left.pop() {
        let Some(meta) = present(fs::symlink_metadata(&path))
            .map_err(|error| Error::io("look at", &path, error))?
        else {
            continue;
        };
        total += bytes(&meta);
        if !meta.is_dir() {
            continue;
        }
        let Some(entries) =
            present(fs::read_dir(&path)).map_err(|error| Error::io("list", &path, error))?
        else {
            continue;
        };
        for entry in entries {
            let entry = entry.map_err(|error| Error::io("list", &path, error))?;
            left.push(entry.path());
        }
    }
    Ok(total)
}

/// As [`allocated`], of a path on any disk. Where that cannot say what it allocates, it is the
/// lengths of files.
pub(crate) fn taken(disk: &dyn Disk, path: &Path) -> Result<u64> {
    if disk.is_os() {
        return allocated(path);
    }
    let meta = disk.look(path);
    let Some(meta) = meta.map_err(|error| Error::io("look at", path, error))? else {
        return Ok(0);
    };
    if !meta.is_folder() {
        return Ok(meta.len);
    }
    let names = disk.list(path);
    let names = names.map_err(|error| Error::io("list", path, error))?;
    let known = names.into_iter().filter(|(_, kind)| *kind != Kind::Other);
    known.map(|(name, _)| taken(disk, &path.join(name))).sum()
}

/// `None` where what was looked at is not there.
pub(crate) fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn bytes(meta: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(meta) * 512
}

/// Elsewhere the length stands in for what is allocated.
#[cfg(not(unix))]
fn bytes(meta: &fs::Metadata) -> u64 {
    meta.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_counts_nothing_and_bytes_count_blocks() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(allocated(&dir.path().join("absent")).unwrap(), 0);
        let empty = allocated(dir.path()).unwrap();
        fs::create_dir(dir.path().join("below")).unwrap();
        let holes = fs::File::create(dir.path().join("below/holes")).unwrap();
        holes.set_len(1 << 30).unwrap();
        fs::write(dir.path().join("below/full"), vec![1; 100_000]).unwrap();
        fs::File::open(dir.path().join("below/full"))
            .unwrap()
            .sync_all()
            .unwrap();
        let used = allocated(dir.path()).unwrap() - empty;
        assert!((100_000..1 << 20).contains(&used), "{used}");
    }
}
