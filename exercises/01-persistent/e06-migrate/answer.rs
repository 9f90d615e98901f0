//! 01-6: everything in one store, in another.

use datastore::{Batch, Datastore, Key, Result};
use sha2::{Digest, Sha256};

/// What a migration did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries that were written to the target.
    pub copied: u64,
    /// Entries that were there, with the same value.
    pub skipped: u64,
    /// Blocks of the source that are not what their key says. They are not copied.
    pub damaged: Vec<Key>,
}

/// How many bytes a batch may have before it is applied.
pub const BATCH: u64 = 1 << 20;

/// Whether a value is what its key says. The key of a block is its multihash: for sha2-256 that is `12 20` and
/// the digest. Of other keys, and of other hashes, nothing here can tell.
pub fn proven(key: &Key, value: &[u8]) -> bool {
    //~ todo: hash, if it is a block by sha2-256
    match key
        .as_block()
        .and_then(|hash| hash.strip_prefix(&[0x12, 0x20]))
    {
        Some(digest) => digest == &Sha256::digest(value)[..],
        None => true,
    }
    //~ end
}

/// Copies what `to` lacks, or has otherwise, from `from`. When this returns, it is durable. It may be killed at
/// any moment, and the same call goes on where it ended.
pub fn migrate(from: &dyn Datastore, to: &dyn Datastore) -> Result<Report> {
    //~ todo: ask the target before you write, and write in batches
    let mut report = Report::default();
    let mut batch = Batch::new();
    for entry in from.query(&Key::root())? {
        let (key, value) = entry?;
        if !proven(&key, &value) {
            report.damaged.push(key);
        } else if to.get(&key)?.as_ref() == Some(&value) {
            report.skipped += 1;
        } else {
            report.copied += 1;
            batch.put(key, value);
            if batch.bytes() >= BATCH {
                to.apply(std::mem::take(&mut batch))?;
            }
        }
    }
    to.apply(batch)?;
    to.sync()?;
    Ok(report)
    //~ end
}
