//! An engine as a datastore: the promise of [`Durability`] made once, for every engine.

use std::ops::Range;
use std::path::PathBuf;

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, Op, Result};

use crate::Durability;
use crate::engine::Flush;
use crate::group::Group;
use crate::live::{Caught, Live};

pub(crate) struct Promise {
    live: Live,
    group: Group,
    durability: Durability,
    path: PathBuf,
    read_only: bool,
}

impl Promise {
    pub fn new(live: Live, durability: Durability, path: PathBuf, read_only: bool) -> Promise {
        Promise {
            live,
            group: Group::default(),
            durability,
            path,
            read_only,
        }
    }

    /// How many durable commits were made.
    pub fn commits(&self) -> u64 {
        self.group.commits()
    }

    /// Closes; true if the engine was open and nothing had failed.
    pub fn shut(&self) -> Result<bool> {
        self.live.close()
    }

    /// Gives back what deleted and replaced values still take on disk.
    pub fn compact(&self) -> Result<()> {
        self.refuse_if_read_only()?;
        self.live.compact()
    }

    fn refuse_if_read_only(&self) -> Result<()> {
        if !self.read_only {
            return Ok(());
        }
        // A closed store says that it is closed, whatever else it is.
        self.live.read(|_| Ok(()))?;
        Err(Error::ReadOnly {
            path: self.path.clone(),
            reason: "it was opened for reading; open it for writing".into(),
        })
    }

    fn commit(&self, batch: Batch) -> Result<()> {
        self.refuse_if_read_only()?;
        match self.durability {
            Durability::Each => self.group.commit(batch, |batch| {
                self.live.write(|engine| engine.write(batch, Flush::Yes))
            }),
            Durability::Batch | Durability::None => {
                self.live.write(|engine| engine.write(&batch, Flush::No))
            }
        }
    }
}

impl Datastore for Promise {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.live.read(|engine| engine.get(key))
    }

    fn put(&self, key: &Key, value: &[u8]) -> Result<()> {
        self.commit(Batch::from_iter([Op::Put(
            key.clone(),
            Bytes::copy_from_slice(value),
        )]))
    }

    fn delete(&self, key: &Key) -> Result<()> {
        self.commit(Batch::from_iter([Op::Delete(key.clone())]))
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'_>> {
        let entries = self.live.read(|engine| engine.query(prefix))?;
        Ok(Box::new(Caught::new(&self.live, entries)))
    }

    fn has(&self, key: &Key) -> Result<bool> {
        self.live.read(|engine| engine.has(key))
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.live.read(|engine| engine.size(key))
    }

    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        self.live
            .read(|engine| engine.get_range(key, range.clone()))
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.live
            .read(|engine| keys.iter().map(|key| engine.get(key)).collect())
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        let keys = self.live.read(|engine| engine.keys(prefix))?;
        Ok(Box::new(Caught::new(&self.live, keys)))
    }

    fn apply(&self, batch: Batch) -> Result<()> {
        if batch.is_empty() {
            return self.live.read(|_| Ok(()));
        }
        self.commit(batch)
    }

    fn sync(&self) -> Result<()> {
        match self.durability {
            // Nothing is acknowledged before it is on disk, so nothing is left to do.
            Durability::Each => self.live.read(|_| Ok(())),
            _ if self.read_only => self.live.read(|_| Ok(())),
            Durability::Batch | Durability::None => self.live.write(|engine| engine.flush()),
        }
    }

    fn disk_usage(&self) -> Result<u64> {
        self.live.read(|engine| engine.disk_usage())
    }

    fn close(&self) -> Result<()> {
        self.shut().map(drop)
    }
}
