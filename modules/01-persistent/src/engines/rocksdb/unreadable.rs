//! Keys whose values cannot be read.
//!
//! An iterator of RocksDB reads a value before it gives the key, and where a blob is damaged it
//! gives neither and goes no further. (It could read values later, by `allow_unprepared_value`,
//! for which the crate has no setter.) So the key is found from outside: an iterator fails if its
//! end lies behind that key, and does not if it lies before. Each byte takes eight such questions.

use ::rocksdb::{ColumnFamily, ReadOptions};
use datastore::Result;

use super::Db;
use crate::engines::pages::{Space, behind};

/// Bytes of a key, at most. None is written here that has more.
const LONGEST: usize = 4 << 10;

impl Db {
    /// The first key from `start` on, if it is its value that cannot be read.
    pub(super) fn unreadable(&self, space: Space, start: &[u8]) -> Result<Option<Vec<u8>>> {
        let family = self.family(space)?;
        let lies_before = |end: &[u8]| end > start && self.fails(family, start, end);
        let with = |key: &[u8], byte: u8| [key, &[byte]].concat();
        let bytes: Vec<u8> = (1..=u8::MAX).collect();
        let mut key = Vec::new();
        while !lies_before(&behind(&key)) {
            if key.len() == LONGEST {
                return Ok(None);
            }
            // As many bytes as are not behind it: that is the next one.
            let next = bytes.partition_point(|byte| !lies_before(&with(&key, *byte)));
            key.push(u8::try_from(next).unwrap_or(u8::MAX));
        }
        let found = key.as_slice() >= start && self.is_unreadable(space, &key)?;
        Ok(found.then_some(key))
    }

    /// Whether `key` is there, and its value cannot be read.
    pub(super) fn is_unreadable(&self, space: Space, key: &[u8]) -> Result<bool> {
        let family = self.family(space)?;
        // Where nothing at all can be read it is the table that is damaged, and may not have it.
        Ok(!self.fails(family, key, key)
            && self.fails(family, key, &behind(key))
            && self.db.get_pinned_cf(family, key).is_err())
    }

    /// Whether the first key from `start` on, or the way to it, cannot be read; false if there is
    /// none before `end`.
    fn fails(&self, family: &ColumnFamily, start: &[u8], end: &[u8]) -> bool {
        let mut read = ReadOptions::default();
        read.set_iterate_upper_bound(end);
        let mut entries = self.db.raw_iterator_cf_opt(family, read);
        entries.seek(start);
        entries.status().is_err()
    }
}
