//! The read check of `Blocks` as a wrapper: for those who work with keys, not with CIDs.

use std::ops::Range;

use block_cid::{Verify, binary, hash};
use bytes::Bytes;
use datastore::{Datastore, Entries, Error, Key, Result, store::slice};

use super::enumerate::until_error;

/// A datastore that hashes the blocks that are read through it. One whose bytes do not have its
/// multihash is [`Error::Corrupt`], and not given out. Other keys go through.
///
/// What is put is not hashed: `Blocks` above does that.
pub struct Verified<D> {
    inner: D,
    verify: Verify,
}

impl<D: Datastore> Verified<D> {
    /// Hashes what is read from `inner`, as `verify` has it.
    pub fn new(inner: D, verify: Verify) -> Verified<D> {
        Verified { inner, verify }
    }

    /// The store below.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    fn hashes(&self, key: &Key) -> bool {
        self.verify == Verify::Always && key.as_block().is_some()
    }

    /// Hashes the blocks among these, all at once.
    fn prove<'v>(&self, read: impl IntoIterator<Item = (&'v Key, &'v Bytes)>) -> Result<()> {
        let blocks = read.into_iter().filter(|(key, _)| self.hashes(key));
        let blocks: Vec<_> = blocks
            .map(|(key, value)| {
                let multihash = binary::multihash(key.as_block().unwrap_or_default());
                Ok((key, multihash.map_err(|e| corrupt(key, e))?, value))
            })
            .collect::<Result<_>>()?;
        let claims: Vec<_> = blocks.iter().map(|(_, m, value)| (m, &value[..])).collect();
        let Some((at, actual)) = hash::first_wrong(&claims) else {
            return Ok(());
        };
        let key = blocks.get(at).map_or_else(Key::blocks, |b| b.0.clone());
        Err(match actual {
            Ok(_) => corrupt(&key, "the stored bytes have another hash"),
            Err(error) => corrupt(&key, error),
        })
    }
}

fn corrupt(key: &Key, what: impl std::fmt::Display) -> Error {
    Error::Corrupt {
        path: key.to_string().into(),
        what: format!("{what}; put the block again to replace it, and verify the store"),
    }
}

impl<D: Datastore> Datastore for Verified<D> {
    forward!(inner: put delete has size keys apply sync disk_usage close);

    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let value = self.inner.get(key)?;
        if self.hashes(key) {
            self.prove(value.iter().map(|value| (key, value)))?;
        }
        Ok(value)
    }

    /// A hash covers the whole block, so all of it is read.
    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        if !self.hashes(key) {
            return self.inner.get_range(key, range);
        }
        Ok(self.get(key)?.map(|value| slice(&value, range)))
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let values = self.inner.get_many(keys)?;
        if self.verify == Verify::Always {
            let there = keys.iter().zip(&values);
            self.prove(there.filter_map(|(key, value)| Some((key, value.as_ref()?))))?;
        }
        Ok(values)
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        let entries = self.inner.query(prefix)?;
        if self.verify == Verify::Never {
            return Ok(entries);
        }
        Ok(Box::new(until_error(entries.map(|entry| {
            let (key, value) = entry?;
            self.prove([(&key, &value)])?;
            Ok((key, value))
        }))))
    }
}
