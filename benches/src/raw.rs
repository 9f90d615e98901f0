//! The bare engines, opened with the options that ours are opened with.
//!
//! These are the shortest programs that do the work: no lock, no guard, no hash, no group. They
//! panic on any error, since a bench that fails is no bench.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use datastore::{Batch, Key};
use persistent::Kind;
use persistent::engine::{Engine, Flush, Options};
use persistent::engines::pack::Pack;
use redb::{ReadableDatabase, TableDefinition};

/// What a bare engine does.
pub trait Raw: Send + Sync {
    /// Puts all of them; on disk when it returns if `durable`.
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool);
    /// The length of the value under `key`, having read it whole into memory of its own.
    fn get(&self, key: &[u8]) -> usize;
    /// Whether `key` is there.
    fn has(&self, key: &[u8]) -> bool;
}

/// Opens the bare engine of this kind in `dir`; none for memory.
pub fn open(kind: Kind, dir: &Path, cache: u64) -> Option<Box<dyn Raw>> {
    match kind {
        Kind::File => Some(Box::new(Files::open(dir))),
        Kind::Redb => Some(Box::new(Redb::open(dir, cache))),
        Kind::Fjall => Some(Box::new(Fjall::open(dir, cache))),
        Kind::Pack => Some(Box::new(Log::open(dir))),
        #[cfg(feature = "rocksdb")]
        Kind::Rocksdb => Some(Box::new(Rocks::open(dir, cache))),
        _ => None,
    }
}

/// One file a block, in as many folders as flatfs has.
struct Files {
    root: PathBuf,
    next: AtomicU64,
}

impl Files {
    fn open(dir: &Path) -> Files {
        let root = dir.join("files");
        fs::create_dir_all(root.join(".temp")).unwrap();
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
            let temp = self.root.join(".temp").join(n.to_string());
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
}

struct Redb {
    db: redb::Database,
    unflushed: AtomicU64,
}

const BLOCKS: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("blocks");

/// Pages that are replaced are used again only after a flush, so one is made now and then.
const UNFLUSHED: u64 = 64 << 20;

impl Redb {
    fn open(dir: &Path, cache: u64) -> Redb {
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
}

struct Fjall {
    db: fjall::Database,
    blocks: fjall::Keyspace,
}

impl Fjall {
    fn open(dir: &Path, cache: u64) -> Fjall {
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
}

/// Our own engine, which the system caches for.
struct Log(Pack);

impl Log {
    fn open(dir: &Path) -> Log {
        Log(Pack::open(&Options::new(dir.join("raw-pack"))).unwrap())
    }
}

impl Raw for Log {
    fn put_many(&self, entries: &[(Vec<u8>, Bytes)], durable: bool) {
        let mut batch = Batch::new();
        for (key, value) in entries {
            batch.put(Key::block(key).unwrap(), value.clone());
        }
        let flush = if durable { Flush::Yes } else { Flush::No };
        self.0.write(&batch, flush).unwrap();
    }

    fn get(&self, key: &[u8]) -> usize {
        let value = self.0.get(&Key::block(key).unwrap()).unwrap();
        std::hint::black_box(value.unwrap()).len()
    }

    fn has(&self, key: &[u8]) -> bool {
        self.0.has(&Key::block(key).unwrap()).unwrap()
    }
}

#[cfg(feature = "rocksdb")]
struct Rocks(rocksdb::DB);

#[cfg(feature = "rocksdb")]
impl Rocks {
    fn open(dir: &Path, cache: u64) -> Rocks {
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

#[cfg(feature = "rocksdb")]
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
}
