//! fjall.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use bytes::Bytes;

use super::Raw;

/// One keyspace, large values in blob files.
pub struct Fjall {
    db: fjall::Database,
    blocks: fjall::Keyspace,
}

impl Fjall {
    pub fn open(dir: &Path, cache: u64) -> Fjall {
        use fjall::{CompressionType, KeyspaceCreateOptions, KvSeparationOptions};
        let none = CompressionType::None;
        let db = fjall::Database::builder(dir.join("raw-fjall"))
            .cache_size(cache)
            .journal_compression(none)
            .open()
            .unwrap();
        let blobs = KvSeparationOptions::default()
            .separation_threshold(1 << 10)
            .compression(none);
        let blocks = db
            .keyspace("blocks", || {
                KeyspaceCreateOptions::default()
                    .data_block_compression_policy(fjall::config::CompressionPolicy::all(none))
                    .with_kv_separation(Some(blobs.clone()))
            })
            .unwrap();
        Fjall { db, blocks }
    }
}

impl Raw for Fjall {
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool) {
        let mut batch = self.db.batch();
        for (key, value) in entries {
            batch.insert(&self.blocks, &key[..], value.clone());
        }
        batch.commit().unwrap();
        if durable {
            self.db.persist(fjall::PersistMode::SyncData).unwrap();
        }
    }

    fn get(&self, key: &[u8]) -> usize {
        std::hint::black_box(self.blocks.get(key).unwrap().unwrap()).len()
    }

    fn has(&self, key: &[u8]) -> bool {
        self.blocks.contains_key(key).unwrap()
    }

    fn delete(&self, key: &[u8]) {
        self.blocks.remove(key).unwrap();
    }

    /// What is in memory becomes a table, as with ours: the next open would read it into memory again, and
    /// gets from there are no gets from tables.
    fn close(self: Box<Self>) {
        self.blocks.rotate_memtable().unwrap();
        while self.blocks.sealed_memtable_count() > 0 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    fn each_key(&self, see: &mut dyn FnMut(&[u8])) {
        for entry in self.blocks.iter() {
            see(&entry.key().unwrap());
        }
    }

    fn each(&self, see: &mut dyn FnMut(&[u8], &[u8])) {
        for entry in self.blocks.iter() {
            let (key, value) = entry.into_inner().unwrap();
            see(&key, &value);
        }
    }
}
