//! 01-9: three tiers, and no value is ever in none of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use datastore::{Batch, Datastore, Key, Result};

/// Values in three stores. Warm and cold are on disks of their own, and what is there after a `sync` survives a
/// loss of power; hot is memory, so it only ever has copies.
pub struct Tiered {
    hot: Arc<dyn Datastore>,
    warm: Arc<dyn Datastore>,
    cold: Arc<dyn Datastore>,
    /// The most bytes of values in hot, after a `settle`.
    hot_limit: u64,
    /// The most bytes of values in warm, after a `settle`.
    warm_limit: u64,
    /// How often each key was read since the last `settle`.
    reads: Mutex<HashMap<Key, u64>>,
}

impl Tiered {
    /// Over these stores, whatever is in them.
    pub fn new(
        hot: Arc<dyn Datastore>,
        warm: Arc<dyn Datastore>,
        cold: Arc<dyn Datastore>,
        hot_limit: u64,
        warm_limit: u64,
    ) -> Tiered {
        Tiered {
            hot,
            warm,
            cold,
            hot_limit,
            warm_limit,
            reads: Mutex::default(),
        }
    }

    /// Keeps a value, in warm. When this returns, it is durable, and no older one is left anywhere.
    pub fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        //~ todo: the new one first, and then the old ones
        self.warm.put(key, value)?;
        self.warm.sync()?;
        self.hot.delete(key)?;
        self.cold.delete(key)
        //~ end
    }

    /// The value of a key, from the first tier that has it; counts the read.
    pub fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        //~ todo: hot, warm, cold
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        *reads.entry(key.clone()).or_default() += 1;
        drop(reads);
        for tier in [&self.hot, &self.warm, &self.cold] {
            if let Some(value) = tier.get(key)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
        //~ end
    }

    /// Forgets a key. When this returns, it stays forgotten.
    pub fn delete(&self, key: &Key) -> Result<()> {
        //~ todo: in which order, so that no older value comes back?
        self.hot.delete(key)?;
        self.cold.delete(key)?;
        self.cold.sync()?;
        self.warm.delete(key)?;
        self.warm.sync()
        //~ end
    }

    /// All keys, each once, sorted.
    pub fn keys(&self) -> Result<Vec<Key>> {
        //~ todo: a key may be in two tiers
        let mut keys = BTreeSet::new();
        for tier in [&self.warm, &self.cold] {
            for key in tier.keys(&Key::root())? {
                keys.insert(key?);
            }
        }
        Ok(keys.into_iter().collect())
        //~ end
    }

    /// Puts everything where it belongs: what was read most since the last time into warm, as far as that has
    /// room, and copies of it into hot; the rest into cold. Of what was read as often, what is in warm stays.
    pub fn settle(&self) -> Result<()> {
        //~ todo: rank, then move, and a move is a copy, a sync and a delete
        let reads = std::mem::take(&mut *self.reads.lock().unwrap_or_else(PoisonError::into_inner));
        let warm = values(&*self.warm)?;
        let mut cold = values(&*self.cold)?;
        // What is in both was replaced, or was being moved: warm has the newer one.
        let twice: Vec<Key> = warm
            .keys()
            .filter(|key| cold.contains_key(*key))
            .cloned()
            .collect();
        for key in twice {
            cold.remove(&key);
            self.cold.delete(&key)?;
        }
        let count = |key: &Key| reads.get(key).copied().unwrap_or(0);
        let mut ranked: Vec<(&Key, &Bytes, bool)> = Vec::new();
        ranked.extend(warm.iter().map(|(key, value)| (key, value, true)));
        ranked.extend(cold.iter().map(|(key, value)| (key, value, false)));
        ranked.sort_by_key(|(key, _, is_warm)| std::cmp::Reverse((count(key), *is_warm)));
        let (mut up, mut down, mut hot) = (Batch::new(), Batch::new(), BTreeMap::new());
        let (mut warm_bytes, mut hot_bytes) = (0, 0);
        for (key, value, is_warm) in ranked {
            let len = value.len() as u64;
            // Nobody asked for it, so it stays where it is as long as that is cold.
            let wanted = is_warm || count(key) > 0;
            let stays = wanted && warm_bytes + len <= self.warm_limit;
            warm_bytes += if stays { len } else { 0 };
            match (stays, is_warm) {
                (true, false) => up.put(key.clone(), value.clone()),
                (false, true) => down.put(key.clone(), value.clone()),
                _ => {}
            }
            if count(key) > 0 && hot_bytes + len <= self.hot_limit {
                hot_bytes += len;
                hot.insert(key.clone(), value.clone());
            }
        }
        transfer(&*self.warm, &*self.cold, down)?;
        transfer(&*self.cold, &*self.warm, up)?;
        for (key, _) in values(&*self.hot)? {
            if !hot.contains_key(&key) {
                self.hot.delete(&key)?;
            }
        }
        for (key, value) in hot {
            self.hot.put(&key, &value)?;
        }
        Ok(())
        //~ end
    }
}
//~ blank: how many values are moved safely, with one sync

fn transfer(from: &dyn Datastore, to: &dyn Datastore, values: Batch) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let keys: Vec<Key> = values.ops().iter().map(|op| op.key().clone()).collect();
    to.apply(values)?;
    to.sync()?;
    keys.iter().try_for_each(|key| from.delete(key))
}

fn values(store: &dyn Datastore) -> Result<BTreeMap<Key, Bytes>> {
    store.query(&Key::root())?.collect()
}
//~ end
