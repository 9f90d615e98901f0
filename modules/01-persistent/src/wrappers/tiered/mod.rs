//! What is used lies in a fast store, the rest in a large one.
//!
//! ```text
//!            put                     read
//!             ▼                       │ copied up
//!   hot    [ bounded ] ◄──────────────┤
//!             │ used longest ago      │
//!   warm   [ bounded ] ───────────────┤
//!             │ copy, sync, delete    │
//!   cold   [ the rest ] ──────────────┘
//! ```
//!
//! A block is never in no tier: it moves to a colder one by being copied, flushed, and only then
//! deleted. A crash or an error in between leaves it in both. A read goes from hot to cold, and the
//! coldest copy of a block only ever gets colder, so a read that meets a move finds it below. The
//! hottest copy is the one that counts.
//!
//! Keys that are no blocks are few and small, and lie in the coldest store.

mod moves;
mod recent;
mod walk;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, Op, Result};

use super::stripes::Stripes;
use recent::Recent;

/// How much a tier holds, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of values. Before there would be more, those used longest ago move on.
    pub bytes: u64,
    /// What was not used for this long moves on at a [`settle`](Tiered::settle).
    pub idle: Option<Duration>,
}

/// Stores from hot to cold as one.
///
/// A batch is not atomic across tiers: its blocks come first, then its other keys, then deletes. What
/// a bounded tier holds is remembered in memory, in about 200 bytes a block.
///
/// A write that failed may have been done in some tiers, so it may be seen, or be seen only once the
/// block moves. What was replaced or deleted by a write that succeeded never comes back.
pub struct Tiered<D> {
    // From hot to cold; the last is not bounded.
    levels: Vec<Level<D>>,
    // Shared by writes; alone when a block moves.
    stripes: Stripes,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

struct Level<D> {
    store: D,
    limits: Limits,
    recent: Mutex<Recent>,
}

impl<D: Datastore> Tiered<D> {
    /// Around `bounded` tiers from hot to cold, and the store below them that takes the rest. Asks
    /// each bounded tier for what it holds.
    ///
    /// # Errors
    /// Those of the stores.
    pub fn open(bounded: Vec<(D, Limits)>, cold: D) -> Result<Tiered<D>> {
        Tiered::open_with_clock(bounded, cold, SystemTime::now)
    }

    /// As [`open`](Self::open), with another clock.
    ///
    /// # Errors
    /// Those of the stores.
    pub fn open_with_clock(
        bounded: Vec<(D, Limits)>,
        cold: D,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Result<Tiered<D>> {
        let unbounded = Limits {
            bytes: u64::MAX,
            idle: None,
        };
        let mut levels = Vec::new();
        for (store, limits) in bounded {
            let mut recent = Recent::default();
            for key in store.keys(&Key::blocks())? {
                let key = key?;
                let size = store.size(&key)?.unwrap_or(0);
                recent.note(&key, size, false, clock());
            }
            let recent = Mutex::new(recent);
            levels.push(Level {
                store,
                limits,
                recent,
            });
        }
        levels.push(Level {
            store: cold,
            limits: unbounded,
            recent: Mutex::default(),
        });
        Ok(Tiered {
            levels,
            stripes: Stripes::new(),
            clock: Box::new(clock),
        })
    }

    /// The stores, from hot to cold.
    pub fn stores(&self) -> impl DoubleEndedIterator<Item = &D> {
        self.levels.iter().map(|level| &level.store)
    }

    /// Bytes of blocks in each tier from hot to cold, the coldest left out.
    pub fn bytes(&self) -> Vec<u64> {
        let bounded = self.bounded();
        bounded.iter().map(|level| level.recent().bytes()).collect()
    }

    /// Moves on what was not used for as long as the limits say, or lies in a tier that is over its
    /// bytes. Says how many blocks moved.
    ///
    /// # Errors
    /// Those of the stores; every block is still somewhere.
    pub fn settle(&self) -> Result<usize> {
        let mut moved = 0;
        for (at, level) in self.bounded().iter().enumerate() {
            drop(self.make_room(at, 0, true)?);
            let then = level
                .limits
                .idle
                .and_then(|idle| self.now().checked_sub(idle));
            while let Some(then) = then {
                let idle = level.recent().idle_since(then, moves::STEP);
                let went = self.demote(at, &idle, true)?;
                moved += went;
                if went == 0 {
                    break;
                }
            }
        }
        Ok(moved)
    }

    fn bounded(&self) -> &[Level<D>] {
        self.levels.split_last().map_or(&[], |(_, bounded)| bounded)
    }

    fn cold(&self) -> Result<&D> {
        let last = self.levels.last();
        // There is always one; it says itself if it is closed.
        last.map(|level| &level.store)
            .ok_or(datastore::Error::Closed)
    }

    /// What the hottest tier that has anything to give for the block `key` gives, and which it is.
    fn first<T>(&self, read: impl Fn(&D) -> Result<Option<T>>) -> Result<Option<(usize, T)>> {
        for (at, level) in self.levels.iter().enumerate() {
            if let Some(found) = read(&level.store)? {
                return Ok(Some((at, found)));
            }
        }
        Ok(None)
    }

    fn find(&self, key: &Key) -> Result<Option<(usize, Bytes)>> {
        self.first(|store| store.get(key))
    }

    /// Puts blocks into the hottest tier that can hold them.
    fn put_blocks(&self, blocks: &[(Key, u64)], put: impl FnOnce(&D) -> Result<()>) -> Result<()> {
        let bytes = blocks.iter().map(|(_, size)| size).sum();
        let at = self.level_for(bytes, 0);
        let Some(level) = self.levels.get(at) else {
            return Ok(());
        };
        let _room = self.make_room(at, bytes, true)?;
        let _writing = self.stripes.shared(blocks.iter().map(|(key, _)| key));
        let done = put(&level.store);
        // Also if that failed: it may be there all the same.
        for (key, size) in blocks {
            level.note(key, *size, false, self.now());
        }
        done?;
        for (key, _) in blocks {
            self.forget_hotter(key, at)?;
        }
        Ok(())
    }

    /// Removes what the tiers above `at` hold of a block that was just put there, since the
    /// hottest copy counts.
    fn forget_hotter(&self, key: &Key, at: usize) -> Result<()> {
        let mut flushed = false;
        for level in self.levels.iter().take(at).rev() {
            if level.store.has(key)? {
                if !flushed && let Some(level) = self.levels.get(at) {
                    level.store.sync()?;
                    flushed = true;
                }
                level.recent().forget(key);
                level.store.delete(key)?;
            }
        }
        Ok(())
    }

    /// Deletes a block from the coldest tier to the hottest, so that a crash in between leaves the
    /// copy that counts, and not one from before it.
    fn delete_block(&self, key: &Key) -> Result<()> {
        let _writing = self.stripes.shared_one(key);
        let mut holding = Vec::new();
        for level in &self.levels {
            if level.store.has(key)? {
                holding.push(level);
            }
        }
        while let Some(level) = holding.pop() {
            level.recent().forget(key);
            level.store.delete(key)?;
            if !holding.is_empty() {
                level.store.sync()?;
            }
        }
        Ok(())
    }
}

impl<D: Datastore> Datastore for Tiered<D> {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        if key.as_block().is_none() {
            return self.cold()?.get(key);
        }
        let Some((at, value)) = self.find(key)? else {
            return Ok(None);
        };
        if let Some(level) = self.levels.get(at) {
            level.recent().touch(key, self.now());
        }
        if at > 0 {
            self.promote(key, value.len() as u64);
        }
        Ok(Some(value))
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        if key.as_block().is_none() {
            return self.cold()?.put(key, value);
        }
        self.put_blocks(&[(key.clone(), value.len() as u64)], |store| {
            store.put(key, value)
        })
    }

    fn delete(&self, key: &Key) -> Result<()> {
        if key.as_block().is_none() {
            return self.cold()?.delete(key);
        }
        self.delete_block(key)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        if key.as_block().is_none() {
            return self.cold()?.has(key);
        }
        let found = self.first(|store| Ok(store.has(key)?.then_some(())))?;
        Ok(found.is_some())
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        if key.as_block().is_none() {
            return self.cold()?.size(key);
        }
        Ok(self.first(|store| store.size(key))?.map(|(_, size)| size))
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        if key.as_block().is_none() {
            return self.cold()?.get_range(key, range);
        }
        let found = self.first(|store| store.get_range(key, range.clone()))?;
        Ok(found.map(|(_, part)| part))
    }

    /// Asks each tier once for what the hotter ones do not have. Nothing is copied up: a walk
    /// through everything would push out what is in use.
    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let mut answers = vec![None; keys.len()];
        let last = self.levels.len() - 1;
        for (at, level) in self.levels.iter().enumerate() {
            let wanted = |(n, key): &(usize, &Key)| {
                (at == last || key.as_block().is_some()) && answers.get(*n) == Some(&None)
            };
            let (places, asked): (Vec<usize>, Vec<Key>) = keys
                .iter()
                .enumerate()
                .filter(wanted)
                .map(|(n, key)| (n, key.clone()))
                .unzip();
            if asked.is_empty() && at < last {
                continue;
            }
            for (n, value) in places.into_iter().zip(level.store.get_many(&asked)?) {
                if let Some(answer) = answers.get_mut(n) {
                    *answer = value;
                }
            }
        }
        Ok(answers)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        self.enumerate(prefix, |store, prefix| store.query(prefix))
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        self.enumerate(prefix, |store, prefix| store.keys(prefix))
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        let mut others = Batch::new();
        // Of several writes to one block the last counts.
        let mut blocks = BTreeMap::new();
        for op in batch {
            match op.key().as_block() {
                Some(_) => drop(blocks.insert(op.key().clone(), op)),
                None => others.push(op),
            }
        }
        let (puts, deletes): (Vec<Op>, Vec<Op>) = blocks
            .into_values()
            .partition(|op| matches!(op, Op::Put(..)));
        let size = |op: &Op| match op {
            Op::Put(key, value) => (key.clone(), value.len() as u64),
            Op::Delete(key) => (key.clone(), 0),
        };
        let sizes: Vec<_> = puts.iter().map(size).collect();
        let nothing = puts.is_empty() && deletes.is_empty();
        if !puts.is_empty() {
            self.put_blocks(&sizes, |store| store.apply(puts.into_iter().collect()))?;
        }
        if nothing || !others.is_empty() {
            self.cold()?.apply(others)?;
        }
        deletes
            .iter()
            .try_for_each(|op| self.delete_block(op.key()))
    }

    fn sync(&self) -> Result<()> {
        self.stores().try_for_each(|store| store.sync())
    }

    /// The sum of all tiers'.
    fn disk_usage(&self) -> Result<u64> {
        self.stores().map(|store| store.disk_usage()).sum()
    }

    /// Closes every tier, whatever the others say; the first error is told.
    fn close(&self) -> Result<()> {
        let ends: Vec<_> = self.stores().map(|store| store.close()).collect();
        ends.into_iter().collect()
    }
}
