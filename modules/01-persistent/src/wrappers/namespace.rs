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
/// close that. A batch stays one batch. A key that is too long with the prefix before it is never
/// there, and cannot be put.
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

    /// The name of `key` in the whole store; none if that is longer than any key.
    fn name<'k>(&self, key: &'k Key) -> Option<Cow<'k, Key>> {
        if key.as_block().is_some() {
            return Some(Cow::Borrowed(key));
        }
        key.below(&self.prefix).map(Cow::Owned).ok()
    }

    /// What `read` gives under the name of `key` in the whole store.
    fn read<T>(
        &self,
        key: &Key,
        read: impl FnOnce(&Key) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        match self.name(key) {
            Some(name) => read(&name),
            None => Ok(None),
        }
    }

    /// The name here of a key of the whole store. A key that would be a block's is none of ours.
    fn here(&self, key: &Key) -> Option<Key> {
        key.beyond(&self.prefix)
            .filter(|key| key.as_block().is_none())
    }
}

fn too_long(key: &Key) -> Error {
    Error::InvalidKey {
        key: key.to_string(),
        reason: "with the prefix of the namespace it has more than 1,024 bytes",
    }
}

/// Where an enumeration below a prefix has to look.
enum Parts {
    Nothing,
    Blocks,
    Others(Key),
    All(Key),
}

impl<D> Namespace<D> {
    fn parts(&self, prefix: &Key) -> Parts {
        let scope = prefix.scope();
        if scope.others.is_none() {
            return Parts::Blocks;
        }
        match (prefix.below(&self.prefix), scope.blocks) {
            (Ok(others), Some(_)) => Parts::All(others),
            (Ok(others), None) => Parts::Others(others),
            // No key is as long as what would lie below it.
            (Err(_), _) => Parts::Nothing,
        }
    }
}

impl<D: Datastore> Datastore for Namespace<D> {
    forward!(inner: sync disk_usage close);

    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.read(key, |name| self.inner.get(name))
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        let name = self.name(key).ok_or_else(|| too_long(key))?;
        self.inner.put(&name, value)
    }

    fn delete(&self, key: &Key) -> Result<()> {
        match self.name(key) {
            Some(name) => self.inner.delete(&name),
            None => Ok(()),
        }
    }

    fn has(&self, key: &Key) -> Result<bool> {
        let there = self.read(key, |name| Ok(self.inner.has(name)?.then_some(())))?;
        Ok(there.is_some())
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.read(key, |name| self.inner.size(name))
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.read(key, |name| self.inner.get_range(name, range))
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if keys.iter().all(|key| key.as_block().is_some()) {
            return self.inner.get_many(keys);
        }
        let names = keys.iter().map(|key| self.name(key).map(Cow::into_owned));
        match names.collect::<Option<Vec<_>>>() {
            Some(names) => self.inner.get_many(&names),
            None => keys.iter().map(|key| self.get(key)).collect(),
        }
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        if batch.ops().iter().all(|op| op.key().as_block().is_some()) {
            return self.inner.apply(batch);
        }
        let ops = batch.into_iter().filter_map(|op| {
            let name = self.name(op.key()).map(Cow::into_owned);
            match (op, name) {
                (Op::Put(_, value), Some(name)) => Some(Ok(Op::Put(name, value))),
                (Op::Put(key, _), None) => Some(Err(too_long(&key))),
                (Op::Delete(_), name) => name.map(|name| Ok(Op::Delete(name))),
            }
        });
        self.inner.apply(ops.collect::<Result<Batch>>()?)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        let ours = |(key, value)| Some((self.here(&key)?, value));
        Ok(match self.parts(prefix) {
            Parts::Nothing => Box::new(std::iter::empty()),
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
        Ok(match self.parts(prefix) {
            Parts::Nothing => Box::new(std::iter::empty()),
            Parts::Blocks => self.inner.keys(prefix)?,
            Parts::Others(below) => Box::new(keep(self.inner.keys(&below)?, ours)),
            Parts::All(below) => {
                let others = keep(self.inner.keys(&below)?, ours);
                Box::new(until_error(others.chain(self.inner.keys(&Key::blocks())?)))
            }
        })
    }
}
