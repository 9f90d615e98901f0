//! Several stores as one, each under a prefix.
//!
//! ```text
//! /               redb         /settings, /pins/recursive/…
//! /blocks         file         all blocks
//! /pins/session   memory       /pins/session/…
//! ```
//!
//! A key goes to the store with the longest prefix that it is, or lies below; stores see keys whole.
//! What a store holds outside its part, because it was mounted elsewhere before, is not seen.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, Result};

use super::enumerate::{Keyed, keep, merge};

/// Several datastores as one. `Mount<Box<dyn Datastore>>` has stores of different kinds.
///
/// A batch goes to each store that it touches as one batch of its own, one store after the other:
/// it is atomic within a store, not across them.
pub struct Mount<D> {
    // The longest prefix first.
    mounts: Vec<(Key, D)>,
}

impl<D: Datastore> Mount<D> {
    /// `root` under `/`, where everything goes that has no other place.
    pub fn new(root: D) -> Mount<D> {
        Mount {
            mounts: vec![(Key::root(), root)],
        }
    }

    /// With `store` under `prefix`. All blocks go to one store: the one under `/blocks`, or else
    /// that under `/`.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] if there is a store under `prefix` already, or if it lies below
    /// `/blocks`.
    pub fn with(mut self, prefix: Key, store: D) -> Result<Mount<D>> {
        let reason = if prefix.as_block().is_some() {
            "blocks go to one store: mount it under /blocks"
        } else if self.mounts.iter().any(|(other, _)| *other == prefix) {
            "a store is mounted there already"
        } else {
            self.mounts.push((prefix, store));
            self.mounts
                .sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.as_bytes().len()));
            return Ok(self);
        };
        let key = prefix.to_string();
        Err(Error::InvalidKey { key, reason })
    }

    /// The place in `mounts` of the store that `key` belongs to.
    fn place(&self, key: &Key) -> usize {
        let holds = |prefix: &Key| key == prefix || key.is_below(prefix);
        let found = self.mounts.iter().position(|(prefix, _)| holds(prefix));
        // The root holds everything, and is the last.
        found.unwrap_or(self.mounts.len() - 1)
    }

    fn store(&self, key: &Key) -> Result<&D> {
        self.at(self.place(key))
    }

    fn at(&self, place: usize) -> Result<&D> {
        let mount = self.mounts.get(place).or(self.mounts.last());
        mount.map(|(_, store)| store).ok_or(Error::Closed)
    }

    fn stores(&self) -> impl Iterator<Item = &D> {
        self.mounts.iter().map(|(_, store)| store)
    }

    /// What `ask` gives from each store that has a part below `prefix`, as one enumeration.
    fn enumerate<'a, T: Keyed + Send + 'a>(
        &'a self,
        prefix: &Key,
        ask: impl Fn(&'a D) -> Result<Box<dyn Iterator<Item = Result<T>> + Send + 'a>>,
    ) -> Result<Box<dyn Iterator<Item = Result<T>> + Send + 'a>> {
        let home = self.place(prefix);
        let mut parts: Vec<Box<dyn Iterator<Item = Result<T>> + Send + 'a>> = Vec::new();
        for (place, (mounted, store)) in self.mounts.iter().enumerate() {
            if place == home || mounted.is_below(prefix) {
                let ours = move |item: T| (self.place(item.key()) == place).then_some(item);
                parts.push(Box::new(keep(ask(store)?, ours)));
            }
        }
        Ok(Box::new(merge(parts)))
    }
}

impl<D: Datastore> Datastore for Mount<D> {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.store(key)?.get(key)
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.store(key)?.put(key, value)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.store(key)?.delete(key)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        self.enumerate(prefix, |store| store.query(prefix))
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.store(key)?.has(key)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.store(key)?.size(key)
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.store(key)?.get_range(key, range)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let mut by_store: BTreeMap<usize, (Vec<usize>, Vec<Key>)> = BTreeMap::new();
        for (n, key) in keys.iter().enumerate() {
            let (at, asked) = by_store.entry(self.place(key)).or_default();
            at.push(n);
            asked.push(key.clone());
        }
        if by_store.len() <= 1 {
            let place = by_store.into_keys().next();
            return self.at(place.unwrap_or(usize::MAX))?.get_many(keys);
        }
        let mut answers = vec![None; keys.len()];
        for (place, (at, asked)) in by_store {
            for (n, value) in at.into_iter().zip(self.at(place)?.get_many(&asked)?) {
                if let Some(answer) = answers.get_mut(n) {
                    *answer = value;
                }
            }
        }
        Ok(answers)
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        self.enumerate(prefix, |store| store.keys(prefix))
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        let mut by_store: BTreeMap<usize, Batch> = BTreeMap::new();
        for op in batch {
            by_store.entry(self.place(op.key())).or_default().push(op);
        }
        if by_store.is_empty() {
            return self.at(usize::MAX)?.apply(Batch::new());
        }
        by_store
            .into_iter()
            .try_for_each(|(place, part)| self.at(place)?.apply(part))
    }

    fn sync(&self) -> Result<()> {
        self.stores().try_for_each(|store| store.sync())
    }

    /// The sum of all stores'.
    fn disk_usage(&self) -> Result<u64> {
        self.stores().map(|store| store.disk_usage()).sum()
    }

    /// Closes every store, whatever the others say; the first error is told.
    fn close(&self) -> Result<()> {
        let ends: Vec<_> = self.stores().map(|store| store.close()).collect();
        ends.into_iter().collect()
    }
}
