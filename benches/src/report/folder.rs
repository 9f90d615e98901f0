//! A store's folder as the system sees it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, IFlags, fadvise, ioctl_getflags, ioctl_setflags};

/// Has ext4 put each folder that is made in `folder` in a part of the disk of its own, if it can.
///
/// ext4 does not use an inode again within minutes of its file's removal, and looks at each of those
/// when it makes a file in the same part. So a store of files that was just removed made the next
/// one seem ten times as slow (570 µs a file instead of 55).
pub fn spread(folder: &Path) {
    let set = || -> io::Result<()> {
        let folder = File::open(folder)?;
        let flags = ioctl_getflags(&folder)?;
        Ok(ioctl_setflags(&folder, flags | IFlags::TOPDIR)?)
    };
    // Other file systems have no such flag, and need none.
    let _ = set();
}

/// Bytes that are allocated below `folder`, its folders' own included.
///
/// # Errors
/// Those of the system.
pub fn allocated(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    each(folder, &mut |path| {
        bytes += match fs::symlink_metadata(path) {
            Ok(found) => found.blocks() * 512,
            // An engine may still be tidying up.
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(())
    })?;
    Ok(bytes)
}

/// The same without the ballast of a store of ours: what blocks take.
///
/// # Errors
/// Those of the system.
pub fn of_blocks(folder: &Path) -> io::Result<u64> {
    let all = allocated(folder)?;
    match allocated(&folder.join("store/ballast")) {
        Ok(ballast) => Ok(all - ballast),
        Err(none) if none.kind() == io::ErrorKind::NotFound => Ok(all),
        Err(error) => Err(error),
    }
}

/// Flushes the file system of `folder`.
///
/// # Errors
/// Those of the system.
pub fn sync(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Flushes the file system of `folder` and has the system forget what it cached of the files below:
/// the next read goes to the device, as far as that has no cache of its own.
///
/// # Errors
/// Those of the system.
pub fn forget(folder: &Path) -> io::Result<()> {
    // What is not on disk yet cannot be forgotten; a flush of each file takes as long as each file.
    sync(folder)?;
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
        if path.is_dir() && !path.is_symlink() {
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
        assert_eq!(of_blocks(dir.path()).unwrap(), full);
    }

    #[test]
    fn ballast_is_no_block() {
        let dir = tempfile::tempdir().unwrap();
        let ballast = dir.path().join("store/ballast");
        fs::create_dir_all(&ballast).unwrap();
        fs::write(dir.path().join("store/block"), vec![7; 1 << 20]).unwrap();
        fs::write(ballast.join("0"), vec![7; 2 << 20]).unwrap();
        forget(dir.path()).unwrap();
        let blocks = of_blocks(dir.path()).unwrap();
        assert!((1 << 20..2 << 20).contains(&blocks), "{blocks}");
    }
}
