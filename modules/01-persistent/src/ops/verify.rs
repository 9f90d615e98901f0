//! `verify`: every block hashed anew, and every block that was acknowledged looked for.
//!
//! ```text
//! list the blocks ──► read and hash on all cores ──► wrong, unreadable
//! read the ledger ──► is it there? ────────────────► missing, perhaps deleted
//! ```
//!
//! No engine notices every flipped bit; a CID does. No engine misses a block that it lost; the
//! ledger of acknowledgements does, and its own sums prove it. What is found is told block by
//! block, and mended if that is asked for. A store that is open read-only is not changed.
//!
//! While the engine looks at its own structures, which redb and pack can, every other call waits. It
//! does so in this process: should it panic over them, that is told as damage; should it abort or
//! not come back, `verify` ends with it, and `salvage`, which tries a copy in a process of its own,
//! is what is left.

mod fault;
mod readers;

use std::collections::HashSet;
use std::thread;

use block_cid::{Block, Blockstore, Fetcher};
use datastore::{Datastore, Key};

use super::error::chain;
use super::record::{named, walk};
use super::{Error, Result, Watch, quarantine};
use crate::Persistent;
use crate::acks::Reading;
use crate::lost::cid;
use readers::{Done, Readers, Seen};

pub use fault::{Damage, Fault, Mended};

/// What is done about what is found; by default nothing is.
#[derive(Clone, Copy, Default)]
pub struct Mend<'a> {
    /// Move damaged bytes to [`quarantine`], so that the block is absent and the next put, or
    /// the source, heals it. Of one that the engine finds damaged and does not give, there is
    /// nothing to move: it is removed.
    pub quarantine: bool,
    /// Fetch what is damaged or missing from here. What it replaces goes to quarantine.
    pub source: Option<&'a dyn Fetcher>,
    /// Expect no more what stays missing, and accept the record of acknowledgements as it is.
    pub forget: bool,
}

impl Mend<'_> {
    /// Whether anything is to be changed.
    pub fn writes(&self) -> bool {
        self.quarantine || self.forget || self.source.is_some()
    }
}

/// What `verify` found in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Blocks that were read.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Other keys whose values could be read.
    pub others: u64,
    /// Blocks that are wrong or unreadable.
    pub damaged: u64,
    /// Blocks that were acknowledged and are not there.
    pub missing: u64,
    /// Blocks that are not there, and perhaps were deleted.
    pub perhaps: u64,
    /// Blocks that are there again.
    pub fetched: u64,
    /// Blocks that are expected no more.
    pub forgotten: u64,
    /// What was wrong with the ledger, and is accepted by [`forget`](Mend::forget).
    pub accepted: Option<String>,
    /// Blocks without a record; `None` where there is no ledger.
    pub strangers: Option<u64>,
    /// What is wrong with the ledger, the listing of blocks, or other keys.
    pub store: Vec<String>,
}

impl Report {
    /// Whether all is as it was acknowledged, now that what could be mended is.
    pub fn is_good(&self) -> bool {
        self.damaged + self.missing <= self.fetched + self.forgotten && self.store.is_empty()
    }
}

/// Verifies `store`; each fault is given to `told` as it is found.
///
/// # Errors
/// [`Error::Stopped`]; [`Error::Refused`] if something is to be mended that cannot be; those of
/// mending. What is wrong with the store is no error, but is told.
pub fn verify(
    store: &Persistent,
    mend: &Mend<'_>,
    watch: &dyn Watch,
    told: &mut dyn FnMut(&Fault) -> Result<()>,
) -> Result<Report> {
    if mend.writes() {
        store.beside()?;
    }
    let mut run = Run {
        store,
        mend,
        watch,
        told,
        faulty: HashSet::new(),
        moved: 0,
        report: Report::default(),
    };
    let mut structures = store.check();
    run.others();
    run.listed()?;
    if let Some(reading) = store.reading()? {
        run.acknowledged(&reading)?;
    }
    let mut report = run.report;
    if structures.is_err() && report.fetched + run.moved > 0 {
        // It may have been what was mended.
        structures = store.check();
    }
    if let Err(error) = structures {
        let what = chain(&error);
        // A listing may have told it.
        report.store.retain(|told| *told != what);
        report.store.insert(0, what);
    }
    Ok(report)
}

struct Run<'a> {
    store: &'a Persistent,
    mend: &'a Mend<'a>,
    watch: &'a dyn Watch,
    told: &'a mut dyn FnMut(&Fault) -> Result<()>,
    // What was told: the listing and the ledger may both come to it.
    faulty: HashSet<Key>,
    // Blocks that were listed, and went to quarantine or were removed.
    moved: u64,
    report: Report,
}

impl Run<'_> {
    /// Keys that are no blocks have no hash; that they can be read is all there is to see.
    fn others(&mut self) {
        // Not by a query, which reads ahead into the blocks.
        let keys = match self.store.keys(&Key::root()) {
            Ok(keys) => keys,
            Err(error) => return self.report.store.push(chain(&error)),
        };
        for key in keys {
            let key = match key {
                Ok(key) if key.as_block().is_some() => break,
                Ok(key) => key,
                Err(error) => return self.report.store.push(chain(&error)),
            };
            match self.store.get(&key) {
                Ok(Some(_)) => self.report.others += 1,
                // Removed since it was listed.
                Ok(None) => {}
                Err(error) => {
                    let why = format!("{key} cannot be read: {}", chain(&error));
                    self.report.store.push(why);
                }
            }
        }
    }

    /// Every block that the engine lists.
    fn listed(&mut self) -> Result<()> {
        let listed = match self.store.sweep() {
            Ok(Some(sweep)) => return self.read_all(sweep, Readers::give_stretch),
            Ok(None) => self.store.keys(&Key::blocks()),
            Err(error) => Err(error),
        };
        match listed {
            Ok(keys) => self.read_all(keys, Readers::give),
            Err(error) => {
                self.report.store.push(chain(&error));
                Ok(())
            }
        }
    }

    fn read_all<T>(
        &mut self,
        listed: impl Iterator<Item = datastore::Result<T>>,
        give: fn(&mut Readers, T) -> Done<'_>,
    ) -> Result<()> {
        self.read(|run, readers| {
            for part in listed {
                run.go_on()?;
                match part {
                    Ok(part) => run.all_seen(give(readers, part))?,
                    Err(error) => run.report.store.push(chain(&error)),
                }
            }
            Ok(())
        })
    }

    /// Every block that the ledger has.
    fn acknowledged(&mut self, reading: &Reading) -> Result<()> {
        let listed = self.report.blocks.saturating_sub(self.moved);
        let mut there = 0;
        let wrong = walk(reading, &mut |key, claim| {
            let damage = match self.store.has(key) {
                Ok(true) => {
                    there += 1;
                    return Ok(());
                }
                Ok(false) if self.store.deleted_since(reading, key)? => return Ok(()),
                Ok(false) if claim.perhaps => Damage::Perhaps,
                Ok(false) => Damage::Missing,
                Err(error) => Damage::Unreadable(chain(&error)),
            };
            self.go_on()?;
            self.fault(key, damage)
        })?;
        let told = wrong.as_ref().map(|wrong| named(reading, wrong));
        match self.mend.forget {
            true => self.report.accepted = told,
            false => self.report.store.extend(told),
        }
        if reading.whole().is_none() {
            return Ok(());
        }
        self.report.strangers = Some(listed.saturating_sub(there));
        if there > listed {
            // The listing has left some out, which were not hashed.
            let what = "the engine does not list all the blocks that it has";
            self.report.store.push(what.into());
            self.read(|run, readers| {
                walk(reading, &mut |key, _| {
                    run.go_on()?;
                    run.all_seen(readers.give(key.clone()))
                })
                .map(drop)
            })?;
        }
        if self.mend.writes() {
            self.store.settle(self.mend.forget, wrong)?;
            if self.mend.forget {
                // They are gone, too.
                self.report.forgotten += self.moved;
            }
        }
        Ok(())
    }

    /// Has the blocks read that `keys` gives, and tells what came of them.
    fn read(&mut self, keys: impl FnOnce(&mut Self, &mut Readers) -> Result<()>) -> Result<()> {
        let store = self.store;
        thread::scope(|scope| {
            let mut readers = Readers::start(scope, store);
            keys(self, &mut readers)?;
            for seen in readers.end() {
                self.go_on()?;
                self.seen(seen)?;
            }
            Ok(())
        })
    }

    fn all_seen(&mut self, done: Done<'_>) -> Result<()> {
        for seen in done {
            self.seen(seen)?;
        }
        Ok(())
    }

    fn seen(&mut self, seen: Seen) -> Result<()> {
        self.report.blocks += seen.blocks;
        self.report.bytes += seen.bytes;
        self.watch.did(seen.blocks, seen.bytes);
        let nameless = seen.nameless.iter();
        let nameless = nameless.map(|key| format!("{key} names no block"));
        self.report.store.extend(nameless);
        for (key, damage) in seen.wrong {
            self.fault(&key, damage)?;
        }
        Ok(())
    }

    fn fault(&mut self, key: &Key, damage: Damage) -> Result<()> {
        let Some(cid) = cid(key) else { return Ok(()) };
        if !self.faulty.insert(key.clone()) {
            return Ok(());
        }
        match damage {
            Damage::Missing => self.report.missing += 1,
            Damage::Perhaps => self.report.perhaps += 1,
            Damage::Wrong { .. } | Damage::Unreadable(_) => self.report.damaged += 1,
        }
        let mut fault = Fault {
            cid,
            path: self.store.place(key)?,
            damage,
            mended: None,
            failed: None,
        };
        match self.mended(key, &fault) {
            Ok(mended) => fault.mended = mended,
            Err(error) => fault.failed = Some(chain(&error)),
        }
        match (&fault.mended, &fault.damage) {
            // What is perhaps deleted was not counted among what is missing.
            (_, Damage::Perhaps) | (None, _) => {}
            (Some(Mended::Quarantined(_) | Mended::Removed), _) => self.moved += 1,
            (Some(Mended::Fetched), _) => self.report.fetched += 1,
            (Some(Mended::Forgotten), _) => self.report.forgotten += 1,
        }
        (self.told)(&fault)
    }

    fn mended(&self, key: &Key, fault: &Fault) -> Result<Option<Mended>> {
        let fetched = match (self.mend.source, &fault.damage) {
            // Nobody may want it back.
            (_, Damage::Perhaps) | (None, _) => None,
            (Some(source), _) => source.fetch(&fault.cid)?,
        };
        let prove = |block: Block| Block::checked(fault.cid, block.into_parts().1);
        let fetched = fetched.map(prove).transpose()?;
        let taken = match (&fault.damage, &fetched) {
            (Damage::Wrong { .. }, Some(_)) => self.keep(key)?,
            (Damage::Wrong { .. }, None) if self.mend.quarantine => self.keep(key)?,
            (Damage::Unreadable(_), None) if self.mend.quarantine => self.removable(key)?,
            _ => None,
        };
        if let Some(block) = fetched {
            self.store.blocks().put(&block)?;
            return Ok(Some(Mended::Fetched));
        }
        if taken.is_some() {
            self.store.evict(key)?;
            return Ok(taken);
        }
        let absent = matches!(fault.damage, Damage::Missing | Damage::Perhaps);
        Ok((absent && self.mend.forget).then_some(Mended::Forgotten))
    }

    /// Copies what is there to quarantine.
    fn keep(&self, key: &Key) -> Result<Option<Mended>> {
        // Not kept since it was hashed: of many that are wrong each is held by itself.
        let Some(bytes) = self.store.get(key)? else {
            return Ok(None);
        };
        let (disk, path) = self.store.beside()?;
        let place = quarantine::keep(disk, path, key, &bytes)?;
        Ok(Some(Mended::Quarantined(place)))
    }

    /// Whether it may be removed although nothing of it can be kept: it is damaged. What a disk
    /// does not give now it may give again.
    fn removable(&self, key: &Key) -> Result<Option<Mended>> {
        match self.store.get(key) {
            Err(datastore::Error::Corrupt { .. }) => Ok(Some(Mended::Removed)),
            Err(error) => Err(error.into()),
            Ok(_) => Err(Error::refused(
                self.store.place(key)?,
                "can be read now: verify once more",
            )),
        }
    }

    fn go_on(&self) -> Result<()> {
        match self.watch.stops() {
            true => Err(Error::Stopped),
            false => Ok(()),
        }
    }
}
