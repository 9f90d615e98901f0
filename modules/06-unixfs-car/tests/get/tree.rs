//! What lies in a folder, to the last attribute.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What is told of a file, folder or symlink.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thing {
    /// `f`, `d` or `l`.
    pub kind: char,
    /// What is in a file, or where a symlink leads.
    pub content: Vec<u8>,
    pub mode: u32,
    /// Seconds and nanoseconds.
    pub mtime: (i64, i64),
    pub inode: u64,
}

impl std::fmt::Debug for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, len) = (self.kind, self.content.len());
        write!(f, "{kind} {:o} {:?} {len} bytes", self.mode, self.mtime)
    }
}

/// Everything below `root`, links not followed, by its path; but nothing below `except`.
pub fn tree(root: &Path, except: Option<&Path>) -> BTreeMap<PathBuf, Thing> {
    let mut found = BTreeMap::new();
    let mut todo = vec![root.to_owned()];
    while let Some(path) = todo.pop() {
        if except == Some(&path) {
            continue;
        }
        let meta = fs::symlink_metadata(&path).unwrap();
        let (kind, content) = if meta.is_dir() {
            todo.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            ('d', Vec::new())
        } else if meta.is_symlink() {
            let target = fs::read_link(&path).unwrap();
            ('l', target.as_os_str().as_bytes().to_vec())
        } else if meta.is_file() {
            ('f', fs::read(&path).unwrap())
        } else {
            ('?', Vec::new())
        };
        let thing = Thing {
            kind,
            content,
            mode: meta.permissions().mode() & 0o7777,
            mtime: (meta.mtime(), meta.mtime_nsec()),
            inode: meta.ino(),
        };
        let below = path.strip_prefix(root).unwrap();
        found.insert(below.to_owned(), thing);
    }
    found
}

/// Paths, kinds and contents alone.
pub fn contents(root: &Path) -> BTreeMap<PathBuf, (char, Vec<u8>)> {
    let things = tree(root, None).into_iter();
    things
        .map(|(path, thing)| (path, (thing.kind, thing.content)))
        .collect()
}
