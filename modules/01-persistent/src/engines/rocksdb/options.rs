//! How RocksDB is set up, and why: write-once values under random keys.
//!
//! The figures are microseconds an operation, medians of three interleaved runs of
//! `cargo run --release -p persistent --features rocksdb --example tune -- rocksdb 256 400000`
//! (and `4096 40000`, `262144 512 16`) in a file system in memory, on a machine of 2 cores that
//! had other work: they show proportions.
//!
//! Tried and left out: a cache of blob files (get of 4 KiB 9.1 without, 11.4 with; the system's
//! page cache holds them already).

use ::rocksdb::{
    BlockBasedOptions, Cache, DBCompressionType, DBRecoveryMode, InfoLogger, LogLevel,
};

use crate::engine::{Compression, Options};

/// The column family of blocks, under their multihashes.
pub(super) const BLOCKS: &str = "blocks";

/// The column family of other keys.
pub(super) const META: &str = "meta";

/// Values of this many bytes and more lie in blob files, 1 KiB. Smaller ones would gain nothing:
/// with those of 256 B outside, too, a put took 5.7 instead of 4.6, and a close twice as long.
const SEPARATE: u64 = 1 << 10;

/// Of the blob files, the oldest quarter is looked through for what was deleted when tables are
/// merged.
pub(super) const BLOB_AGE_CUTOFF: f64 = 0.25;

/// Bytes in memory that become one table, 32 MiB. With 64, a put of 256 B took 4.6 instead of 2.8,
/// one of 256 KiB 1060 instead of 570, and a store that ran full needs twice the room to recover.
const IN_MEMORY: usize = 32 << 20;

/// Of the whole database.
pub(super) fn database(options: &Options) -> ::rocksdb::Options {
    let mut database = base();
    database.create_if_missing(!options.read_only);
    database.create_missing_column_families(!options.read_only);

    // A half-written batch at the end of the log is what a crash leaves, and is dropped; anything
    // else is damage, and refuses the store. The default would drop all that follows it.
    if options.tolerant {
        // What is salvaged goes through a hash each, so anything may be skipped.
        database.set_wal_recovery_mode(DBRecoveryMode::SkipAnyCorruptedRecord);
        database.set_paranoid_checks(false);
    } else {
        database.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
        // A log that is missing or shorter than what was flushed of it is damage too.
        database.set_track_and_verify_wals_in_manifest(true);
    }

    // Messages go nowhere. In a file they would be written by readers too, and without end.
    database.set_info_logger(InfoLogger::new_callback_logger(LogLevel::Fatal, |_, _| {}));
    database.set_stats_dump_period_sec(0);
    database.set_stats_persist_period_sec(0);

    // One thread to flush, one or more to merge.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    database.set_max_background_jobs(cores.clamp(2, 4) as i32);
    // A table and a blob file of 64 MiB each would, at a TiB, be more files than a process may have
    // open.
    database.set_max_open_files(500);
    // The log is shared: a value in `meta` that stays in memory keeps all of it. 256 MiB.
    database.set_max_total_wal_size(256 << 20);
    // Opening a large store need not read the properties of each table.
    database.set_skip_stats_update_on_db_open(true);
    // 4 MiB are reserved for the manifest unless told otherwise, of which most stores need little.
    database.set_manifest_preallocation_size(64 << 10);
    database
}

/// Of each column family, with its name.
pub(super) fn families(options: &Options) -> [(&'static str, ::rocksdb::Options); 2] {
    let cache = Cache::new_lru_cache(usize::try_from(options.cache).unwrap_or(usize::MAX));
    [
        (BLOCKS, blocks(options, &cache)),
        (META, family(options, &cache)),
    ]
}

fn blocks(options: &Options, cache: &Cache) -> ::rocksdb::Options {
    let mut blocks = family(options, cache);
    blocks.set_enable_blob_files(true);
    blocks.set_min_blob_size(SEPARATE);
    blocks.set_blob_file_size(256 << 20);
    blocks.set_blob_compression_type(compression(options.compression));
    // Deleted blocks give their space back when the tables that point to them are merged.
    blocks.set_enable_blob_gc(true);
    blocks.set_blob_gc_age_cutoff(BLOB_AGE_CUTOFF);
    blocks
}

fn family(options: &Options, cache: &Cache) -> ::rocksdb::Options {
    let mut family = base();
    family.set_write_buffer_size(IN_MEMORY);
    family.set_compression_type(compression(options.compression));
    family.set_block_based_table_factory(&table(cache));
    family
}

fn table(cache: &Cache) -> BlockBasedOptions {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    // Most questions of a network are for blocks that are not here. Ten bits a key answer all but
    // one in a hundred of them from memory.
    table.set_bloom_filter(10.0, false);
    table.set_optimize_filters_for_memory(true);
    // Filters and indexes count as cache, so that a large store does not outgrow its memory; those
    // of the newest tables, which every look-up asks, stay.
    table.set_cache_index_and_filter_blocks(true);
    table.set_cache_index_and_filter_blocks_with_high_priority(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    // A hash table in each page of keys was tried, and found nothing faster (6.2 without, 7.6 with).
    table
}

fn compression(compression: Compression) -> DBCompressionType {
    match compression {
        Compression::None => DBCompressionType::None,
        Compression::Lz4 => DBCompressionType::Lz4,
    }
}

/// Options that have no setter of their own.
///
/// What the log holds stays in memory after a crash, and the log on disk, instead of becoming a
/// table at once. That opens faster, and on a full disk it often is what lets the store open at
/// all.
///
/// Nothing is reserved for the log: that would be 35 MiB, a part of which a quota counts, and on a
/// full disk the ballast would go for it.
pub(super) const BY_TEXT: &str = "avoid_flush_during_recovery=true;allow_fallocate=false";

fn base() -> ::rocksdb::Options {
    let options = ::rocksdb::Options::default().get_options_from_string(BY_TEXT);
    // It fails for an option that is unknown, and a test knows that this one is not.
    options.unwrap_or_default()
}
