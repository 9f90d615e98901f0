//! The store that everybody writes first: a folder of files.
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use data_encoding::HEXLOWER;

use super::Raw;
use super::files::{TEMP, each_file};

/// `ab/abcdef…`, by the first two hex digits of the digest: written beside, flushed if it has to be
/// durable, renamed, and then the folder is flushed. It knows no batches.
pub struct Sharded {
    root: PathBuf,
    next: AtomicU64,
}

/// The code of sha2-256 and the length of its digest, which every multihash here begins with.
const PREFIX: [u8; 2] = [0x12, 0x20];

impl Sharded {
    pub fn open(dir: &Path) -> Sharded {
        let root = dir.join("sharded");
        fs::create_dir_all(&root).unwrap();
        Sharded {
            root,
            next: AtomicU64::new(0),
        }
    }

    fn path(&self, key: &[u8]) -> PathBuf {
        let name = HEXLOWER.encode(key.strip_prefix(&PREFIX).unwrap());
        self.root.join(&name[..2]).join(name)
    }
}

impl Raw for Sharded {
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool) {
        for (key, value) in entries {
            let path = self.path(key);
            let folder = path.parent().unwrap();
            if !folder.exists() {
                fs::create_dir_all(folder).unwrap();
                if durable {
                    File::open(&self.root).unwrap().sync_all().unwrap();
                }
            }
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            let temp = folder.join(format!("{n}{TEMP}"));
            let mut file = File::create_new(&temp).unwrap();
            file.write_all(value).unwrap();
            if durable {
                file.sync_data().unwrap();
            }
            fs::rename(&temp, &path).unwrap();
            if durable {
                File::open(folder).unwrap().sync_all().unwrap();
            }
        }
    }

    fn get(&self, key: &[u8]) -> usize {
        std::hint::black_box(fs::read(self.path(key)).unwrap()).len()
    }

    fn has(&self, key: &[u8]) -> bool {
        self.path(key).exists()
    }

    fn delete(&self, key: &[u8]) {
        fs::remove_file(self.path(key)).unwrap();
    }

    fn each_key(&self, see: &mut dyn FnMut(&[u8])) {
        each_file(&self.root, &mut |path| see(&key(path)));
    }

    fn each(&self, see: &mut dyn FnMut(&[u8], &[u8])) {
        each_file(&self.root, &mut |path| {
            see(&key(path), &fs::read(path).unwrap())
        });
    }
}

/// The key of what lies at `path`.
fn key(path: &Path) -> Vec<u8> {
    let digest = HEXLOWER
        .decode(path.file_name().unwrap().as_bytes())
        .unwrap();
    [&PREFIX[..], &digest[..]].concat()
}
