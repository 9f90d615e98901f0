//! 01-3: one file for each key, and no loss of power takes away what was acknowledged.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::folder::Folder;

/// Values in a folder, one file each.
pub struct FileStore {
    folder: Arc<dyn Folder>,
    /// A number for each temporary file.
    next: AtomicU64,
}

/// What a temporary file ends in.
const TEMP: &str = ".tmp";

impl FileStore {
    /// The store in a folder, whatever the last process left there.
    pub fn open(folder: Arc<dyn Folder>) -> io::Result<FileStore> {
        //~ todo: what may the last process have left behind?
        for name in folder.names()? {
            if name.ends_with(TEMP) {
                folder.remove(&name)?;
            }
        }
        let next = AtomicU64::new(0);
        Ok(FileStore { folder, next })
        //~ end
    }

    /// Keeps a value. When this returns, it is on the disk.
    pub fn put(&self, key: &str, value: &[u8]) -> io::Result<()> {
        //~ todo: five steps, and their order is the exercise
        let name = file_name(key);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let temp = format!("{name}.{number}{TEMP}");
        self.folder.create(&temp)?;
        self.folder.append(&temp, value)?;
        self.folder.flush(&temp)?;
        self.folder.rename(&temp, &name)?;
        self.folder.flush_names()
        //~ end
    }

    /// The value of a key, or `None`.
    pub fn get(&self, key: &str) -> io::Result<Option<Vec<u8>>> {
        //~ todo: read its file
        self.folder.read(&file_name(key))
        //~ end
    }

    /// Forgets a key. When this returns, it stays forgotten.
    pub fn delete(&self, key: &str) -> io::Result<()> {
        //~ todo: an absent key is no error
        match self.folder.remove(&file_name(key)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.folder.flush_names(),
        }
        //~ end
    }

    /// All keys, sorted.
    pub fn keys(&self) -> io::Result<Vec<String>> {
        //~ todo: back from file names to keys
        let names = self.folder.names()?;
        let mut keys: Vec<String> = names.iter().filter_map(|name| key_of(name)).collect();
        keys.sort();
        Ok(keys)
        //~ end
    }
}

/// The name of the file of a key. A key may be any text of up to 100 bytes: empty, with slashes, with dots.
pub fn file_name(key: &str) -> String {
    //~ todo: no key may lead out of the folder, and no two to one file
    let digits: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("k{digits}")
    //~ end
}

/// The key of a file, unless it is another kind of file.
pub fn key_of(name: &str) -> Option<String> {
    //~ todo: the way back
    let digits = name.strip_prefix('k')?;
    let pair = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(pair).collect();
    String::from_utf8(bytes?).ok()
    //~ end
}
