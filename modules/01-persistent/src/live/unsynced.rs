//! What was acknowledged before it was on disk, and may be lost when the engine is opened anew.
//!
//! Every engine that is opened anew counts as one that lost it, for a reason of its own:
//!
//! | engine | opened anew after a lack of space | what was not flushed |
//! | --- | --- | --- |
//! | redb | always | is in memory alone, and is gone |
//! | fjall | always | is in the journal, in the page cache; but a flush that failed for lack of space may have cost it its pages, and does not look different from a write that failed |
//! | rocksdb | always | the same; and the logs that it finds are no part of its next flush |
//! | file | if a flush failed, or other keys are open | other keys are in redb; blocks are files in the page cache, which the next flush does not know of |
//! | memory | never | |
//!
//! A `file` store that fails to write a block is not opened anew, and has lost nothing.

use datastore::{Batch, Result};

use crate::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Writes that no flush has followed. It changes while the engine is held: by writes and flushes
/// together with others, by an opening alone.
#[derive(Debug, Default)]
pub(super) struct Unsynced {
    some: AtomicBool,
    puts: AtomicBool,
    /// There were some when the engine was opened anew, and nobody was told.
    dropped: AtomicBool,
}

impl Unsynced {
    /// The engine has done the writes of `batch`.
    pub fn wrote(&self, batch: &Batch) {
        self.some.store(true, SeqCst);
        if batch.puts() > 0 {
            self.puts.store(true, SeqCst);
        }
    }

    /// Whether something was put.
    pub fn has_puts(&self) -> bool {
        self.puts.load(SeqCst)
    }

    /// Has `flush` make durable what there is.
    pub fn flushed(&self, flush: impl FnOnce() -> Result<()>) -> Result<()> {
        // First: what is written meanwhile may be no part of the flush.
        let (some, puts) = (self.some.swap(false, SeqCst), self.puts.swap(false, SeqCst));
        let flushed = flush();
        if flushed.is_err() {
            self.some.fetch_or(some, SeqCst);
            self.puts.fetch_or(puts, SeqCst);
        }
        flushed
    }

    /// The engine is opened anew, and nobody else has it.
    pub fn reopened(&self) {
        self.puts.store(false, SeqCst);
        if self.some.swap(false, SeqCst) {
            self.dropped.store(true, SeqCst);
        }
    }

    /// Whether something may be lost; whoever asks tells it.
    pub fn take_dropped(&self) -> bool {
        self.dropped.swap(false, SeqCst)
    }
}
