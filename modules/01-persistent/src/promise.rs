//! An engine as a datastore: the promise of [`Durability`] made once, for every engine.

use std::ops::Range;
use std::path::PathBuf;

use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Error, Key, Keys, Op, Result};

use crate::Durability;
use crate::acks::Acks;
use crate::engine::{Flush, Stretch};
use crate::group::Group;
use crate::live::{Caught, Live};
use crate::sweep::Sweep;

pub(crate) struct Promise {
    live: Live,
    acks: Option<Acks>,
    group: Group,
    durability: Durability,
    path: PathBuf,
    read_only: bool,
}

impl Promise {
    pub fn new(
        live: Live,
        acks: Option<Acks>,
        durability: Durability,
        path: PathBuf,
        read_only: bool,
    ) -> Promise {
        Promise {
            live,
            acks,
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
        let clean = self.live.close()?;
        if let (true, Some(acks)) = (clean, &self.acks) {
            acks.close()?;
        }
        Ok(clean)
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

    /// The record of what was acknowledged, while the store is open for writing.
    pub fn acks(&self) -> Option<&Acks> {
        self.acks.as_ref()
    }

    /// Whether it was opened for writing.
    pub fn writes(&self) -> bool {
        !self.read_only
    }

    /// See [`Engine::unseen`](crate::engine::Engine::unseen).
    pub fn unseen(&self) -> Result<u64> {
        self.live.read(|engine| engine.unseen())
    }

    /// See [`Engine::file_of`](crate::engine::Engine::file_of).
    pub fn file_of(&self, key: &Key) -> Result<Option<PathBuf>> {
        self.live.read(|engine| Ok(engine.file_of(key)))
    }

    /// See [`Engine::sweep`](crate::engine::Engine::sweep).
    pub fn sweep(&self) -> Result<Option<Sweep<'_>>> {
        let sweep = self.live.read(|engine| engine.sweep())?;
        Ok(sweep.map(|sweep| Box::new(Caught::new(&self.live, sweep)) as Sweep<'_>))
    }

    /// The values of a stretch, as far as it has them; if the engine panics over them, none.
    pub fn read(&self, stretch: &Stretch) -> Vec<Option<Bytes>> {
        let values = self.live.read(|_| Ok((stretch.read)(&stretch.keys)));
        values.ok().flatten().unwrap_or_default()
    }

    /// See [`Engine::check`](crate::engine::Engine::check).
    pub fn check(&self) -> Result<()> {
        self.live.check(self.read_only)
    }

    /// Deletes `key`, which is expected to be there all the same.
    pub fn evict(&self, key: &Key) -> Result<()> {
        let batch = Batch::from_iter([Op::Delete(key.clone())]);
        if let Some(acks) = &self.acks {
            acks.expect(key)?;
        }
        self.live.commit(&batch, Flush::Yes)
    }

    /// See [`Acks::settle`].
    pub fn settle(&self, forget: bool, wrong: Option<String>) -> Result<()> {
        match &self.acks {
            Some(acks) => acks.settle(&self.live, forget, wrong),
            None => Ok(()),
        }
    }

    fn commit(&self, batch: Batch) -> Result<()> {
        self.refuse_if_read_only()?;
        match self.durability {
            Durability::Each => self
                .group
                .commit(batch, |batch| self.write(batch, Flush::Yes)),
            Durability::Batch | Durability::None => self.write(&batch, Flush::No),
        }
    }

    /// Has the engine write, and records it before anyone is told.
    fn write(&self, batch: &Batch, flush: Flush) -> Result<()> {
        let write = || self.live.commit(batch, flush);
        match &self.acks {
            Some(acks) => {
                // No delete is recorded that is then refused.
                self.live.takes_writes()?;
                acks.around(batch, write)
            }
            None => write(),
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
            Durability::Batch | Durability::None => {
                let flush = || self.live.flush();
                match &self.acks {
                    Some(acks) => acks.synced(flush),
                    None => flush(),
                }
            }
        }
    }

    fn disk_usage(&self) -> Result<u64> {
        let acks = self.acks.as_ref().map_or(0, Acks::bytes);
        Ok(self.live.read(|engine| engine.disk_usage())? + acks)
    }

    fn close(&self) -> Result<()> {
        self.shut().map(drop)
    }
}
