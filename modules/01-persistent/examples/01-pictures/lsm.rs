//! A log-structured merge tree, with tables so small that they can be drawn.

use crate::btree::{Key, ROOM};

/// So many tables are merged into one.
pub const TABLES: usize = 3;

/// The tree.
#[derive(Debug, Default)]
pub struct Lsm {
    /// What was put lately, sorted; each of it is in the log, too.
    pub memory: Vec<Key>,
    /// Tables that were flushed, the youngest last.
    pub young: Vec<Vec<Key>>,
    /// What they were merged into.
    pub old: Vec<Vec<Key>>,
}

/// What one put has written, in keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wrote {
    /// To the log.
    pub log: usize,
    /// To a table, from memory.
    pub flush: usize,
    /// To a table, from tables.
    pub merge: usize,
}

impl Wrote {
    /// All of it.
    pub fn all(&self) -> usize {
        self.log + self.flush + self.merge
    }
}

impl Lsm {
    /// Puts a key.
    pub fn put(&mut self, key: Key) -> Wrote {
        let mut wrote = Wrote {
            log: 1,
            ..Wrote::default()
        };
        let at = self.memory.partition_point(|known| *known < key);
        self.memory.insert(at, key);
        if self.memory.len() == ROOM {
            let frozen = std::mem::take(&mut self.memory);
            wrote.flush = frozen.len();
            self.young.push(frozen);
        }
        if self.young.len() == TABLES {
            let mut merged: Vec<Key> = std::mem::take(&mut self.young).concat();
            merged.sort();
            wrote.merge = merged.len();
            self.old.push(merged);
        }
        wrote
    }

    /// All keys, sorted.
    pub fn keys(&self) -> Vec<Key> {
        let tables = self.old.iter().chain(&self.young).flatten();
        let mut keys: Vec<Key> = tables.chain(&self.memory).copied().collect();
        keys.sort();
        keys
    }
}
