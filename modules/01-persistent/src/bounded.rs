//! Caches that are bounded by bytes, by the library that all of them are made of.

use std::hash::Hash;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};

use crate::sync::RandomState;

/// What an entry takes beyond its key and value, about, in bytes.
pub(crate) const ENTRY: u64 = 160;

/// A part of the cache is no smaller than this, in bytes, so that a block of 2 MiB fits into it.
const PART: u64 = 8 << 20;

/// A cache of so many bytes, for entries of `each` or so. It forgets what is used least (S3-FIFO). It
/// has parts of 8 MiB, or one that is smaller, and does not keep what is larger than a part.
pub(crate) fn cache<K: Eq + Hash, V: Clone, W: Weighter<K, V> + Clone>(
    bytes: u64,
    each: u64,
    weight: W,
) -> Cache<K, V, W, RandomState> {
    let options = OptionsBuilder::new()
        .weight_capacity(bytes)
        .estimated_items_capacity((bytes / each) as usize)
        .shards((bytes / PART).clamp(1, 64) as usize)
        .build()
        .expect("a capacity and an estimate are given");
    Cache::with_options(
        options,
        weight,
        RandomState::default(),
        DefaultLifecycle::default(),
    )
}
