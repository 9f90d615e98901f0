//! Where a store may live, which is not where locks may lie.
//!
//! `flock` on a network file system may be local to one machine, so that two machines write one
//! store and neither knows. Linux tells the file system by a number (`statfs(2)`, `f_type`).

use std::io;
use std::path::Path;

use datastore::{Disk, MemStore};

use crate::guard::{Cost, Guard};
use crate::{Config, Error};

/// File systems that another machine may write to at the same time, by their magic numbers
/// (statfs(2), and `linux/magic.h`).
const NETWORK: &[(u64, &str)] = &[
    (0x6969, "nfs"),
    (0x517b, "smb"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "smb2"),
    (0x6573_5546, "fuse"),
    (0x0102_1997, "9p"),
    (0x00c3_6400, "ceph"),
    (0x5346_414f, "afs"),
    (0x7375_7245, "coda"),
    (0x0bd0_0bd0, "lustre"),
    (0x0116_1970, "gfs2"),
    (0x7461_636f, "ocfs2"),
    (0x4750_4653, "gpfs"),
];

/// Refuses a folder on a network file system.
///
/// # Errors
/// [`Error::NetworkFs`] naming the file system; an I/O error if it cannot be asked.
pub(crate) fn refuse_network_fs(path: &Path) -> Result<(), Error> {
    match network_fs(path)? {
        Some(fs) => Err(Error::NetworkFs {
            path: path.to_owned(),
            fs,
        }),
        None => Ok(()),
    }
}

#[cfg(target_os = "linux")]
fn network_fs(path: &Path) -> Result<Option<&'static str>, Error> {
    let stat = rustix::fs::statfs(path)
        .map_err(|e| datastore::Error::io("look at the file system of", path, e.into()))?;
    // The field's type differs between platforms; the numbers are of 32 bits.
    Ok(name(stat.f_type as u64 & 0xffff_ffff))
}

/// Elsewhere the file system is not told in this way, and nothing is refused.
#[cfg(not(target_os = "linux"))]
fn network_fs(_path: &Path) -> Result<Option<&'static str>, Error> {
    Ok(None)
}

fn name(magic: u64) -> Option<&'static str> {
    NETWORK
        .iter()
        .find(|(number, _)| *number == magic)
        .map(|(_, name)| *name)
}

/// The folder that `path` lies in.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Flushes the name of the store's folder: whoever made the folder may have been killed before.
pub(crate) fn flush_name(disk: &dyn Disk, path: &Path) -> Result<(), Error> {
    let parent = parent(path);
    match disk.sync_dir(parent) {
        // Where we may not look we have made nothing.
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        flushed => flushed.map_err(|e| datastore::Error::io("flush", parent, e).into()),
    }
}

/// Refuses a new store on a full disk, where its engine would be half made.
pub(crate) fn refuse_full(config: &Config, path: &Path) -> Result<(), Error> {
    let (empty, folder) = (MemStore::new(), path.to_owned());
    let guard = Guard::new(empty, folder, config.min_free, None, Cost::PLAIN);
    Ok(guard.admit(1, 0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_number() {
        assert_eq!(name(0x6969), Some("nfs"));
        assert_eq!(name(0xff53_4d42), Some("cifs"));
        assert_eq!(name(0xef53), None, "ext4");
        assert_eq!(name(0x0102_1994), None, "tmpfs");
        assert_eq!(name(0x5846_5342), None, "xfs");
    }

    #[test]
    fn a_local_folder_is_fine_and_an_absent_one_an_error() {
        let dir = tempfile::tempdir().unwrap();
        refuse_network_fs(dir.path()).unwrap();
        #[cfg(target_os = "linux")]
        assert!(refuse_network_fs(&dir.path().join("absent")).is_err());
    }
}
