//! Blob files that were never finished.
//!
//! A flush or a merge that ends early, by a crash or on a full disk, leaves a part of a blob file
//! behind. RocksDB removes an obsolete blob file only if it has its last 32 bytes, so these stay for
//! ever, and each is of up to 256 MiB. (`ShouldKeepFooterlessBlobFile` in `db_impl_files.cc`: another
//! of its features, which is not used here, goes on writing to such files.)
//!
//! A file that was there before the database was opened, and that no table points to once it is open,
//! is of no use: each open for writing removes it. One that fails for lack of space writes such a file,
//! too, and would leave less room to the next one with each try. Which ones have no ending is not asked, since one
//! that was cut by damage has none either.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ::rocksdb::properties;
use datastore::{Error, Result};

use super::{Db, log};
use crate::engine::Options;
use crate::engines::pages::Space;

/// The line in the description of a version after which its blob files come.
const TITLE: &str = "--- blob files ---";

/// How the line of each begins.
const NUMBER: &str = "blob_file_number: ";

/// How many there are.
const COUNT: &str = "rocksdb.num-blob-files";

/// The blob files in the folder, of which there may be none.
///
/// # Errors
/// Those of reading the folder.
pub(super) fn blobs(dir: &Path) -> Result<Vec<PathBuf>> {
    log::files(dir, |name| number(name).is_some())
}

/// Removes those that are not used from a database that nobody has open, as far as that is possible.
pub(super) fn remove_all(options: &Options) {
    let removed = super::read(options).and_then(|db| {
        let database = Db {
            dir: options.dir.clone(),
            db,
        };
        database.remove_unused(blobs(&options.dir)?)
    });
    // It is done for the next open, which says what is wrong.
    let _ = removed;
}

fn number(name: &str) -> Option<u64> {
    name.strip_suffix(".blob")?.parse().ok()
}

impl Db {
    /// Removes those of `found` that it does not use. They were there before it was opened.
    ///
    /// # Errors
    /// Those of removing.
    pub(super) fn remove_unused(&self, found: Vec<PathBuf>) -> Result<()> {
        let Some(used) = self.blobs_in_use()? else {
            return Ok(());
        };
        for path in found {
            let name = path.file_name().and_then(|name| name.to_str());
            if name.and_then(number).is_none_or(|n| used.contains(&n)) {
                continue;
            }
            match fs::remove_file(&path) {
                // RocksDB removes some by itself.
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Error::io("remove", &path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The numbers of the blob files that tables point to; `None` if they are not told for certain.
    fn blobs_in_use(&self) -> Result<Option<BTreeSet<u64>>> {
        let (mut used, mut count) = (BTreeSet::new(), 0);
        for space in [Space::Blocks, Space::Meta] {
            let family = self.family(space)?;
            let text = self.db.property_value_cf(family, properties::SSTABLES);
            let text = text.map_err(self.failed("measure"))?.unwrap_or_default();
            let lines = text.lines().skip_while(|line| !line.starts_with(TITLE));
            used.extend(lines.filter_map(|line| {
                let rest = line.strip_prefix(NUMBER)?;
                rest.split(' ').next()?.parse::<u64>().ok()
            }));
            let files = self.db.property_int_value_cf(family, COUNT);
            count += files.map_err(self.failed("measure"))?.unwrap_or(0);
        }
        // A description is for people, and may change.
        Ok((used.len() as u64 == count).then_some(used))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use super::*;
    use crate::engine::{Engine, Flush};
    use crate::engines::rocksdb::Rocks;
    use datastore::{Batch, Key};

    fn options(dir: &Path) -> Options {
        Options::new(dir.join("rocksdb"))
    }

    /// A closed store with one value in one blob file, whose path is returned.
    fn stored(dir: &Path) -> PathBuf {
        let store = Rocks::open(&options(dir)).unwrap();
        let mut batch = Batch::new();
        batch.put(key(), vec![7; 5000]);
        store.write(&batch, Flush::Yes).unwrap();
        store.close().unwrap();
        drop(store);
        let mut blobs = blobs(&dir.join("rocksdb")).unwrap();
        assert_eq!(blobs.len(), 1);
        blobs.remove(0)
    }

    fn key() -> Key {
        Key::block(&[7; 34]).unwrap()
    }

    #[test]
    fn a_blob_file_without_an_end_that_nothing_points_to_goes_at_the_next_open() {
        let dir = tempfile::tempdir().unwrap();
        let used = stored(dir.path());
        let part = &fs::read(&used).unwrap()[..3000];
        // One of a number that was given, and one of a number that would be.
        let unused = ["000001.blob", "000900.blob"].map(|name| used.with_file_name(name));
        for path in &unused {
            fs::write(path, part).unwrap();
        }
        let read_only = Options {
            read_only: true,
            ..options(dir.path())
        };
        drop(Rocks::open(&read_only).unwrap());
        assert!(unused.iter().all(|path| path.exists()));
        let store = Rocks::open(&options(dir.path())).unwrap();
        assert_eq!(blobs(&dir.path().join("rocksdb")).unwrap(), [used]);
        assert_eq!(store.get(&key()).unwrap().unwrap(), [7; 5000][..]);
    }

    #[test]
    fn an_open_that_fails_leaves_no_more_room_taken() {
        let dir = tempfile::tempdir().unwrap();
        let used = stored(dir.path());
        let unused = used.with_file_name("000900.blob");
        fs::copy(&used, &unused).unwrap();
        remove_all(&options(dir.path()));
        assert_eq!(blobs(&dir.path().join("rocksdb")).unwrap(), [used]);
    }

    #[test]
    fn one_that_was_cut_by_damage_stays() {
        let dir = tempfile::tempdir().unwrap();
        let used = stored(dir.path());
        let file = fs::File::options().write(true).open(&used).unwrap();
        file.set_len(5020).unwrap();
        // Whether it opens is for RocksDB to say.
        drop(Rocks::open(&options(dir.path())));
        assert_eq!(fs::metadata(&used).unwrap().len(), 5020);
    }

    #[test]
    fn all_that_are_in_use_are_told() {
        let dir = tempfile::tempdir().unwrap();
        stored(dir.path());
        let store = Rocks::open(&options(dir.path())).unwrap();
        for n in 0..3 {
            let mut batch = Batch::new();
            batch.put(Key::block(&[n; 34]).unwrap(), vec![n; 5000]);
            store.write(&batch, Flush::No).unwrap();
            store.db.write_tables().unwrap();
        }
        let used = store.db.blobs_in_use().unwrap().unwrap();
        assert_eq!(used.len(), 4);
        for path in blobs(&dir.path().join("rocksdb")).unwrap() {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(used.contains(&number(name).unwrap()), "{name}");
        }
    }
}
