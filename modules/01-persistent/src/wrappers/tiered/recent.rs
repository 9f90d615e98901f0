//! What a bounded tier holds, and which of it was used last.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use datastore::Key;

/// The blocks of one tier by the time of their last use, and what they take.
#[derive(Default)]
pub(super) struct Recent {
    held: HashMap<Key, Held>,
    // The key of each use, oldest first.
    order: BTreeMap<u64, Key>,
    uses: u64,
    bytes: u64,
    reserved: u64,
}

#[derive(Clone, Copy)]
pub(super) struct Held {
    use_no: u64,
    used: SystemTime,
    pub size: u64,
    /// A colder tier holds the same.
    pub copied: bool,
}

impl Recent {
    /// `key` is there, with a value of this size, and was used now.
    pub fn note(&mut self, key: &Key, size: u64, copied: bool, now: SystemTime) {
        self.forget(key);
        let held = Held {
            use_no: self.uses,
            used: now,
            size,
            copied,
        };
        self.uses += 1;
        self.bytes += size;
        self.order.insert(held.use_no, key.clone());
        self.held.insert(key.clone(), held);
    }

    /// `key` was used now, if it is there.
    pub fn touch(&mut self, key: &Key, now: SystemTime) {
        if let Some(held) = self.held.get(key).copied() {
            self.note(key, held.size, held.copied, now);
        }
    }

    pub fn forget(&mut self, key: &Key) {
        if let Some(held) = self.held.remove(key) {
            self.order.remove(&held.use_no);
            self.bytes -= held.size;
        }
    }

    pub fn get(&self, key: &Key) -> Option<Held> {
        self.held.get(key).copied()
    }

    /// Bytes of values that are there.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Sets this many bytes apart for a value that is about to come, if they fit below `limit`.
    pub fn reserve(&mut self, bytes: u64, limit: u64) -> bool {
        let fits = self
            .bytes
            .saturating_add(self.reserved)
            .saturating_add(bytes)
            <= limit;
        if fits {
            self.reserved += bytes;
        }
        fits
    }

    pub fn release(&mut self, bytes: u64) {
        self.reserved -= bytes;
    }

    /// Those used longest ago that take `bytes` together, or a little more; at most `count`.
    pub fn oldest(&self, bytes: u64, count: usize) -> Vec<Key> {
        let mut sum = 0;
        let enough = |key: &&Key| {
            let more = sum < bytes;
            sum += self.held.get(*key).map_or(0, |held| held.size);
            more
        };
        let keys = self.order.values().take(count);
        keys.take_while(enough).cloned().collect()
    }

    /// Those not used since `then`, oldest first; at most `count`.
    pub fn idle_since(&self, then: SystemTime, count: usize) -> Vec<Key> {
        let idle = |key: &&Key| self.held.get(*key).is_some_and(|held| held.used <= then);
        let keys = self.order.values().take(count);
        keys.take_while(idle).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn the_oldest_come_first_and_a_use_makes_young() {
        let key = |n: u8| Key::block(&[n]).unwrap();
        let at = |s| UNIX_EPOCH + Duration::from_secs(s);
        let mut recent = Recent::default();
        for n in 0..4 {
            recent.note(&key(n), 10, false, at(n.into()));
        }
        recent.touch(&key(0), at(9));
        recent.note(&key(1), 30, true, at(9));
        assert_eq!(recent.bytes(), 60);
        assert_eq!(recent.oldest(11, 9), [key(2), key(3)]);
        assert_eq!(recent.oldest(100, 9), [2, 3, 0, 1].map(key));
        assert_eq!(recent.idle_since(at(2), 9), [key(2)]);
        assert!(recent.reserve(40, 100) && !recent.reserve(1, 100));
        recent.release(40);
        recent.forget(&key(1));
        recent.forget(&key(1));
        assert_eq!(recent.bytes(), 30);
        assert!(recent.get(&key(1)).is_none());
    }
}
