//! redb.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use redb::{ReadableDatabase, ReadableTable, TableDefinition};

use super::Raw;

/// One table in one file.
pub struct Redb {
    db: redb::Database,
    unflushed: AtomicU64,
}

const BLOCKS: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("blocks");

/// Pages that are replaced are used again only after a flush, so one is made now and then.
const UNFLUSHED: u64 = 64 << 20;

impl Redb {
    pub fn open(dir: &Path, cache: u64) -> Redb {
        let db = redb::Builder::new()
            .set_cache_size(cache as usize)
            .create(dir.join("raw.redb"))
            .unwrap();
        let write = db.begin_write().unwrap();
        write.open_table(BLOCKS).unwrap();
        write.commit().unwrap();
        Redb {
            db,
            unflushed: AtomicU64::new(0),
        }
    }
}

impl Raw for Redb {
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool) {
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let bytes: usize = entries.iter().map(|(_, value)| value.len()).sum();
        let unflushed = self.unflushed.fetch_add(bytes as u64, Ordering::Relaxed);
        let mut write = self.db.begin_write().unwrap();
        if !durable && unflushed > UNFLUSHED {
            self.unflushed.store(0, Ordering::Relaxed);
        } else if !durable {
            write.set_durability(redb::Durability::None).unwrap();
        }
        {
            let mut table = write.open_table(BLOCKS).unwrap();
            for (key, value) in sorted {
                table.insert(&key[..], &value[..]).unwrap();
            }
        }
        write.commit().unwrap();
    }

    fn get(&self, key: &[u8]) -> usize {
        let read = self.db.begin_read().unwrap();
        let table = read.open_table(BLOCKS).unwrap();
        let value = table.get(key).unwrap().unwrap();
        // What is read lies in the cache until the guard goes, so whoever wants it copies it.
        std::hint::black_box(value.value().to_vec()).len()
    }

    fn has(&self, key: &[u8]) -> bool {
        let read = self.db.begin_read().unwrap();
        read.open_table(BLOCKS).unwrap().get(key).unwrap().is_some()
    }

    fn delete(&self, key: &[u8]) {
        let mut write = self.db.begin_write().unwrap();
        write.set_durability(redb::Durability::None).unwrap();
        write.open_table(BLOCKS).unwrap().remove(key).unwrap();
        write.commit().unwrap();
    }

    fn each_key(&self, see: &mut dyn FnMut(&[u8])) {
        self.each(&mut |key, _| see(key));
    }

    fn each(&self, see: &mut dyn FnMut(&[u8], &[u8])) {
        let read = self.db.begin_read().unwrap();
        for entry in read.open_table(BLOCKS).unwrap().iter().unwrap() {
            let (key, value) = entry.unwrap();
            see(key.value(), value.value());
        }
    }
}
