//! A folder of Kubo's, used in place.
//!
//! Kubo keeps its blocks in `<repo>/blocks`, a flatfs folder that says so in a file named
//! `SHARDING`. Such a folder opens as a `file` store without a manifest, and nothing of ours is
//! put into it. A running Kubo holds a `fcntl(2)` lock on `<repo>/repo.lock`; `flock(2)` does not
//! see it, so a writer takes the same kind of lock there, which keeps Kubo out in turn.

use std::fs::File;
use std::path::Path;

use crate::Error;
use crate::lock::{Holder, Holders};

/// Whether `dir` is a flatfs folder.
pub(crate) fn is_flatfs(dir: &Path) -> bool {
    dir.join("SHARDING").is_file()
}

/// The lock of the repository around a `blocks` folder. POSIX drops it when any file handle of
/// this process on `repo.lock` is closed, so there is only this one.
#[derive(Debug)]
pub(crate) struct RepoLock(#[allow(dead_code, reason = "held, never used")] File);

impl RepoLock {
    /// Locks the repository that `blocks` lies in; `None` if it lies in none.
    ///
    /// # Errors
    /// [`Error::Locked`] if a running Kubo holds it.
    #[cfg(unix)]
    pub fn take(blocks: &Path) -> Result<Option<RepoLock>, Error> {
        use rustix::fs::{FlockOperation, fcntl_lock};
        let parent = match blocks.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new(".."),
        };
        let path = parent.join("repo.lock");
        let file = match File::options().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(datastore::Error::io("open", &path, e).into()),
        };
        match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(RepoLock(file))),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => {
                let kubo = Holder {
                    pid: posix_holder(&path).unwrap_or(0),
                    program: "ipfs".into(),
                    since: String::new(),
                };
                let holders = Holders {
                    processes: vec![kubo],
                    reading: false,
                };
                Err(Error::Locked {
                    path: parent.to_owned(),
                    holders,
                })
            }
            Err(e) => Err(datastore::Error::io("lock", &path, e.into()).into()),
        }
    }

    #[cfg(not(unix))]
    pub fn take(_blocks: &Path) -> Result<Option<RepoLock>, Error> {
        Ok(None)
    }
}

/// Who holds a `fcntl` lock on this file, from `/proc/locks`.
#[cfg(unix)]
fn posix_holder(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let inode = std::fs::metadata(path).ok()?.ino().to_string();
    let list = std::fs::read_to_string("/proc/locks").ok()?;
    list.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "POSIX", _, _, pid, place, ..] = fields[..] else {
            return None;
        };
        (place.rsplit(':').next() == Some(&inode)).then(|| pid.parse().ok())?
    })
}
