//! What the operations on whole stores need of an open one.

use std::path::{Path, PathBuf};

use datastore::{Disk, Error, Key, Result};

use crate::acks::Reading;
use crate::manifest::Manifest;
use crate::{Persistent, engines};

impl Persistent {
    /// The record of what was acknowledged, if there is one, up to now.
    pub(crate) fn reading(&self) -> Result<Option<Reading>, crate::Error> {
        let Some(path) = self.path() else {
            return Ok(None);
        };
        if let Some(acks) = self.promise.acks() {
            return Ok(Some(acks.reading()?));
        }
        let manifest = Manifest::read(&*self.disk, path, self.kind())?;
        match manifest.and_then(|manifest| manifest.acks) {
            Some(record) if !self.promise.writes() => {
                Ok(Some(Reading::open(&*self.disk, path, &record)?))
            }
            _ => Ok(None),
        }
    }

    /// Whether `key` was deleted after `reading` was taken.
    pub(crate) fn deleted_since(&self, reading: &Reading, key: &Key) -> Result<bool> {
        match self.promise.acks() {
            Some(acks) => acks.deleted_since(reading, key),
            None => Ok(false),
        }
    }

    /// Where the value under `key` lies, or would: its own file, or the folder of the engine.
    pub(crate) fn place(&self, key: &Key) -> Result<PathBuf> {
        if let Some(file) = self.promise.file_of(key)? {
            return Ok(file);
        }
        let path = self.path().unwrap_or(Path::new(""));
        Ok(match self.found().is_foreign() {
            true => path.to_owned(),
            false => engines::data_dir(self.kind(), path),
        })
    }

    /// The folder of the store, and the disk that it lies on: for writing beside the engine.
    ///
    /// # Errors
    /// [`Error::Unsupported`] in memory, [`Error::ReadOnly`] where nothing of ours may be written.
    pub(crate) fn beside(&self) -> Result<(&dyn Disk, &Path)> {
        let Some(path) = self.path() else {
            return Err(Error::Unsupported {
                engine: self.kind().name(),
                feature: "folder",
                remedy: "use an engine that keeps what it gets",
            });
        };
        let reason = match (self.found().kubo, self.promise.writes()) {
            (true, _) => "the folder is Kubo's; have Kubo mend it",
            (false, false) => "it was opened for reading; open it for writing",
            (false, true) => return Ok((&*self.disk, path)),
        };
        Err(Error::ReadOnly {
            path: path.to_owned(),
            reason: reason.into(),
        })
    }

    /// Looks at the engine's own structures. Every other call waits meanwhile.
    pub(crate) fn check(&self) -> Result<()> {
        self.promise.check()
    }

    /// Takes a damaged value out of the engine. It is missing until it is put again.
    pub(crate) fn evict(&self, key: &Key) -> Result<()> {
        self.promise.evict(key)
    }

    /// Writes the record of what was acknowledged anew: every block that is there, and unless
    /// `forget`, every one that is missing. What was `wrong` with the record is told from here on,
    /// unless `forget`.
    pub(crate) fn settle(&self, forget: bool, wrong: Option<String>) -> Result<()> {
        self.promise.settle(forget, wrong)
    }
}
