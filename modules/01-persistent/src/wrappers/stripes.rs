//! Locks for keys: few enough to be made at once, and enough to be seldom shared.
//!
//! A write holds the lock of its key *shared*, so that writes never wait for each other and still
//! share their flushes. What has to be alone with a key, such as filling a cache from the store
//! below, holds it *alone*, and only if that takes no waiting.

use std::hash::BuildHasher;

use datastore::Key;

use crate::sync::{PoisonError, RandomState, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// How many there are: the bits of the set of them.
const COUNT: usize = u128::BITS as usize;

pub(crate) struct Stripes {
    locks: Box<[RwLock<()>]>,
    hash: RandomState,
}

pub(crate) type Shared<'a> = RwLockReadGuard<'a, ()>;
pub(crate) type Alone<'a> = RwLockWriteGuard<'a, ()>;

impl Stripes {
    pub fn new() -> Stripes {
        Stripes {
            locks: (0..COUNT).map(|_| RwLock::new(())).collect(),
            hash: RandomState::default(),
        }
    }

    fn of(&self, key: &Key) -> usize {
        (self.hash.hash_one(key) % COUNT as u64) as usize
    }

    fn set<'k>(&self, keys: impl IntoIterator<Item = &'k Key>) -> u128 {
        keys.into_iter().fold(0, |set, key| set | 1 << self.of(key))
    }

    fn of_set(&self, set: u128) -> impl Iterator<Item = (usize, &RwLock<()>)> {
        let in_set = move |(n, _): &(usize, _)| set >> n & 1 == 1;
        self.locks.iter().enumerate().filter(in_set)
    }

    /// Holds the lock of each of these keys, together with others that do the same. Locks are taken
    /// in one order, so that two who take several never wait for each other.
    pub fn shared<'k>(&self, keys: impl IntoIterator<Item = &'k Key>) -> Vec<Shared<'_>> {
        let set = self.set(keys);
        self.of_set(set).map(|(_, lock)| share(lock)).collect()
    }

    /// As [`shared`](Self::shared), of one key.
    pub fn shared_one(&self, key: &Key) -> Option<Shared<'_>> {
        self.locks.get(self.of(key)).map(share)
    }

    /// As [`shared`](Self::shared), of every key there is.
    pub fn shared_all(&self) -> Vec<Shared<'_>> {
        self.locks.iter().map(share).collect()
    }

    /// Holds the lock of `key` alone, unless somebody has it.
    pub fn try_alone(&self, key: &Key) -> Option<Alone<'_>> {
        self.locks.get(self.of(key))?.try_write().ok()
    }

    /// Holds the lock of `key` alone, waiting for those that have it.
    pub fn alone(&self, key: &Key) -> Option<Alone<'_>> {
        let lock = self.locks.get(self.of(key))?;
        // Nothing is kept under these locks that a panic could leave half done.
        Some(lock.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Holds alone those locks of these keys that nobody has, and says which keys they are of.
    pub fn try_alone_each<'k>(&self, keys: impl IntoIterator<Item = &'k Key>) -> Held<'_> {
        let mut held = Held {
            stripes: self,
            set: 0,
            _locks: Vec::new(),
        };
        for (n, lock) in self.of_set(self.set(keys)) {
            if let Ok(lock) = lock.try_write() {
                held.set |= 1 << n;
                held._locks.push(lock);
            }
        }
        held
    }
}

fn share(lock: &RwLock<()>) -> Shared<'_> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks that are held alone.
pub(crate) struct Held<'a> {
    stripes: &'a Stripes,
    set: u128,
    _locks: Vec<Alone<'a>>,
}

impl Held<'_> {
    /// Whether the lock of `key` is among them.
    pub fn holds(&self, key: &Key) -> bool {
        self.set >> self.stripes.of(key) & 1 == 1
    }
}
