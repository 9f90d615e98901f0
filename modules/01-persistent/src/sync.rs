//! Where threads meet: the primitives of the standard library.
//!
//! The sources that take them from here (`group`, `live/unsynced`, in `engines/pack` the log and its
//! index, and in `wrappers` the cache, the filter and what they stand on) are compiled once more by
//! `tests/schedules`, where this module is shuttle's: a scheduler decides which thread goes on at each of these primitives, and tries schedules by the
//! ten thousand. So these sources name no other primitive, and have their tests elsewhere.

pub(crate) use std::hash::RandomState;
pub(crate) use std::sync::{
    Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic,
};
pub(crate) use std::thread;
