//! A store of one's own within another: every key but those of blocks lies below a prefix.
//!
//! ```text
//! here            there, in the namespace /apps/mail
//! /settings       /apps/mail/settings
//! /blocks/1220…   /blocks/1220…
//! ```
//!
//! Blocks are named by what they are, so there is nothing to keep apart: they are shared with
//! everybody who uses the store.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, Op, Result};

use super::enumerate::{keep, until_error};

/// The part of a datastore below a prefix, and all its blocks.
///
/// `sync`, `disk_usage` and `close` are those of the whole store; give it `&D` or `Arc<D>` and
/// close that. A batch stays one batch.
pub struct Namespace<D> {
    inner: D,
    prefix: Key,
}

impl<D: Datastore> Namespace<D> {
    /// The part of `inner` below `prefix`.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] if that is `/blocks` or lies below it.
    pub fn new(inner: D, prefix: Key) -> Result<Namespace<D>> {
        if prefix == Key::blocks() || prefix.as_block().is_some() {
            return Err(Error::InvalidKey {
                key: prefix.to_string(),
                reason: "a namespace is not for blocks: choose another prefix",
            });
        }
        Ok(Namespace { inner, prefix })
    }

    /// The whole store.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// The name of `key` in the whole store.
    fn name<'k>(&self, key: &'k Key) -> Result<Cow<'k, Key>> {
        if key.as_block().is_some() {
            return Ok(Cow::Borrowed(key));
        }
        key.below(&self.prefix).map(Cow::Owned)
    }

    /// The name here of a key of the whole store. A key that would be a block's is none of ours.
    fn here(&self, key: &Key) -> Option<Key> {
        key.beyond(&self.prefix)
            .filter(|key| key.as_block().is_none())
    }
}

/// Where an enumeration below a prefix has to look.
enum Parts {
    Blocks,
    Others(Key),
    All(Key),
}

impl<D> Namespace<D> {
    fn parts(&self, prefix: &Key) -> Result<Parts> {
        let scope = prefix.scope();
        if scope.others.is_none() {
            return Ok(Parts::Blocks);
        }
        let others = prefix.below(&self.prefix)?;
        Ok(match scope.blocks {
            Some(_) => Parts::All(others),
            None => Parts::Others(others),
        })
    }
}

impl<D: Datastore> Datastore for Namespace<D> {
    forward!(inner: sync disk_usage close);

    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.inner.get(&*self.name(key)?)
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.inner.put(&*self.name(key)?, value)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.inner.delete(&*self.name(key)?)
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.inner.has(&*self.name(key)?)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.inner.size(&*self.name(key)?)
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.inner.get_range(&*self.name(key)?, range)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if keys.iter().all(|key| key.as_block().is_some()) {
            return self.inner.get_many(keys);
        }
        let names = keys.iter().map(|key| self.name(key).map(Cow::into_owned));
        self.inner.get_many(&names.collect::<Result<Vec<_>>>()?)
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        if batch.ops().iter().all(|op| op.key().as_block().is_some()) {
            return self.inner.apply(batch);
        }
        let ops = batch.into_iter().map(|op| {
            Ok(match op {
                Op::Put(key, value) => Op::Put(self.name(&key)?.into_owned(), value),
                Op::Delete(key) => Op::Delete(self.name(&key)?.into_owned()),
            })
        });
        self.inner.apply(ops.collect::<Result<Batch>>()?)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        let ours = |(key, value)| Some((self.here(&key)?, value));
        Ok(match self.parts(prefix)? {
            Parts::Blocks => self.inner.query(prefix)?,
            Parts::Others(below) => Box::new(keep(self.inner.query(&below)?, ours)),
            Parts::All(below) => {
                let others = keep(self.inner.query(&below)?, ours);
                Box::new(until_error(others.chain(self.inner.query(&Key::blocks())?)))
            }
        })
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        let ours = |key| self.here(&key);
        Ok(match self.parts(prefix)? {
            Parts::Blocks => self.inner.keys(prefix)?,
            Parts::Others(below) => Box::new(keep(self.inner.keys(&below)?, ours)),
            Parts::All(below) => {
                let others = keep(self.inner.keys(&below)?, ours);
                Box::new(until_error(others.chain(self.inner.keys(&Key::blocks())?)))
            }
        })
    }
}
