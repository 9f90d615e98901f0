//! The trait.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::{Batch, Key, Op, Result};

/// Keys and values below a prefix; see [`Datastore::query`].
pub type Entries<'a> = Box<dyn Iterator<Item = Result<(Key, Bytes)>> + Send + 'a>;

/// Keys below a prefix; see [`Datastore::keys`].
pub type Keys<'a> = Box<dyn Iterator<Item = Result<Key>> + Send + 'a>;

/// A store of keys and values.
///
/// What every implementation promises, and [`contract`](mod@crate::contract) checks:
///
/// 1. What was put is what is got, byte for byte, whatever its length; an empty value is a value.
/// 2. An absent key is `Ok(None)`; deleting it succeeds.
/// 3. A later put replaces an earlier one; a delete forgets.
/// 4. `has` and `size` agree with `get`.
/// 5. [`query`](Self::query) and [`keys`](Self::keys) give each strict child of the prefix once:
///    first the keys that are no blocks, in key order, then blocks, in the engine's own order.
/// 6. A batch has the effect of its writes one by one, in order.
/// 7. The store keeps no reference to the caller's buffer.
/// 8. Many threads may call at once; a get sees a whole value or none.
/// 9. After [`close`](Self::close) every call gives [`Error::Closed`](crate::Error::Closed),
///    but closing again succeeds.
///
/// When a write is *durable* is promised by the implementation; [`sync`](Self::sync) makes
/// everything written before it so.
///
/// Calls block. The trait is `dyn`-compatible, and `&D`, `Box<D>` and `Arc<D>` are stores when
/// `D` is one. A wrapper forwards every method it does not change, the defaulted ones too, or
/// it silently loses what the engine does better.
pub trait Datastore: Send + Sync {
    /// The value under `key`, or `None`.
    fn get(&self, key: &Key) -> Result<Option<Bytes>>;

    /// Keeps `value` under `key`.
    fn put(&self, key: &Key, value: &[u8]) -> Result<()>;

    /// Forgets `key`.
    fn delete(&self, key: &Key) -> Result<()>;

    /// Every key strictly below `prefix`, with its value.
    ///
    /// Under concurrent writes it gives every entry that is there throughout; one that comes or
    /// goes meanwhile may or may not appear.
    fn query(&self, prefix: &Key) -> Result<Entries<'_>>;

    /// Whether there is a value under `key`.
    fn has(&self, key: &Key) -> Result<bool> {
        Ok(self.size(key)?.is_some())
    }

    /// The length of the value under `key`, in bytes.
    fn size(&self, key: &Key) -> Result<Option<u64>> {
        Ok(self.get(key)?.map(|value| value.len() as u64))
    }

    /// The bytes of `range` of the value under `key`, cut where the value ends: an empty slice if
    /// the range begins past it.
    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        Ok(self.get(key)?.map(|value| slice(&value, range)))
    }

    /// The values under `keys`, in their order.
    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        keys.iter().map(|key| self.get(key)).collect()
    }

    /// Every key strictly below `prefix`; as [`query`](Self::query), without the values.
    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        Ok(Box::new(
            self.query(prefix)?.map(|entry| entry.map(|(key, _)| key)),
        ))
    }

    /// Does the writes of `batch`, in order. Whether a crash, or an error in the middle, can
    /// leave a part of them done is stated by the implementation.
    fn apply(&self, batch: Batch) -> Result<()> {
        for op in batch {
            match op {
                Op::Put(key, value) => self.put(&key, &value)?,
                Op::Delete(key) => self.delete(&key)?,
            }
        }
        Ok(())
    }

    /// Makes everything written before this call durable.
    ///
    /// # Errors
    /// [`Error::Unsynced`](crate::Error::Unsynced), once, if a full disk cost some of what was
    /// written since the last sync: all of that has to be written again.
    fn sync(&self) -> Result<()>;

    /// Bytes that the store takes on disk: 0 in memory, more than 0 on disk after a
    /// [`sync`](Self::sync). Journals are preallocated, so it is no measure of what was put.
    fn disk_usage(&self) -> Result<u64>;

    /// Syncs, and lets go of everything. Dropping a store closes it too, but says nothing of
    /// errors, which are those of [`sync`](Self::sync).
    fn close(&self) -> Result<()>;
}

/// `range` of `value`, cut where the value ends; shares the memory of `value`.
pub fn slice(value: &Bytes, range: Range<u64>) -> Bytes {
    let len = value.len() as u64;
    let start = range.start.min(len);
    let end = range.end.clamp(start, len);
    value.slice(start as usize..end as usize)
}

macro_rules! forward {
    ($($type:ty),*) => {$(
        impl<D: Datastore + ?Sized> Datastore for $type {
            fn get(&self, key: &Key) -> Result<Option<Bytes>> {
                (**self).get(key)
            }
            fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
                (**self).put(key, value)
            }
            fn delete(&self, key: &Key) -> Result<()> {
                (**self).delete(key)
            }
            fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
                (**self).query(prefix)
            }
            fn has(&self, key: &Key) -> Result<bool> {
                (**self).has(key)
            }
            fn size(&self, key: &Key) -> Result<Option<u64>> {
                (**self).size(key)
            }
            fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
                (**self).get_range(key, range)
            }
            fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
                (**self).get_many(keys)
            }
            fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
                (**self).keys(prefix)
            }
            fn apply(&self, batch: Batch) -> Result<()> {
                (**self).apply(batch)
            }
            fn sync(&self) -> Result<()> {
                (**self).sync()
            }
            fn disk_usage(&self) -> Result<u64> {
                (**self).disk_usage()
            }
            fn close(&self) -> Result<()> {
                (**self).close()
            }
        }
    )*};
}

forward!(&D, Box<D>, Arc<D>);
