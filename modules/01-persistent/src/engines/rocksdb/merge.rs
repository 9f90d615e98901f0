//! The compaction that a user asks for.
//!
//! Tables are merged at once; blob files in steps that find room on the disk, and only if something in
//! them was deleted.

use ::rocksdb::{BottommostLevelCompaction, CompactOptions};
use datastore::Result;

use super::{Db, options};
use crate::engines::pages::Space;
use crate::guard::Left;

/// The least of the blob files that a step writes again, in bytes.
const IN_STEP: u64 = 16 << 20;

impl Db {
    /// Writes everything again without what was deleted.
    pub(super) fn merge_all(&self) -> Result<()> {
        let merged = self.merge_blocks();
        // However that ended, RocksDB goes on by itself.
        self.keep_blobs(options::BLOB_AGE_CUTOFF).and(merged)?;
        self.merge(Space::Meta)
    }

    /// Which share of the blob files, from the oldest on, a merge of tables writes again without what
    /// was deleted.
    fn keep_blobs(&self, share: f64) -> Result<()> {
        let option = [("blob_garbage_collection_age_cutoff", &*share.to_string())];
        let set = self.db.set_options_cf(self.family(Space::Blocks)?, &option);
        set.map_err(self.failed("compact"))
    }

    /// Merges all tables of a family.
    fn merge(&self, space: Space) -> Result<()> {
        let mut all = CompactOptions::default();
        all.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
        let none: Option<&[u8]> = None;
        let family = self.family(space)?;
        self.db.compact_range_cf_opt(family, none, none, &all);
        Ok(())
    }

    /// Merges the tables of blocks, and their blob files.
    fn merge_blocks(&self) -> Result<()> {
        // The tables first. That tells which values nobody points to any more, and lets go of the blob
        // files that hold no others.
        self.keep_blobs(0.0)?;
        self.merge(Space::Blocks)?;
        let steps = self.blob_steps()?;
        // The oldest go first, and what is kept of them is the newest then.
        self.keep_blobs((1.5 / steps.max(1) as f64).min(1.0))?;
        (0..steps).try_for_each(|_| self.merge(Space::Blocks))
    }

    /// In how many steps the blob files are written again, so that each finds room on the disk: what
    /// a step has written again it gives back. None, if no value in them was deleted.
    fn blob_steps(&self) -> Result<u64> {
        let blocks = self.family(Space::Blocks)?;
        let value = |name| {
            let value = self.db.property_int_value_cf(blocks, name);
            Ok(value.map_err(self.failed("measure"))?.unwrap_or(0))
        };
        if value("rocksdb.live-blob-file-garbage-size")? == 0 {
            return Ok(0);
        }
        let room = (Left::on(&self.dir)?.bytes / 2).max(IN_STEP);
        let steps = value("rocksdb.live-blob-file-size")?.div_ceil(room);
        Ok(steps.clamp(1, value("rocksdb.num-blob-files")?.max(1)))
    }
}
