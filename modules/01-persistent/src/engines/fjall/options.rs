//! How fjall is set up, and why: write-once values under random keys.
//!
//! The figures are microseconds an operation, medians of three interleaved runs of
//! `cargo run --release -p persistent --example tune -- fjall 256 400000` (and `2048 60000`,
//! `262144 512 16`) in a file system in memory, on a machine of 2 cores that had other work: they
//! show proportions.
//!
//! Tried and left out: lists in memory of 32 MiB instead of 64 (a put of 256 B took 4.5 instead of
//! 3.2), a hash table in each page of keys (get 8.0 with, 4.9 without). Values go in and out as
//! `bytes::Bytes` (fjall's feature `bytes_1`), without a copy: a put of 256 KiB takes 114, with a
//! copy 250.

use std::path::Path;

use ::fjall::{
    CompressionType, Database, DatabaseBuilder, KeyspaceCreateOptions, KvSeparationOptions,
    config::CompressionPolicy,
};

use crate::engine::{Compression, Options};

/// Values of this many bytes and more lie in blob files, 1 KiB. With 128 B, blocks of 256 B were
/// put as fast, but got in 6.1 instead of 4.9; with 4 KiB, the size of a block of 2 KiB took 5.0
/// instead of 1.5.
pub(super) const SEPARATE: u32 = 1 << 10;

/// Bytes in memory from which a close writes a table, 8 MiB.
pub(super) const WORTH_A_TABLE: u64 = 8 << 20;

pub(super) fn database(dir: &Path, options: &Options) -> DatabaseBuilder<Database> {
    Database::builder(dir)
        .cache_size(options.cache)
        // fjall would compress each value of 4 KiB and more on its way into the journal.
        .journal_compression(compression(options.compression))
}

pub(super) fn blocks(options: &Options) -> KeyspaceCreateOptions {
    let blobs = KvSeparationOptions::default()
        .separation_threshold(SEPARATE)
        // Any blob file of which a quarter is deleted is written again when its tables are merged.
        // fjall would take the oldest quarter of those, and so none of three; but the age of a
        // block says nothing of when it is deleted.
        .age_cutoff(1.0)
        .compression(compression(options.compression));
    meta(options).with_kv_separation(Some(blobs))
}

pub(super) fn meta(options: &Options) -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .data_block_compression_policy(CompressionPolicy::all(compression(options.compression)))
}

fn compression(compression: Compression) -> CompressionType {
    match compression {
        Compression::None => CompressionType::None,
        Compression::Lz4 => CompressionType::Lz4,
    }
}
