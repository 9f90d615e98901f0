//! A store that forgets: the whole contract in a `BTreeMap`.
//!
//! It is the model that every engine is compared with, so it is written to be believed by
//! reading: one map, one lock, nothing clever.

use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;

use crate::store::slice;
use crate::{Batch, Datastore, Entries, Error, Key, Keys, Op, Result};

/// A datastore in memory. Gone when dropped; a batch is all or nothing to every reader.
#[derive(Debug, Default)]
pub struct MemStore {
    // `None` once closed.
    map: RwLock<State>,
}

#[derive(Debug)]
struct State(Option<BTreeMap<Key, Bytes>>);

impl Default for State {
    fn default() -> State {
        State(Some(BTreeMap::new()))
    }
}

/// How many keys a query copies at a time, so that it never holds the lock while its caller
/// thinks.
const PAGE: usize = 256;

impl MemStore {
    /// An empty store.
    pub fn new() -> MemStore {
        MemStore::default()
    }

    fn read<T>(&self, with: impl FnOnce(&BTreeMap<Key, Bytes>) -> T) -> Result<T> {
        // A poisoned lock means that a reader or writer panicked; no operation below can leave
        // the map half changed, so it is used as it is.
        let state = self.map.read().unwrap_or_else(PoisonError::into_inner);
        state.0.as_ref().map(with).ok_or(Error::Closed)
    }

    fn write<T>(&self, with: impl FnOnce(&mut BTreeMap<Key, Bytes>) -> T) -> Result<T> {
        let mut state = self.map.write().unwrap_or_else(PoisonError::into_inner);
        state.0.as_mut().map(with).ok_or(Error::Closed)
    }

    /// Entries of one part of the key space, a page at a time.
    fn scan(&self, range: Range<Vec<u8>>, skip: Option<Key>) -> impl Iterator<Item = Item> + '_ {
        let end = range.end;
        let mut from = Bound::Included(range.start);
        let mut page: std::vec::IntoIter<(Key, Bytes)> = Vec::new().into_iter();
        let mut done = false;
        std::iter::from_fn(move || {
            loop {
                if let Some(entry) = page.next() {
                    return Some(Ok(entry));
                }
                if done {
                    return None;
                }
                let next = self.read(|map| {
                    let bounds = (
                        from.as_ref().map(|k| k.as_slice()),
                        Bound::Excluded(&end[..]),
                    );
                    map.range::<[u8], _>(bounds)
                        .filter(|(key, _)| skip.as_ref().is_none_or(|skip| !key.is_below(skip)))
                        .take(PAGE)
                        .map(|(key, value)| (key.clone(), value.clone()))
                        .collect::<Vec<_>>()
                });
                match next {
                    Ok(entries) => {
                        done = entries.len() < PAGE;
                        if let Some((last, _)) = entries.last() {
                            from = Bound::Excluded(last.as_bytes().to_vec());
                        }
                        page = entries.into_iter();
                    }
                    Err(error) => {
                        done = true;
                        return Some(Err(error));
                    }
                }
            }
        })
    }
}

type Item = Result<(Key, Bytes)>;

impl Datastore for MemStore {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.read(|map| map.get(key).cloned())
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        let value = Bytes::copy_from_slice(value);
        self.write(|map| map.insert(key.clone(), value)).map(drop)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.write(|map| map.remove(key)).map(drop)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        self.read(|_| ())?;
        let scope = prefix.scope();
        let others = scope
            .others
            .map(|range| self.scan(range, Some(Key::blocks())));
        let blocks = scope.blocks.map(|_| {
            let top = if *prefix == Key::root() {
                &Key::blocks()
            } else {
                prefix
            };
            self.scan(top.range(), None)
        });
        Ok(Box::new(
            others
                .into_iter()
                .flatten()
                .chain(blocks.into_iter().flatten()),
        ))
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.read(|map| map.contains_key(key))
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.read(|map| map.get(key).map(|value| value.len() as u64))
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.read(|map| map.get(key).map(|value| slice(value, range)))
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.read(|map| keys.iter().map(|key| map.get(key).cloned()).collect())
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        Ok(Box::new(
            self.query(prefix)?.map(|entry| entry.map(|(key, _)| key)),
        ))
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        self.write(|map| {
            for op in batch {
                match op {
                    Op::Put(key, value) => map.insert(key, value),
                    Op::Delete(key) => map.remove(&key),
                };
            }
        })
    }

    fn sync(&self) -> Result<()> {
        self.read(|_| ())
    }

    fn disk_usage(&self) -> Result<u64> {
        self.read(|_| 0)
    }

    fn close(&self) -> Result<()> {
        self.map.write().unwrap_or_else(PoisonError::into_inner).0 = None;
        Ok(())
    }
}

impl std::borrow::Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::contract!(memory, || ((), MemStore::new()));
}
