//! A store's folder as the system sees it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, fadvise};

/// Bytes that are allocated below `folder`, its folders' own included.
///
/// # Errors
/// Those of the system.
pub fn allocated(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    each(folder, &mut |path| {
        bytes += fs::symlink_metadata(path)?.blocks() * 512;
        Ok(())
    })?;
    Ok(bytes)
}

/// Flushes the file system of `folder` and has the system forget what it cached of the files below:
/// the next read goes to the device, as far as that has no cache of its own.
///
/// # Errors
/// Those of the system.
pub fn forget(folder: &Path) -> io::Result<()> {
    // What is not on disk yet cannot be forgotten; a flush of each file takes as long as each file.
    rustix::fs::syncfs(File::open(folder)?)?;
    each(folder, &mut |path| {
        if fs::symlink_metadata(path)?.is_file() {
            fadvise(File::open(path)?, 0, None, Advice::DontNeed)?;
        }
        Ok(())
    })
}

fn each(folder: &Path, see: &mut dyn FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    let mut todo: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(path) = todo.pop() {
        see(&path)?;
        if fs::symlink_metadata(&path)?.is_dir() {
            for entry in fs::read_dir(&path)? {
                todo.push(entry?.path());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn all_that_is_below_counts_and_none_of_it_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let empty = allocated(dir.path()).unwrap();
        fs::create_dir(dir.path().join("a")).unwrap();
        fs::write(dir.path().join("a/b"), vec![7; 1 << 20]).unwrap();
        forget(dir.path()).unwrap();
        let full = allocated(dir.path()).unwrap();
        assert!(
            (1 << 20..2 << 20).contains(&(full - empty)),
            "{full} {empty}"
        );
        assert_eq!(fs::read(dir.path().join("a/b")).unwrap(), vec![7; 1 << 20]);
    }
}
