//! Waiting for the threads in the background, without waiting for them in vain.
//!
//! Memory is filled faster than tables are written, so a writer has to wait now and then. fjall
//! makes it wait too, at four full lists in memory or thirty runs of tables, but does not look
//! whether anyone is left to write them: its threads end at the first error, such as a full disk,
//! and the writer then waits for ever. So writers wait here, a little earlier, and look.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ::fjall::PersistMode;
use datastore::{Error, Result};

use super::{Db, NAME};

/// A look costs two locks, so it is taken once for this many bytes; a list in memory has 64 MiB.
const LOOK_EVERY: u64 = 1 << 20;

/// Lists in memory that wait to be written. One more may be due, and the batch that is let in can
/// fill another, which makes three; fjall stops at four.
const SEALED: usize = 1;

/// Tables that wait to be merged; fjall slows down at 20 and stops at 30.
const UNMERGED: usize = 20;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(1);

/// A thread that shows no progress for so long has died without saying so.
const PATIENCE: Duration = Duration::from_secs(120);

/// The bytes written since the last look. Held through a commit, of which fjall does one at a time
/// in any case.
pub(super) struct Stall(Mutex<u64>);

impl Default for Stall {
    fn default() -> Stall {
        // What was there before the store was opened counts too.
        Stall(Mutex::new(LOOK_EVERY))
    }
}

impl Stall {
    /// Does `commit`, which writes so many bytes, once there is room in memory.
    pub(super) fn admit(
        &self,
        db: &Db,
        bytes: u64,
        commit: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let mut unlooked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *unlooked = unlooked.saturating_add(bytes);
        if *unlooked >= LOOK_EVERY {
            wait_until(db, || {
                [&db.blocks, &db.meta].into_iter().all(|keyspace| {
                    keyspace.sealed_memtable_count() <= SEALED
                        && keyspace.l0_table_count() < UNMERGED
                })
            })?;
            *unlooked = 0;
        }
        commit()
    }
}

/// Waits until `done`, or until it is known that the threads in the background will not do it.
pub(super) fn wait_until(db: &Db, done: impl Fn() -> bool) -> Result<()> {
    let progress = || {
        [&db.blocks, &db.meta].map(|keyspace| {
            (
                keyspace.sealed_memtable_count(),
                keyspace.l0_table_count(),
                keyspace.table_count(),
            )
        })
    };
    let mut seen = progress();
    let mut since = Instant::now();
    while !done() {
        // Says whether a thread has failed.
        let alive = db.database.persist(PersistMode::Buffer);
        alive.map_err(db.failed("flush"))?;
        let now = progress();
        if now != seen {
            (seen, since) = (now, Instant::now());
        } else if since.elapsed() > PATIENCE {
            return Err(Error::engine(NAME, "flush", Dead));
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
#[error("its threads make no progress: open the store again")]
struct Dead;
