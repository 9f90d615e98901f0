//! One file a block, by hand.
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::Raw;

/// One file a block, in as many folders as flatfs has.
pub struct Files {
    root: PathBuf,
    next: AtomicU64,
}

impl Files {
    pub fn open(dir: &Path) -> Files {
        let root = dir.join("files");
        fs::create_dir_all(root.join(TEMP)).unwrap();
        Files {
            root,
            next: AtomicU64::new(0),
        }
    }

    fn path(&self, key: &[u8]) -> PathBuf {
        let name = data_encoding::BASE32_NOPAD.encode(key);
        let at = name.len() - 3;
        self.root.join(&name[at..at + 2]).join(name)
    }
}

impl Raw for Files {
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool) {
        let mut temps = Vec::new();
        for (_, value) in entries {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            let temp = self.root.join(TEMP).join(n.to_string());
            let mut file = File::create_new(&temp).unwrap();
            file.write_all(value).unwrap();
            if durable && entries.len() == 1 {
                file.sync_data().unwrap();
            }
            temps.push(temp);
        }
        let root = File::open(&self.root).unwrap();
        if durable && entries.len() > 1 {
            rustix::fs::syncfs(&root).unwrap();
        }
        for (temp, (key, _)) in temps.iter().zip(entries) {
            let path = self.path(key);
            if fs::rename(temp, &path).is_err() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::rename(temp, &path).unwrap();
            }
            if durable && entries.len() == 1 {
                File::open(path.parent().unwrap())
                    .unwrap()
                    .sync_all()
                    .unwrap();
            }
        }
        if durable && entries.len() > 1 {
            rustix::fs::syncfs(&root).unwrap();
        }
    }

    fn get(&self, key: &[u8]) -> usize {
        std::hint::black_box(fs::read(self.path(key)).unwrap()).len()
    }

    fn has(&self, key: &[u8]) -> bool {
        fs::metadata(self.path(key)).is_ok()
    }

    fn delete(&self, key: &[u8]) {
        fs::remove_file(self.path(key)).unwrap();
    }

    fn each_key(&self, see: &mut dyn FnMut(&[u8])) {
        each_file(&self.root, &mut |path| {
            let name = path.file_name().unwrap().as_bytes();
            see(&data_encoding::BASE32_NOPAD.decode(name).unwrap());
        });
    }

    fn each(&self, see: &mut dyn FnMut(&[u8], &[u8])) {
        each_file(&self.root, &mut |path| {
            let name = path.file_name().unwrap().as_bytes();
            let key = data_encoding::BASE32_NOPAD.decode(name).unwrap();
            see(&key, &fs::read(path).unwrap());
        });
    }
}

/// Where a file is written before it gets its name, in a folder of its own or beside the others: what a
/// kill leaves there is no block.
pub const TEMP: &str = ".temp";

/// Calls `see` with every file that lies in a folder of `root` and has its name.
pub fn each_file(root: &Path, see: &mut dyn FnMut(&Path)) {
    for folder in fs::read_dir(root).unwrap() {
        let folder = folder.unwrap().path();
        if folder.ends_with(TEMP) {
            continue;
        }
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if !path.as_os_str().as_bytes().ends_with(TEMP.as_bytes()) {
                see(&path);
            }
        }
    }
}
