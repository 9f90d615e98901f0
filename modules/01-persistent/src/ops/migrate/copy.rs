//! From one open store to another.

use std::collections::BTreeMap;

use bytes::Bytes;
use datastore::{Batch, Datastore, Key};

use super::{Migrated, Result, Watch, stop};
use crate::Persistent;
use crate::engine::Stretch;
use crate::ops::Error;
use crate::ops::error::chain;
use crate::ops::proof::{GROUP_BYTES, GROUP_ENTRIES, name, prove};

/// The destination is flushed after so many bytes.
const FLUSH_EVERY: u64 = 64 << 20;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// Blocks.
    pub blocks: u64,
    /// Bytes of blocks.
    pub bytes: u64,
    /// Keys that are no blocks.
    pub others: u64,
}

/// Copies what `to` lacks of `from`, and proves that it has everything. All is on disk then.
///
/// # Errors
/// [`Error::Stopped`], and what the stores say. An enumeration of `from` that ends early by anything
/// but damage is an error, too: what comes after is not known.
pub(super) fn run(from: &Persistent, to: &dyn Datastore, watch: &dyn Watch) -> Result<Migrated> {
    run_on(from, Some(from), to, watch)
}

/// As [`run`]; blocks come in the order of `sweeps`, which is `from`, if that has one.
fn run_on(
    from: &dyn Datastore,
    sweeps: Option<&Persistent>,
    to: &dyn Datastore,
    watch: &dyn Watch,
) -> Result<Migrated> {
    let mut run = Run {
        from,
        to,
        watch,
        unflushed: 0,
        damaged: BTreeMap::new(),
        done: Migrated::default(),
    };
    run.copy(sweeps)?;
    to.sync()?;
    run.prove()?;
    to.sync()?;
    let damaged = run.damaged.iter();
    run.done.damaged = damaged.map(|(key, why)| (name(key), why.clone())).collect();
    Ok(run.done)
}

struct Run<'a> {
    from: &'a dyn Datastore,
    to: &'a dyn Datastore,
    watch: &'a dyn Watch,
    unflushed: u64,
    /// Blocks that could not be copied, and why.
    damaged: BTreeMap<Key, String>,
    done: Migrated,
}

impl Run<'_> {
    fn copy(&mut self, sweeps: Option<&Persistent>) -> Result<()> {
        let sweep = match sweeps {
            Some(from) => from.sweep()?.map(|sweep| (from, sweep)),
            None => None,
        };
        let mut group = Group::default();
        for key in self.from.keys(&Key::root())? {
            stop(self.watch)?;
            let Some(key) = self.listed(key)? else {
                break;
            };
            if sweep.is_some() && key.as_block().is_some() {
                // The others came first.
                break;
            }
            if !self.to.has(&key)? {
                let value = self.from.get(&key);
                self.take(&mut group, key, value)?;
            }
        }
        if let Some((from, sweep)) = sweep {
            for stretch in sweep {
                let Some(stretch) = self.listed(stretch)? else {
                    break;
                };
                self.copy_stretch(&mut group, from, stretch)?;
            }
        }
        self.write(group.take())
    }

    /// A listing that ends at a damage has given what can be listed: the rest is not known.
    fn listed<T>(&mut self, next: datastore::Result<T>) -> Result<Option<T>> {
        match next {
            Ok(next) => Ok(Some(next)),
            Err(damage @ datastore::Error::Corrupt { .. }) => {
                self.done.record = vec![format!("its listing ends early: {}", chain(&damage))];
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn copy_stretch(
        &mut self,
        group: &mut Group,
        from: &Persistent,
        stretch: Stretch,
    ) -> Result<()> {
        let there = stretch.keys.iter().map(|key| self.to.has(key));
        let there: Vec<bool> = there.collect::<datastore::Result<_>>()?;
        stop(self.watch)?;
        if there.iter().all(|there| *there) {
            return Ok(());
        }
        for ((key, value), there) in from.read(stretch).zip(there) {
            stop(self.watch)?;
            if !there {
                self.take(group, key, value)?;
            }
        }
        Ok(())
    }

    /// Takes what was read of a key.
    fn take(
        &mut self,
        group: &mut Group,
        key: Key,
        value: datastore::Result<Option<Bytes>>,
    ) -> Result<()> {
        match value {
            Ok(Some(value)) => {
                if !group.has_room_for(&value) {
                    self.write(group.take())?;
                }
                group.push(key, value);
            }
            // It is asked for once more at the end.
            Ok(None) => {}
            Err(error) if key.as_block().is_some() => {
                self.damaged
                    .insert(key, format!("it cannot be read: {}", chain(&error)));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Writes what is good of a group.
    fn write(&mut self, group: Vec<(Key, Bytes)>) -> Result<()> {
        let (blocks, others): (Vec<_>, Vec<_>) = group
            .into_iter()
            .partition(|(key, _)| key.as_block().is_some());
        let (proven, wrong) = prove(blocks);
        self.watch.did((proven.len() + others.len()) as u64, 0);
        let copied = &mut self.done.copied;
        copied.blocks += proven.len() as u64;
        copied.bytes += proven
            .iter()
            .map(|(_, data)| data.len() as u64)
            .sum::<u64>();
        copied.others += others.len() as u64;
        self.damaged.extend(wrong);
        let mut batch = Batch::new();
        for (key, value) in others.into_iter().chain(proven) {
            batch.put(key, value);
        }
        self.unflushed += batch.bytes();
        self.watch.did(0, batch.bytes());
        if !batch.is_empty() {
            self.to.apply(batch)?;
        }
        if self.unflushed >= FLUSH_EVERY {
            self.to.sync()?;
            self.unflushed = 0;
        }
        Ok(())
    }

    /// Looks up every key of the source.
    fn prove(&mut self) -> Result<()> {
        let mut group = Group::default();
        for key in self.from.keys(&Key::root())? {
            stop(self.watch)?;
            let Some(key) = self.listed(key)? else {
                break;
            };
            let there = self.to.get(&key);
            if key.as_block().is_none() {
                self.compare(key, there?)?;
                continue;
            }
            match there {
                Ok(Some(value)) => {
                    if !group.has_room_for(&value) {
                        self.check(group.take())?;
                    }
                    group.push(key, value);
                }
                // It could not be copied, and is named for it.
                Ok(None) if self.damaged.contains_key(&key) => {}
                Ok(None) | Err(_) => self.mend(key)?,
            }
        }
        self.check(group.take())
    }

    fn compare(&mut self, key: Key, there: Option<Bytes>) -> Result<()> {
        self.watch.did(1, 0);
        if self.from.get(&key)? == there {
            self.done.others += u64::from(there.is_some());
        } else {
            self.done.different.push(key);
        }
        Ok(())
    }

    fn check(&mut self, group: Vec<(Key, Bytes)>) -> Result<()> {
        self.watch.did(group.len() as u64, 0);
        let (proven, wrong) = prove(group);
        self.done.blocks += proven.len() as u64;
        for (key, _) in wrong {
            self.mend(key)?;
        }
        Ok(())
    }

    /// Copies a block again that is damaged in the destination.
    fn mend(&mut self, key: Key) -> Result<()> {
        let value = match self.from.get(&key) {
            Ok(Some(value)) => value,
            Ok(None) => {
                let why = "it is listed, and not found".to_owned();
                self.damaged.insert(key, why);
                return Ok(());
            }
            Err(error) => {
                self.damaged
                    .insert(key, format!("it cannot be read: {}", chain(&error)));
                return Ok(());
            }
        };
        let copied = self.done.copied.blocks;
        self.write(vec![(key.clone(), value)])?;
        if self.done.copied.blocks == copied {
            return Ok(());
        }
        let there = self.to.get(&key)?.unwrap_or_default();
        let (proven, _) = prove(vec![(key.clone(), there)]);
        self.done.blocks += proven.len() as u64;
        if proven.is_empty() {
            return Err(Error::refused(
                "the destination",
                format!(
                    "it does not give back {} as it was written, twice: use another disk",
                    name(&key)
                ),
            ));
        }
        Ok(())
    }
}

/// Keys and values up to the bound of a group.
#[derive(Default)]
struct Group {
    entries: Vec<(Key, Bytes)>,
    bytes: usize,
}

impl Group {
    fn push(&mut self, key: Key, value: Bytes) {
        self.bytes += value.len();
        self.entries.push((key, value));
    }

    /// One value may be larger than the bound, alone.
    fn has_room_for(&self, value: &Bytes) -> bool {
        self.entries.is_empty()
            || (self.bytes + value.len() <= GROUP_BYTES && self.entries.len() < GROUP_ENTRIES)
    }

    fn take(&mut self) -> Vec<(Key, Bytes)> {
        self.bytes = 0;
        std::mem::take(&mut self.entries)
    }
}

#[cfg(test)]
mod tests;
