//! A store that takes no writes, whatever the one below would do.

use std::path::PathBuf;

use datastore::{Batch, Datastore, Error, Key, Result};

/// A datastore whose writes are all refused with [`Error::ReadOnly`]. Reads go through.
pub struct ReadOnly<D> {
    inner: D,
    path: PathBuf,
    reason: String,
}

impl<D: Datastore> ReadOnly<D> {
    /// `inner` without its writes. The error names `path` and says `reason`, which should tell what
    /// to do instead.
    pub fn new(inner: D, path: impl Into<PathBuf>, reason: impl Into<String>) -> ReadOnly<D> {
        ReadOnly {
            inner,
            path: path.into(),
            reason: reason.into(),
        }
    }

    /// The store below.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    fn refuse(&self) -> Result<()> {
        // A closed store says that it is closed, whatever else it is.
        self.inner.has(&Key::root())?;
        Err(Error::ReadOnly {
            path: self.path.clone(),
            reason: self.reason.clone(),
        })
    }
}

impl<D: Datastore> Datastore for ReadOnly<D> {
    forward!(inner: get query has size get_range get_many keys sync disk_usage close);

    fn put(&self, _key: &Key, _value: &[u8]) -> Result<()> {
        self.refuse()
    }

    fn delete(&self, _key: &Key) -> Result<()> {
        self.refuse()
    }

    fn apply(&self, _batch: Batch) -> Result<()> {
        self.refuse()
    }
}
