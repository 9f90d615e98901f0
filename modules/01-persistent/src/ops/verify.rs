//! `verify`: every block hashed anew, and every block that was acknowledged looked for.
//!
//! ```text
//! list the blocks ──► read and hash on all cores ──► wrong, unreadable
//! read the ledger ──► is it there? ────────────────► missing, perhaps deleted
//! ```
//!
//! No engine notices every flipped bit; a CID does. No engine misses a block that it lost; the
//! ledger of acknowledgements does, and its own sums prove it. What is found is told block by
//! block, and mended if that is asked for. A store that is open read-only is not changed. While the
//! engine looks at its own structures, which only redb can, every other call waits.

mod readers;

use std::collections::HashSet;
use std::path::PathBuf;
use std::thread;

use block_cid::{Block, Blockstore, Cid, Fetcher};
use datastore::{Datastore, Key};

use super::error::chain;
use super::record::{named, walk};
use super::{Error, Result, Watch, quarantine};
use crate::Persistent;
use crate::acks::Reading;
use crate::lost::cid;
use readers::{Readers, Seen};

/// What is done about what is found; by default nothing is.
#[derive(Clone, Copy, Default)]
pub struct Mend<'a> {
    /// Move damaged bytes to [`quarantine`], so that the block is absent and the next put, or
    /// the source, heals it.
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

/// What is wrong with a block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// Its bytes are those of another CID.
    Wrong {
        /// The CID that they have.
        actual: Cid,
    },
    /// The engine cannot give it, and says why.
    Unreadable(String),
    /// It was acknowledged and not deleted, and is not there.
    Missing,
    /// It was acknowledged and is not there, and may have been deleted: the record is lost.
    Perhaps,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Damage::Wrong { actual } => write!(f, "damaged: its bytes make {actual}"),
            Damage::Unreadable(why) => write!(f, "damaged: cannot be read: {why}"),
            Damage::Missing => f.write_str("missing: it was acknowledged, and is not there"),
            Damage::Perhaps => {
                f.write_str("perhaps deleted: it is not there, and the record of that may be lost")
            }
        }
    }
}

/// What was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mended {
    /// It came from the source, proven, and is there again.
    Fetched,
    /// What was found is in this file; the block is missing until it is put again, and
    /// with [`forget`](Mend::forget) counted as forgotten.
    Quarantined(PathBuf),
    /// It is not expected any more.
    Forgotten,
}

/// A block with which something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The block, as CIDv1 `raw`.
    pub cid: Cid,
    /// What is wrong.
    pub damage: Damage,
    /// Where it lies, or would: its file, or the folder of the engine.
    pub path: PathBuf,
    /// What was done.
    pub mended: Option<Mended>,
    /// Why nothing could be done although it was asked for.
    pub failed: Option<String>,
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
    if let Err(error) = store.check() {
        run.report.store.push(chain(&error));
    }
    run.others();
    run.listed()?;
    if let Some(reading) = store.reading()? {
        run.acknowledged(&reading)?;
    }
    Ok(run.report)
}

struct Run<'a> {
    store: &'a Persistent,
    mend: &'a Mend<'a>,
    watch: &'a dyn Watch,
    told: &'a mut dyn FnMut(&Fault) -> Result<()>,
    // What was told: the listing and the ledger may both come to it.
    faulty: HashSet<Key>,
    // Blocks that were listed, and went to quarantine.
    moved: u64,
    report: Report,
}

impl Run<'_> {
    /// Keys that are no blocks have no hash; that they can be read is all there is to see.
    fn others(&mut self) {
        let all = match self.store.query(&Key::root()) {
            Ok(all) => all,
            Err(error) => return self.report.store.push(chain(&error)),
        };
        for entry in all {
            match entry {
                Ok((key, _)) if key.as_block().is_some() => break,
                Ok(_) => self.report.others += 1,
                Err(error) => return self.report.store.push(chain(&error)),
            }
        }
    }

    /// Every block that the engine lists.
    fn listed(&mut self) -> Result<()> {
        let keys = match self.store.keys(&Key::blocks()) {
            Ok(keys) => keys,
            Err(error) => {
                self.report.store.push(chain(&error));
                return Ok(());
            }
        };
        self.read(|run, readers| {
            for key in keys {
                run.go_on()?;
                match key {
                    Ok(key) => run.give(readers, key)?,
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
                    run.give(readers, key.clone())
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

    fn give(&mut self, readers: &mut Readers, key: Key) -> Result<()> {
        for seen in readers.give(key) {
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
            (Some(Mended::Quarantined(_)), _) => self.moved += 1,
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
        let mut kept = None;
        let is_wrong = matches!(fault.damage, Damage::Wrong { .. });
        if is_wrong && (fetched.is_some() || self.mend.quarantine) {
            // Not kept since it was hashed: of many that are wrong each is held by itself.
            if let Some(bytes) = self.store.get(key)? {
                let (disk, path) = self.store.beside()?;
                kept = Some(quarantine::keep(disk, path, key, &bytes)?);
            }
        }
        if let Some(block) = fetched {
            self.store.blocks().put(&block)?;
            return Ok(Some(Mended::Fetched));
        }
        if let Some(place) = kept {
            self.store.evict(key)?;
            return Ok(Some(Mended::Quarantined(place)));
        }
        let absent = matches!(fault.damage, Damage::Missing | Damage::Perhaps);
        Ok((absent && self.mend.forget).then_some(Mended::Forgotten))
    }

    fn go_on(&self) -> Result<()> {
        match self.watch.stops() {
            true => Err(Error::Stopped),
            false => Ok(()),
        }
    }
}
