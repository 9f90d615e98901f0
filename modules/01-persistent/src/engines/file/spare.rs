//! A file that is on the disk before its block comes.
//!
//! A new file costs its `fdatasync` a commit of the file system's journal, since where its bytes lie
//! and how many they are is news to the disk. Bytes that are written over others are none: then the
//! flush is one of the device and nothing else. So the first of two durable puts of one length
//! leaves a spare file of that length behind, filled with zeros, and the flush of *its* folder takes
//! the spare's beginnings along:
//!
//! ```text
//! put n                                  put n + 1
//!   write over spare n                     write over spare n + 1
//!   make spare n + 1, zeros                …
//!   fdatasync n    1 flush
//!   rename n
//!   fsync X3/      1 commit, 2 flushes: the name of n, and where the zeros of n + 1 lie
//! ```
//!
//! No promise leans on that. A spare whose zeros are not on the disk in time costs its put the commit
//! it would have cost without; it has no name but that of a temp, and is flushed like any other file
//! before it gets one.
//!
//! Its price is that each byte is written twice, so there is none for a large block.

use std::sync::{Mutex, PoisonError};

use datastore::{DiskFile, Result};

use super::write::Temp;

/// The most bytes of a spare, 64 KiB.
const MAX: usize = 64 << 10;

/// A file in `.temp`, and what writes to it.
pub(super) type Open = (Box<dyn DiskFile>, Temp);

/// The spare file of a folder of blocks, if it has one.
#[derive(Default)]
pub(super) struct Spare(Mutex<State>);

#[derive(Default)]
struct State {
    /// The length of the last value that was flushed by itself.
    last: Option<usize>,
    /// Its zeros are as many as `last`.
    file: Option<Open>,
}

impl Spare {
    /// The spare, if it is there and has this length.
    pub(super) fn take(&self, len: usize) -> Option<Open> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.last == Some(len) {
            true => state.file.take(),
            // Removed here: what comes in other lengths has no use for it.
            false => {
                state.file = None;
                None
            }
        }
    }

    /// Makes the next one, by `create`, if this length comes for the second time.
    pub(super) fn prepare(&self, len: usize, create: impl FnOnce() -> Result<Open>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let again = state.last.replace(len) == Some(len);
        if !again || !(1..=MAX).contains(&len) || state.file.is_some() {
            return;
        }
        // What fails here fails nobody: the next put makes a file of its own.
        state.file = create().ok().filter(|(file, _)| {
            let written = file.write_all_at(&vec![0; len], 0);
            written.is_ok() && file.begin_sync().is_ok()
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;
    use std::path::Path;

    use datastore::{Batch, Key};

    use crate::engine::{Engine, Flush, Options};
    use crate::engines::file::File;

    /// Puts a block of `len` bytes, each of them `n`, and gives the lengths of the temps after that.
    fn put(store: &File, dir: &Path, n: u8, len: usize) -> Vec<u64> {
        let key = Key::block(&[&[0x12, 0x20][..], &[n; 32]].concat()).unwrap();
        let mut batch = Batch::new();
        batch.put(key.clone(), vec![n; len]);
        store.write(&batch, Flush::Yes).unwrap();
        assert_eq!(store.get(&key).unwrap().unwrap(), vec![n; len]);
        let temps = fs::read_dir(dir.join(".temp")).unwrap();
        temps
            .map(|temp| temp.unwrap().metadata().unwrap().len())
            .collect()
    }

    #[test]
    fn the_second_put_of_one_length_leaves_a_spare() {
        let dir = tempfile::tempdir().unwrap();
        let store = File::open(&Options::new(dir.path())).unwrap();
        let none: [u64; 0] = [];
        assert_eq!(put(&store, dir.path(), 1, 300), none);
        assert_eq!(put(&store, dir.path(), 2, 300), [300]);
        assert_eq!(put(&store, dir.path(), 3, 300), [300]);
        assert_eq!(put(&store, dir.path(), 4, 299), none, "no use for it");
        assert_eq!(put(&store, dir.path(), 5, 300), none, "nor a habit yet");
        for n in 6..8 {
            assert_eq!(
                put(&store, dir.path(), n, super::MAX + 1),
                none,
                "too large"
            );
        }
        for n in 8..10 {
            assert_eq!(put(&store, dir.path(), n, 0), none, "nothing to write over");
        }
        put(&store, dir.path(), 10, 300);
        assert_eq!(put(&store, dir.path(), 11, 300), [300]);
        drop(store);
        let left = fs::read_dir(dir.path().join(".temp")).unwrap().count();
        assert_eq!(left, 0, "it goes with the store");
    }
}
