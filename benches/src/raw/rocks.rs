//! RocksDB.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use bytes::Bytes;

use super::Raw;

/// The default column family, large values in blob files.
pub struct Rocks(rocksdb::DB);

impl Rocks {
    pub fn open(dir: &Path, cache: u64) -> Rocks {
        let mut options = rocksdb::Options::default();
        options.create_if_missing(true);
        options.set_enable_blob_files(true);
        options.set_min_blob_size(1 << 10);
        options.set_write_buffer_size(32 << 20);
        options.set_compression_type(rocksdb::DBCompressionType::None);
        options.set_blob_compression_type(rocksdb::DBCompressionType::None);
        let mut table = rocksdb::BlockBasedOptions::default();
        table.set_block_cache(&rocksdb::Cache::new_lru_cache(cache as usize));
        table.set_bloom_filter(10.0, false);
        options.set_block_based_table_factory(&table);
        Rocks(rocksdb::DB::open(&options, dir.join("raw-rocksdb")).unwrap())
    }
}

impl Raw for Rocks {
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool) {
        let mut batch = rocksdb::WriteBatch::default();
        for (key, value) in entries {
            batch.put(key, value);
        }
        let mut options = rocksdb::WriteOptions::default();
        options.set_sync(durable);
        self.0.write_opt(batch, &options).unwrap();
    }

    fn get(&self, key: &[u8]) -> usize {
        std::hint::black_box(self.0.get(key).unwrap().unwrap()).len()
    }

    fn has(&self, key: &[u8]) -> bool {
        self.0.get_pinned(key).unwrap().is_some()
    }

    fn delete(&self, key: &[u8]) {
        self.0.delete(key).unwrap();
    }

    fn each_key(&self, see: &mut dyn FnMut(&[u8])) {
        self.each(&mut |key, _| see(key));
    }

    fn each(&self, see: &mut dyn FnMut(&[u8], &[u8])) {
        for entry in self.0.iterator(rocksdb::IteratorMode::Start) {
            let (key, value) = entry.unwrap();
            see(&key, &value);
        }
    }
}
