//! What is done to the index in the background: full tables become runs, runs are merged.
//!
//! ```text
//! table ──full──► frozen ──► 1. flush the segment that it points into
//!                            2. write the run, flush it, name it, flush the folder
//!                            3. have it in the index instead of the table
//!
//! sizes of runs, the newest at the right, merged by 8:
//!   64  64  8 8 8 8  1 1 1 1 1 1 1 + 1   ──►   64  64  8 8 8 8 8
//! ```
//!
//! A run that is there before its segment is on disk makes `has` lie after a power cut, and the next
//! put of that block is skipped and lost.

use std::ops::Range;
use std::sync::Arc;

use datastore::disk::Mode;
use datastore::{DiskFile, Error, Key, Result};

use super::core::{Core, lock};
use super::index::{Broken, Snapshot};
use super::memory::Memory;
use super::merge::Merge;
use super::page::At;
use super::run::{self, Fault, Run};
use super::segment::Position;
use super::writer::Writer;

/// A merge looks after so many entries whether a table waits.
const LOOK: u64 = 4096;

impl Core {
    /// Writes the run of the frozen table, if there is one, and merges what is due.
    pub(super) fn settle(&self) -> Result<()> {
        let _upkeep = lock(&self.upkeep);
        self.check()?;
        self.write_frozen()?;
        while let Some(runs) = self.due() {
            self.merge(&runs)?;
            // Those that were merged give their memory back first.
            drop(runs);
            self.fit_filters();
        }
        Ok(())
    }

    /// Has filters in memory, those of small runs first, as far as there is room.
    pub(super) fn fit_filters(&self) {
        let mut runs = self.index.runs().to_vec();
        runs.sort_by_key(|run| run.entries);
        let mut room = self.limits.filters;
        for run in runs {
            let has_room = run.filter_len() <= room;
            room = room.saturating_sub(run.filter_len());
            if has_room {
                // One that cannot be read is looked at again by whoever needs it.
                let _ = run.load_filter();
            } else if run.has_filter() {
                let without = Arc::new(run.without_filter());
                self.index.replace(&[run], vec![without]);
            }
        }
    }

    /// Writes the run of the frozen table, if there is one.
    fn write_frozen(&self) -> Result<()> {
        if let Some(frozen) = self.index.frozen() {
            if let Some(segment) = &frozen.segment {
                self.sync_file(&**segment, frozen.of.end.segment)?;
            }
            let mut entries: Vec<(&Key, &At)> = frozen.table.iter().collect();
            entries.sort_unstable_by(|a, b| a.0.cmp(b.0));
            let run = self.write_run(frozen.of.clone(), |writer| {
                let add = |(key, at): &(&Key, &At)| writer.add(key, **at);
                entries.iter().try_for_each(add).map_err(Stop::Io)
            });
            self.index.publish(run?);
            self.idle.notify_all();
            // At once, for the merge that this may be in the middle of can take long.
            self.fit_filters();
        }
        Ok(())
    }

    /// Neighbours at the end that are to be merged.
    fn due(&self) -> Option<Vec<Arc<Run>>> {
        // The next open is to see what this one could not mend, so that nothing may cover it.
        if self.unmended.get().is_some() {
            return None;
        }
        let runs = self.index.runs();
        let fan = self.limits.fan.max(2) as u64;
        let table = self.limits.table.max(1) as u64;
        let level = |run: &Run| (run.entries / table).max(1).ilog(fan);
        for wanted in 0..u64::BITS {
            let end = runs.iter().rev().take_while(|run| level(run) <= wanted);
            let end = end.count();
            let last = runs.get(runs.len() - end..).unwrap_or_default();
            let count = last.iter().filter(|run| level(run) == wanted).count();
            if count as u64 >= fan {
                return Some(last.to_vec());
            }
            if end == runs.len() {
                break;
            }
        }
        None
    }

    /// Merges all runs into one.
    pub(super) fn merge_all(&self) -> Result<()> {
        let runs = self.index.runs();
        match runs.len() {
            0 | 1 => Ok(()),
            _ if self.unmended.get().is_some() => Ok(()),
            _ => {
                let merged = self.merge(&runs);
                drop(runs);
                self.fit_filters();
                merged
            }
        }
    }

    /// Merges these, which are neighbours, into one. With the oldest among them a delete has nothing
    /// left to hide.
    fn merge(&self, runs: &[Arc<Run>]) -> Result<()> {
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
            return Ok(());
        };
        let of = first.of.start..last.of.end;
        let oldest = self
            .index
            .runs()
            .first()
            .is_some_and(|run| Arc::ptr_eq(run, first));
        let snapshot = Snapshot {
            tables: Vec::new(),
            runs: runs.iter().rev().map(Arc::clone).collect(),
        };
        let merged = self.try_write_run(of, |writer| {
            let mut merge = Merge::new(snapshot).map_err(Stop::Broken)?;
            for n in 1u64.. {
                let Some((key, at)) = merge.next().map_err(Stop::Broken)? else {
                    break;
                };
                if n.is_multiple_of(LOOK) && self.index.frozen().is_some() {
                    // Nobody waits for a merge. If it finds no room it is tried again.
                    let _ = self.write_frozen();
                }
                if !oldest || at.place().is_some() {
                    writer.add(&key, at).map_err(Stop::Io)?;
                }
            }
            Ok(())
        });
        let merged = match merged {
            Ok(merged) => merged,
            Err(Stop::Broken(broken)) => return self.mend_run(broken),
            Err(Stop::Io(error)) => return Err(self.lacks_or_fails("write a run in", error)),
        };
        let new = run::name(&merged.of);
        if self.index.replace(runs, vec![merged]) {
            for run in runs {
                self.remove_run(run, &new);
            }
        }
        Ok(())
    }

    /// Removes a run that `new` has replaced.
    fn remove_run(&self, run: &Run, new: &str) {
        let name = run::name(&run.of);
        if name != new && !self.read_only {
            // One that stays is removed at the next open.
            let _ = self
                .segments
                .disk()
                .remove_file(&self.segments.dir().join(name));
        }
    }

    /// Makes a damaged run anew, from its stretch of the log.
    pub(super) fn renew(&self, run: &Arc<Run>) -> Result<()> {
        let _upkeep = lock(&self.upkeep);
        self.renew_held(run)
    }

    fn renew_held(&self, run: &Arc<Run>) -> Result<()> {
        if !self
            .index
            .runs()
            .iter()
            .any(|there| Arc::ptr_eq(there, run))
        {
            // Another has.
            return Ok(());
        }
        let new = self.rebuild(run.of.clone(), None)?;
        let names: Vec<String> = new.iter().map(|run| run::name(&run.of)).collect();
        let replaced = self.index.replace(std::slice::from_ref(run), new);
        self.fit_filters();
        if replaced {
            let old = run::name(&run.of);
            if !names.contains(&old) {
                self.remove_run(run, "");
            }
        }
        Ok(())
    }

    fn mend_run(&self, broken: Broken) -> Result<()> {
        match broken.fault {
            Fault::Damaged => self.renew_held(&broken.run),
            Fault::Io(error) => Err(Error::io("read a run in", self.segments.dir(), error)),
        }
    }

    /// Writes a run, durably; `fill` adds its entries.
    pub(super) fn write_run(
        &self,
        of: Range<Position>,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Stop>,
    ) -> Result<Arc<Run>> {
        match self.try_write_run(of, fill) {
            Ok(run) => Ok(run),
            Err(Stop::Io(error)) => Err(self.lacks_or_fails("write a run in", error)),
            Err(Stop::Broken(broken)) => {
                let path = self.segments.dir().join(run::name(&broken.run.of));
                let what = "it is not what was written; open the store again".to_owned();
                Err(Error::Corrupt { path, what })
            }
        }
    }

    /// A lack of room or handles passes; anything else ends writing.
    fn lacks_or_fails(&self, action: &'static str, error: std::io::Error) -> Error {
        let error = Error::io(action, self.segments.dir(), error);
        match error.is_out_of_space() || error.is_out_of_handles() || self.read_only {
            true => error,
            false => self.fails(error),
        }
    }

    fn try_write_run(
        &self,
        of: Range<Position>,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Stop>,
    ) -> Result<Arc<Run>, Stop> {
        if self.read_only {
            return in_memory(of, fill);
        }
        let disk = self.segments.disk();
        let path = self.segments.dir().join(run::name(&of));
        let new = path.with_extension("run.new");
        let put = || -> Result<Box<dyn DiskFile>, Stop> {
            let file = disk.open(&new, Mode::Create).map_err(Stop::Io)?;
            file.set_len(0).map_err(Stop::Io)?;
            write(&*file, of.clone(), fill)?;
            file.sync().map_err(Stop::Io)?;
            disk.rename(&new, &path).map_err(Stop::Io)?;
            disk.sync_dir(self.segments.dir()).map_err(Stop::Io)?;
            Ok(file)
        };
        let file = put().inspect_err(|_| {
            // Or it is at the next open.
            let _ = disk.remove_file(&new);
        })?;
        opened(file, of)
    }

    /// A run that is not on disk.
    pub(super) fn run_in_memory(
        &self,
        of: Range<Position>,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Stop>,
    ) -> Result<Arc<Run>> {
        in_memory(of, fill).map_err(|stop| match stop {
            Stop::Io(error) => Error::io("make a run of", self.segments.dir(), error),
            Stop::Broken(_) => Error::Closed,
        })
    }
}

fn in_memory(
    of: Range<Position>,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Stop>,
) -> Result<Arc<Run>, Stop> {
    let file = Box::new(Memory::default());
    write(&*file, of.clone(), fill)?;
    opened(file, of)
}

fn write(
    file: &dyn DiskFile,
    of: Range<Position>,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut writer = Writer::new(file, of);
    fill(&mut writer)?;
    writer.finish().map_err(Stop::Io)
}

fn opened(file: Box<dyn DiskFile>, of: Range<Position>) -> Result<Arc<Run>, Stop> {
    let run = Run::open(file, of).map_err(|fault| match fault {
        Fault::Io(error) => Stop::Io(error),
        Fault::Damaged => Stop::Io(std::io::ErrorKind::InvalidData.into()),
    })?;
    Ok(Arc::new(run))
}

/// Why a run was not written.
pub(super) enum Stop {
    Io(std::io::Error),
    Broken(Broken),
}
