//! The disk-space guard: refuses a write while there is still room to refuse it cleanly.
//!
//! An engine that meets a full disk in the middle of a write has its own idea of what happens
//! next. The guard sits above it and keeps a minimum free, and a quota if there is one:
//!
//! ```text
//! write of n bytes ──► credit ≥ n ? ──yes──► credit -= n, go on          (one atomic subtraction)
//!                          │ no
//!                          ▼
//!                look at the file system: room = min(available - minimum, quota - used)
//!                room ≥ n ?  ──yes──► credit = min(room, 8 MiB) - n, go on
//!                          │ no
//!                          ▼
//!                StorageFull { path, available, needed }                  (nothing was written)
//! ```
//!
//! So the file system is asked at most once per 8 MiB written, and near the limit, where room is
//! less than that, before each write that the last look does not cover. Another process can eat
//! the disk between look and write; then the engine's own "no space left" becomes the same
//! error.
//!
//! The file system does not see what an engine still has in memory. That is taken off the room;
//! where it matters, near the limit, the store is synced first, and measured after that.
//!
//! What the ballast lacks is no room for a write. It is taken here, as the store
//! grows, since here the file system has just been asked.

mod cost;
mod left;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, Limit, Result};

use crate::ballast::Ballast;
pub use cost::Cost;
pub(crate) use left::Left;

/// Bytes that may be written on one look at the file system.
pub const SAMPLE: u64 = 8 << 20;

/// Keys of so many bytes more: those of blocks of 4 KiB, and twice as many.
const KEYS: u64 = SAMPLE / 50;

/// Values that may be kept on one look at the file system, where each takes more than its bytes:
/// as many of 4 KiB.
const SAMPLE_FILES: u64 = SAMPLE / 4096;

/// Inodes that a new value may take: its file, and the folder that this is the first file of.
const INODES: u64 = 2;

/// How often a full quota is measured anew when nothing was deleted.
const REMEASURE: Duration = Duration::from_secs(1);

/// Bytes that writes of before may still take on disk.
type Unseen = Box<dyn Fn() -> Result<u64> + Send + Sync>;

/// A datastore on disk that refuses writes for which there is no room.
pub struct Guard<D> {
    inner: D,
    path: PathBuf,
    min_free: u64,
    quota: Option<u64>,
    cost: Cost,
    ballast: Arc<Ballast>,
    unseen: Unseen,
    credit: AtomicI64,
    files: AtomicI64,
    deleted: Arc<AtomicBool>,
    looks: AtomicU64,
    slow: Mutex<Slow>,
}

/// What only the slow path needs.
struct Slow {
    // Bytes on disk when last measured, and credit given out since.
    used: Option<u64>,
    granted: u64,
    refused: Option<Instant>,
}

impl<D: Datastore> Guard<D> {
    /// A guard over `inner`, whose data lies in `path` and whose writes have this `cost`.
    pub fn new(inner: D, path: PathBuf, min_free: u64, quota: Option<u64>, cost: Cost) -> Guard<D> {
        Guard {
            inner,
            path,
            min_free,
            quota,
            cost,
            ballast: Arc::new(Ballast::none()),
            unseen: Box::new(|| Ok(0)),
            credit: AtomicI64::new(0),
            files: AtomicI64::new(0),
            deleted: Arc::default(),
            looks: AtomicU64::new(0),
            slow: Mutex::new(Slow {
                used: None,
                granted: 0,
                refused: None,
            }),
        }
    }

    /// Keeps room for this ballast.
    pub(crate) fn with_ballast(mut self, ballast: Arc<Ballast>) -> Guard<D> {
        self.ballast = ballast;
        self
    }

    /// Counts what this says as taken, which the file system does not know of yet.
    pub(crate) fn with_unseen(
        mut self,
        unseen: impl Fn() -> Result<u64> + Send + Sync + 'static,
    ) -> Guard<D> {
        self.unseen = Box::new(unseen);
        self
    }

    /// Set where space came free by other ways than a delete: a full quota is measured anew then.
    pub(crate) fn freed(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.deleted)
    }

    /// The store that is guarded.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// How often the file system was asked; for tests and measurements.
    pub fn looks(&self) -> u64 {
        self.looks.load(Relaxed)
    }

    /// Refuses if `bytes` in `files` new values have no room.
    pub fn admit(&self, bytes: u64, files: u64) -> Result<()> {
        let bytes = bytes.saturating_mul(self.cost.per_byte);
        let need = i64::try_from(bytes).unwrap_or(i64::MAX);
        let count = if self.cost.per_value > 0 { files } else { 0 };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let enough = self.credit.fetch_sub(need, Relaxed) >= need;
        if (self.files.fetch_sub(count, Relaxed) >= count) & enough {
            return Ok(());
        }
        self.look(bytes, files)
    }

    fn look(&self, bytes: u64, files: u64) -> Result<()> {
        let need = bytes.saturating_add(files.saturating_mul(self.cost.per_value));
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        self.looks.fetch_add(1, Relaxed);
        let full = |available, needed, limit| {
            // Nothing is left over for a smaller write to pass on: it looks for itself.
            self.credit.store(0, Relaxed);
            self.files.store(0, Relaxed);
            Err(Error::StorageFull {
                path: self.path.clone(),
                available,
                needed,
                limit,
            })
        };
        let held = self.ballast.held();
        let left = self.left(need)?;
        let free = left.bytes.saturating_sub(self.min_free);
        self.ballast.take_of(free.saturating_sub(need));
        // What was taken just now is no longer free, either.
        let taken = self.ballast.held().saturating_sub(held);
        let room = free.saturating_sub(self.ballast.lacks().saturating_add(taken));
        let mut room = self.ballast.share(room);
        if need > room {
            self.ballast.make_whole();
            return full(room, need, Limit::Disk);
        }
        let mut more_files = SAMPLE_FILES;
        if self.cost.inodes {
            let inodes = left.inodes.unwrap_or(u64::MAX);
            let room = inodes / INODES;
            if files > room {
                return full(inodes, files.saturating_mul(INODES), Limit::Inodes);
            }
            more_files = more_files.min(room - files);
        }
        if let Some(quota) = self.quota {
            let left = self.quota_left(&mut slow, quota, need)?;
            if need > left {
                return full(left, need, Limit::Quota);
            }
            room = room.min(left);
        }
        // Half of what is spare for what values take beyond their bytes, the rest for bytes.
        let spare = room - need;
        if let Some(most) = (spare / 2).checked_div(self.cost.per_value) {
            more_files = more_files.min(most);
        }
        let spare = spare - more_files.saturating_mul(self.cost.per_value).min(spare);
        let more_bytes = self.sample().saturating_sub(bytes).min(spare);
        let granted = need + more_bytes + more_files.saturating_mul(self.cost.per_value);
        slow.granted = slow.granted.saturating_add(granted);
        slow.refused = None;
        let grown = bytes.saturating_add(more_bytes);
        self.ballast.grew(grown / self.cost.per_byte.max(1));
        self.credit.store(more_bytes as i64, Relaxed);
        self.files.store(more_files as i64, Relaxed);
        Ok(())
    }

    /// Bytes that may be granted beyond what is asked for.
    fn sample(&self) -> u64 {
        (SAMPLE + KEYS).saturating_mul(self.cost.per_byte)
    }

    /// What is left on the file system, and will be once all of before is on it.
    fn left(&self, need: u64) -> Result<Left> {
        let (unseen, left) = self.ask()?;
        let files = SAMPLE_FILES.saturating_mul(self.cost.per_value);
        let near = [
            self.min_free,
            self.ballast.lacks(),
            need,
            self.sample(),
            files,
        ];
        if unseen == 0 || left.bytes >= near.into_iter().fold(0, u64::saturating_add) {
            return Ok(left);
        }
        self.told(self.inner.sync(), need)?;
        Ok(self.ask()?.1)
    }

    /// What is not seen yet, and what is left without it.
    fn ask(&self) -> Result<(u64, Left)> {
        // In this order: what gets its place in between counts twice rather than not at all.
        let unseen = (self.unseen)()?;
        let mut left = Left::on(&self.path)?;
        left.bytes = left.bytes.saturating_sub(unseen);
        Ok((unseen, left))
    }

    /// Bytes of the quota that are left. Measuring walks the store's folder, so it is done only
    /// when the last measure plus all that was granted since says that the quota is used up.
    fn quota_left(&self, slow: &mut Slow, quota: u64, need: u64) -> Result<u64> {
        let used = slow.used.map(|used| used.saturating_add(slow.granted));
        let left = used.map_or(0, |used| quota.saturating_sub(used));
        let just_refused = slow.refused.is_some_and(|when| when.elapsed() < REMEASURE);
        let deleted = self.deleted.swap(false, Relaxed);
        if used.is_some() && (need <= left || (just_refused && !deleted)) {
            return Ok(left);
        }
        if (self.unseen)()? > 0 {
            self.told(self.inner.sync(), need)?;
        }
        let used = self.disk_usage()?;
        slow.used = Some(used);
        slow.granted = 0;
        let left = quota.saturating_sub(used);
        slow.refused = (need > left).then(Instant::now);
        Ok(left)
    }

    /// The engine's own "no space left", with the same words as the guard's.
    fn told<T>(&self, result: Result<T>, needed: u64) -> Result<T> {
        result.map_err(|error| {
            if matches!(error, Error::StorageFull { .. }) || !error.is_out_of_space() {
                return error;
            }
            self.credit.store(0, Relaxed);
            let left = Left::on(&self.path).unwrap_or(Left {
                bytes: 0,
                inodes: None,
            });
            let path = self.path.clone();
            match left.inodes {
                // What was made before one was missing has been removed again.
                Some(inodes) if inodes < INODES => Error::StorageFull {
                    path,
                    available: inodes,
                    needed: INODES,
                    limit: Limit::Inodes,
                },
                _ => Error::StorageFull {
                    path,
                    available: left.bytes.saturating_sub(self.min_free),
                    needed,
                    limit: Limit::Disk,
                },
            }
        })
    }

    /// Where the ballast was given up, what is free is not for puts: the next one looks.
    fn note_given_up(&self, held: u64) {
        if self.ballast.held() < held {
            self.credit.store(0, Relaxed);
        }
    }

    fn note_deletes(&self) {
        if self.quota.is_some() {
            self.deleted.store(true, Relaxed);
        }
    }
}

impl<D: Datastore> Datastore for Guard<D> {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.inner.get(key)
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        let bytes = (key.as_bytes().len() + value.len()) as u64;
        self.admit(bytes, 1)?;
        self.told(self.inner.put(key, value), bytes)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.note_deletes();
        let held = self.ballast.held();
        let deleted = self.told(self.inner.delete(key), 0);
        self.note_given_up(held);
        deleted
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        self.inner.query(prefix)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.inner.has(key)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.inner.size(key)
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.inner.get_range(key, range)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.inner.get_many(keys)
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        self.inner.keys(prefix)
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        let puts = batch.puts() as u64;
        if puts < batch.len() as u64 {
            self.note_deletes();
        }
        let bytes = batch.bytes();
        if puts > 0 {
            self.admit(bytes, puts)?;
        }
        let held = self.ballast.held();
        let applied = self.told(self.inner.apply(batch), bytes);
        self.note_given_up(held);
        applied
    }

    fn sync(&self) -> Result<()> {
        self.told(self.inner.sync(), 0)
    }

    fn disk_usage(&self) -> Result<u64> {
        Ok(self.inner.disk_usage()?.saturating_add(self.ballast.held()))
    }

    fn close(&self) -> Result<()> {
        self.told(self.inner.close(), 0)
    }
}

#[cfg(test)]
mod tests;
