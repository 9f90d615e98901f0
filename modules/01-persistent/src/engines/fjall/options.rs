//! How fjall is set up, and why: write-once values under random keys.
//!
//! The figures are medians of `cargo run --release -p persistent --example tune -- fjall`, on a
//! machine of 2 cores; they show proportions.

use std::path::Path;

use ::fjall::{
    CompressionType, Database, DatabaseBuilder, KeyspaceCreateOptions, KvSeparationOptions,
    config::CompressionPolicy,
};

use crate::engine::{Compression, Options};

/// Values of this many bytes and more lie in blob files, 1 KiB.
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
