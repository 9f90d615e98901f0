//! 01-7: a cache that never serves what has expired.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Milliseconds since some moment. It is given, so that a check can move it by hand.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> u64;
}

/// Loads a value that is not in the cache.
pub type Load<'a> = &'a dyn Fn() -> Result<Vec<u8>, String>;

/// Values that are kept for a while.
pub struct Cache {
    clock: Arc<dyn Clock>,
    /// How long a value is kept, in milliseconds. At its end it has expired.
    keep: u64,
    /// How many values are kept at most.
    limit: usize,
    //~ blank: the values, and which are being loaded; a Condvar wakes those who wait for a load
    slots: Mutex<HashMap<String, Slot>>,
    loaded: Condvar,
    //~ end
}
//~ blank: a key is being loaded, or has a value and an end

enum Slot {
    Loading,
    Value { value: Vec<u8>, end: u64 },
}

/// Takes the mark of a load away, also if it panics.
struct Loading<'a> {
    cache: &'a Cache,
    key: &'a str,
}

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        let mut slots = self.cache.slots();
        if let Some(Slot::Loading) = slots.get(self.key) {
            slots.remove(self.key);
        }
        self.cache.loaded.notify_all();
    }
}
//~ end

impl Cache {
    /// An empty cache.
    pub fn new(clock: Arc<dyn Clock>, keep: u64, limit: usize) -> Cache {
        //~ todo: nothing yet
        Cache {
            clock,
            keep,
            limit,
            slots: Mutex::default(),
            loaded: Condvar::new(),
        }
        //~ end
    }

    /// The value of a key: from the cache, or loaded. Many who ask at once cause one load; if it fails, that is
    /// the answer to who caused it, and another may try.
    pub fn get(&self, key: &str, load: Load<'_>) -> Result<Vec<u8>, String> {
        //~ todo: look, wait, or load without holding the lock
        let mut slots = self.slots();
        loop {
            match slots.get(key) {
                Some(Slot::Value { value, end }) if self.clock.now() < *end => {
                    return Ok(value.clone());
                }
                Some(Slot::Loading) => {
                    slots = self
                        .loaded
                        .wait(slots)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                _ => break,
            }
        }
        slots.insert(key.to_owned(), Slot::Loading);
        drop(slots);
        let mark = Loading { cache: self, key };
        let value = load()?;
        let end = self.clock.now() + self.keep;
        let slot = Slot::Value {
            value: value.clone(),
            end,
        };
        let mut slots = self.slots();
        slots.insert(key.to_owned(), slot);
        self.shrink(&mut slots);
        drop(slots);
        drop(mark);
        Ok(value)
        //~ end
    }

    /// How many values are kept, expired ones among them.
    pub fn len(&self) -> usize {
        //~ todo: values only
        let slots = self.slots();
        slots
            .values()
            .filter(|slot| matches!(slot, Slot::Value { .. }))
            .count()
        //~ end
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    //~ blank: room is made by throwing out what ends first

    fn shrink(&self, slots: &mut HashMap<String, Slot>) {
        let end = |slot: &Slot| match slot {
            Slot::Value { end, .. } => Some(*end),
            Slot::Loading => None,
        };
        while slots.values().filter_map(end).count() > self.limit {
            let first = slots
                .iter()
                .filter_map(|(key, slot)| Some((end(slot)?, key.clone())))
                .min();
            if let Some((_, key)) = first {
                slots.remove(&key);
            }
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
    //~ end
}
