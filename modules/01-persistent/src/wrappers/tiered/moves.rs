//! Blocks on their way: colder to make room, and hotter because they were read.
//!
//! Whatever moves is alone with the lock of its block, so that no put or delete comes in between.

use std::sync::{MutexGuard, PoisonError};
use std::time::SystemTime;

use datastore::{Batch, Datastore, Key, Result};

use super::recent::Recent;
use super::{Level, Tiered};

/// How many blocks move in one step, at most.
pub(super) const STEP: usize = 256;

/// Room that was made for what is about to come.
pub(super) struct Room<'a, D> {
    level: &'a Level<D>,
    bytes: u64,
}

impl<D> Drop for Room<'_, D> {
    fn drop(&mut self) {
        self.level.recent().release(self.bytes);
    }
}

impl<D> Level<D> {
    pub fn recent(&self) -> MutexGuard<'_, Recent> {
        // No change of it can be left half done by a panic.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tier holds `key` now. The coldest, which nothing leaves, remembers nothing.
    pub fn note(&self, key: &Key, size: u64, copied: bool, now: SystemTime) {
        if self.limits.bytes < u64::MAX {
            self.recent().note(key, size, copied, now);
        }
    }
}

impl<D: Datastore> Tiered<D> {
    /// The hottest tier that so many bytes may go to, not hotter than `from`.
    pub(super) fn level_for(&self, bytes: u64, from: usize) -> usize {
        let fits = |level: &&Level<D>| level.limits.bytes >= bytes;
        let skipped = self.levels.iter().skip(from).take_while(|l| !fits(l));
        (from + skipped.count()).min(self.levels.len() - 1)
    }

    /// Makes room for so many bytes in a tier, by moving what was used longest ago to the next
    /// colder one. `None` if that would have to wait for others and may not.
    pub(super) fn make_room(
        &self,
        at: usize,
        bytes: u64,
        wait: bool,
    ) -> Result<Option<Room<'_, D>>> {
        let Some(level) = self.levels.get(at) else {
            return Ok(None);
        };
        loop {
            let oldest = {
                let mut recent = level.recent();
                if recent.reserve(bytes, level.limits.bytes) {
                    return Ok(Some(Room { level, bytes }));
                }
                // More than is needed at once: a step costs a flush of the colder tier.
                let needed = bytes.max(level.limits.bytes / 8);
                recent.oldest(needed, STEP)
            };
            if self.demote(at, &oldest, wait)? > 0 {
                continue;
            }
            if !wait {
                return Ok(None);
            }
            // Somebody is writing each of them, or has room reserved. It takes no lock to wait for
            // that: it ends by itself.
            match oldest.first() {
                Some(key) => drop(self.stripes.alone(key)),
                None => crate::sync::thread::yield_now(),
            }
        }
    }

    /// Moves these blocks from the tier `at` to a colder one: copy, sync, then delete. Those that
    /// are being written stay. Says how many went.
    pub(super) fn demote(&self, at: usize, keys: &[Key], wait: bool) -> Result<usize> {
        let Some(from) = self.levels.get(at) else {
            return Ok(0);
        };
        let size = |key| from.recent().get(key).map_or(0, |held| held.size);
        let bytes = keys.iter().map(size).sum();
        let below = self.level_for(bytes, at + 1);
        let Some(to) = self.levels.get(below).filter(|_| below > at) else {
            return Ok(0);
        };
        // Before any block is held: to make room there is to hold others.
        let Some(_room) = self.make_room(below, bytes, wait)? else {
            return Ok(0);
        };
        let held = self.stripes.try_alone_each(keys);
        let (mut gone, mut moved) = (Vec::new(), Vec::new());
        let (mut copies, mut deletes) = (Batch::new(), Batch::new());
        for key in keys.iter().filter(|key| held.holds(key)) {
            let Some(entry) = from.recent().get(key) else {
                continue;
            };
            gone.push(key);
            if entry.copied {
                deletes.delete(key.clone());
            } else if let Some(value) = from.store.get(key)? {
                moved.push((key, value.len() as u64));
                copies.put(key.clone(), value);
                deletes.delete(key.clone());
            }
        }
        if !copies.is_empty() {
            to.store.apply(copies)?;
            to.store.sync()?;
        }
        let now = self.now();
        let between = self.levels.get(at + 1..below).unwrap_or_default();
        for (key, size) in moved {
            to.note(key, size, false, now);
            // A tier that was passed over may hold what was there before.
            for level in between {
                level.recent().forget(key);
                level.store.delete(key)?;
            }
        }
        if !deletes.is_empty() {
            from.store.apply(deletes)?;
        }
        for key in &gone {
            from.recent().forget(key);
        }
        Ok(gone.len())
    }

    /// Copies a block that was found in a colder tier to the hottest. That it cannot be done is no
    /// error: the block was read.
    pub(super) fn promote(&self, key: &Key, size: u64) {
        let _ = self.try_promote(key, size);
    }

    fn try_promote(&self, key: &Key, size: u64) -> Result<()> {
        if self.level_for(size, 0) != 0 {
            return Ok(());
        }
        let Some(_room) = self.make_room(0, size, false)? else {
            return Ok(());
        };
        let (Some(_alone), Some(hot)) = (self.stripes.try_alone(key), self.levels.first()) else {
            return Ok(());
        };
        // Once more, now that nobody changes it.
        if let Some((at, value)) = self.find(key)?
            && at > 0
            && value.len() as u64 == size
        {
            hot.store.put(key, &value)?;
            hot.note(key, size, true, self.now());
        }
        Ok(())
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.clock)()
    }
}
