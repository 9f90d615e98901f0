//! One writer, or many readers: how a store is kept from being opened twice.
//!
//! ```text
//! store/         flock on the folder itself: what decides, since nobody can remove it
//! store/lock     flock on this file too, and in it, for the error message of the next opener:
//!                pid 4711
//!                program 01-persistent
//!                since 2026-01-01T12:00:00Z
//! ```
//!
//! `flock(2)` locks belong to the open file, not to its name, and the system drops them when the
//! holder dies, however it dies. So a crash leaves nothing to clean up. Two older ways fail here:
//! a file made by exclusive creation outlives a crash and locks the store for good, and a pid in
//! a file may by then be somebody else's (in a container it is 1 every time).
//!
//! One trap remains: whoever removes the lock file and makes a new one holds another file. So the
//! folder is locked as well, the file is never unlinked, and after locking it we check that the
//! path still leads to the file we hold.
//!
//! The text in the file is a message, never the lock. It is removed at a clean close, so that
//! text in it after locking says one thing more: the last holder did not close the store.
//!
//! Always written `fs2::FileExt::…`: since Rust 1.89 files have lock methods of their own with
//! the same names and other errors.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::Error;
pub use crate::holder::{Holder, Holders};
use crate::holder::{holders, write_holder};

/// The name of the lock file in the store's folder.
pub const NAME: &str = "lock";

/// The name under which older programs of this family made a lock by exclusive creation.
pub const OLD_NAME: &str = ".lock";

/// A lock file changes under us only while somebody removes it; more tries than any real race.
const TRIES: usize = 16;

/// How a store is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// For writing, alone.
    Exclusive,
    /// For reading, with other readers.
    Shared,
}

/// A held lock; dropping it lets go.
#[derive(Debug)]
pub(crate) struct Lock {
    // The folder: what decides.
    _dir: Locked,
    // The file; absent on media that cannot be written and never held one.
    file: Option<Locked>,
    path: PathBuf,
    mode: Mode,
    /// Whether the last holder ended without closing the store.
    pub unclean: bool,
    /// Whether a lock file of an older program was found, and found to be held by nobody.
    pub old_lock: Option<PathBuf>,
}

impl Lock {
    /// Locks the store in `dir`, which exists.
    ///
    /// # Errors
    /// [`Error::Locked`] naming who has it; I/O errors.
    pub fn acquire(dir: &Path, mode: Mode) -> Result<Lock, Error> {
        let path = dir.join(NAME);
        let folder = File::open(dir).map_err(|e| datastore::Error::io("open", dir, e))?;
        let Some(folder) =
            try_lock(folder, mode).map_err(|e| datastore::Error::io("lock", dir, e))?
        else {
            return Err(locked(dir, &[dir, &path]));
        };
        let old_lock = stale_old_lock(dir, mode)?;
        for _ in 0..TRIES {
            let Some(file) = open(&path, mode)? else {
                return Ok(Lock {
                    _dir: folder,
                    file: None,
                    path,
                    mode,
                    unclean: false,
                    old_lock,
                });
            };
            let Some(mut file) =
                try_lock(file, mode).map_err(|e| datastore::Error::io("lock", &path, e))?
            else {
                return Err(locked(dir, &[dir, &path]));
            };
            if !same_file(&file.0, &path)? {
                continue;
            }
            let mut text = String::new();
            // Garbage in the file is a holder that ended badly, no reason to refuse.
            let readable = (&mut file.0).take(4096).read_to_string(&mut text).is_ok();
            let unclean = !readable || !text.trim().is_empty();
            if mode == Mode::Exclusive {
                write_holder(&mut file.0).map_err(|e| datastore::Error::io("write", &path, e))?;
            }
            return Ok(Lock {
                _dir: folder,
                file: Some(file),
                path,
                mode,
                unclean,
                old_lock,
            });
        }
        Err(datastore::Error::io(
            "lock",
            &path,
            io::Error::other("the file is replaced again and again; who removes it?"),
        )
        .into())
    }

    /// Locks a folder that must not be written to: Kubo's. Only the folder itself is locked.
    pub fn folder_only(dir: &Path, mode: Mode) -> Result<Lock, Error> {
        let folder = File::open(dir).map_err(|e| datastore::Error::io("open", dir, e))?;
        let Some(folder) =
            try_lock(folder, mode).map_err(|e| datastore::Error::io("lock", dir, e))?
        else {
            return Err(locked(dir, &[dir]));
        };
        Ok(Lock {
            _dir: folder,
            file: None,
            path: dir.join(NAME),
            mode,
            unclean: false,
            old_lock: None,
        })
    }

    /// Says that the store was closed: the next opener has nothing to suspect.
    pub fn closed(&mut self) -> Result<(), Error> {
        match &self.file {
            Some(file) if self.mode == Mode::Exclusive => file
                .0
                .set_len(0)
                .map_err(|e| datastore::Error::io("write", &self.path, e).into()),
            _ => Ok(()),
        }
    }
}

/// A file with a lock on it.
///
/// The lock is let go of by name, not by closing the file: a child process that another thread
/// has just forked holds every open file too, until it runs its own program, and the lock with
/// it.
#[derive(Debug)]
struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        // If this fails the lock goes with the last handle.
        let _ = fs2::FileExt::unlock(&self.0);
    }
}

/// Takes the lock without waiting; `None` if somebody else has it.
fn try_lock(file: File, mode: Mode) -> io::Result<Option<Locked>> {
    let taken = match mode {
        Mode::Exclusive => fs2::FileExt::try_lock_exclusive(&file),
        Mode::Shared => fs2::FileExt::try_lock_shared(&file),
    };
    match taken {
        Ok(()) => Ok(Some(Locked(file))),
        Err(e) if e.raw_os_error() == fs2::lock_contended_error().raw_os_error() => Ok(None),
        Err(e) => Err(e),
    }
}

fn open(path: &Path, mode: Mode) -> Result<Option<File>, Error> {
    // A pipe would keep whoever opens it waiting for its other end.
    if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        let error = io::Error::other("it is no file; remove it");
        return Err(datastore::Error::io("lock", path, error).into());
    }
    let mut options = OpenOptions::new();
    options.read(true);
    if mode == Mode::Exclusive {
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        // A reader makes no lock file, and may not be allowed to read the writer's: the folder's
        // lock is enough for both.
        Err(e)
            if mode == Mode::Shared
                && matches!(
                    e.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
                ) =>
        {
            Ok(None)
        }
        Err(e) => Err(datastore::Error::io("open", path, e).into()),
    }
}

/// Whether `path` still leads to the file that is held.
#[cfg(unix)]
pub(crate) fn same_file(file: &File, path: &Path) -> Result<bool, Error> {
    use std::os::unix::fs::MetadataExt;
    let held = file
        .metadata()
        .map_err(|e| datastore::Error::io("look at", path, e))?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (held.dev(), held.ino())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(datastore::Error::io("look at", path, e).into()),
    }
}

/// Elsewhere an open file cannot be removed or replaced.
#[cfg(not(unix))]
pub(crate) fn same_file(_file: &File, _path: &Path) -> Result<bool, Error> {
    Ok(true)
}

/// A lock made by exclusive creation means nothing once its maker is gone: it is stale if nobody
/// holds an advisory lock on it, and then removed, since an older program would stop at it.
fn stale_old_lock(dir: &Path, mode: Mode) -> Result<Option<PathBuf>, Error> {
    let path = dir.join(OLD_NAME);
    if mode == Mode::Shared {
        return Ok(None);
    }
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(datastore::Error::io("open", &path, e).into()),
    };
    let lock = try_lock(file, Mode::Exclusive);
    let Some(_held) = lock.map_err(|e| datastore::Error::io("lock", &path, e))? else {
        return Err(locked(dir, &[&path]));
    };
    std::fs::remove_file(&path).map_err(|e| datastore::Error::io("remove", &path, e))?;
    Ok(Some(path))
}

fn locked(dir: &Path, files: &[&Path]) -> Error {
    Error::Locked {
        path: dir.to_owned(),
        holders: holders(dir, files),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn exclusive(dir: &Path) -> Result<Lock, Error> {
        Lock::acquire(dir, Mode::Exclusive)
    }

    fn is_locked(result: Result<Lock, Error>) -> Holders {
        match result {
            Err(Error::Locked { holders, .. }) => holders,
            other => panic!("expected a lock error, not {other:?}"),
        }
    }

    #[test]
    fn one_process_cannot_open_twice_and_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let first = exclusive(dir.path()).unwrap();
        let holders = is_locked(exclusive(dir.path()));
        assert_eq!(holders.processes.len(), 1, "{holders}");
        assert!(
            holders.to_string().contains("this very process"),
            "{holders}"
        );
        assert!(!holders.processes[0].since.is_empty(), "{holders}");
        is_locked(Lock::acquire(dir.path(), Mode::Shared));
        drop(first);
        exclusive(dir.path()).unwrap();
    }

    #[test]
    fn readers_share_and_keep_a_writer_out() {
        let dir = tempfile::tempdir().unwrap();
        let one = Lock::acquire(dir.path(), Mode::Shared).unwrap();
        let two = Lock::acquire(dir.path(), Mode::Shared).unwrap();
        let holders = is_locked(exclusive(dir.path()));
        assert!(holders.reading, "{holders}");
        drop((one, two));
        assert!(exclusive(dir.path()).is_ok());
    }

    #[test]
    fn a_removed_lock_file_does_not_let_a_second_writer_in() {
        let dir = tempfile::tempdir().unwrap();
        let held = exclusive(dir.path()).unwrap();
        fs::remove_file(dir.path().join(NAME)).unwrap();
        is_locked(exclusive(dir.path()));
        fs::write(dir.path().join(NAME), "").unwrap();
        is_locked(exclusive(dir.path()));
        drop(held);
        exclusive(dir.path()).unwrap();
    }

    #[test]
    fn only_a_closed_store_is_clean() {
        let dir = tempfile::tempdir().unwrap();
        let mut lock = exclusive(dir.path()).unwrap();
        assert!(!lock.unclean, "a new store");
        lock.closed().unwrap();
        drop(lock);
        let lock = exclusive(dir.path()).unwrap();
        assert!(!lock.unclean, "it was closed");
        drop(lock);
        let lock = exclusive(dir.path()).unwrap();
        assert!(lock.unclean, "it was dropped without a close");
        drop(lock);
        fs::write(dir.path().join(NAME), [0xff, 0xfe]).unwrap();
        assert!(
            exclusive(dir.path()).unwrap().unclean,
            "garbage is no clean close"
        );
    }

    /// A handle that is a copy of the holder's, as a forked child has, does not keep the lock.
    #[test]
    fn a_copy_of_the_handle_keeps_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let lock = exclusive(dir.path()).unwrap();
        let file = lock.file.as_ref().unwrap();
        let copies = (
            file.0.try_clone().unwrap(),
            lock._dir.0.try_clone().unwrap(),
        );
        is_locked(exclusive(dir.path()));
        drop(lock);
        exclusive(dir.path()).unwrap();
        drop(copies);
    }

    #[test]
    fn a_lock_made_by_exclusive_creation_is_stale_unless_held() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(OLD_NAME);
        fs::write(&path, "4711").unwrap();
        let held = File::open(&path).unwrap();
        fs2::FileExt::lock_exclusive(&held).unwrap();
        is_locked(exclusive(dir.path()));
        drop(held);
        let lock = exclusive(dir.path()).unwrap();
        assert_eq!(lock.old_lock.as_deref(), Some(&*path));
        assert!(!path.exists());
    }
}
