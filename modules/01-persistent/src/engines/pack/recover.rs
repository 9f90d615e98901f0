//! What the runs do not cover, scanned: after a crash, or where a run was damaged.
//!
//! Each section is proven, and flushed before it is served. (A killed process leaves bytes in the page
//! cache that a later power cut would take, after a put was acknowledged because they were there.)
//!
//! ```text
//! scanned     section  section  ????  section  ???
//!                               │     │        └ cut off, and copied to torn/
//!                               │     └ written anew in another segment; then it is cut off here, too
//!                               └ copied to torn/; a block in it that can be proven is written anew
//! ```
//!
//! So that every segment stays a CAR. What fails, on a full disk, stays as it is, and is served from
//! where it lies; `verify` tells why. The run of such a stretch is not on disk before all is done, nor
//! is it merged with others, so that the next open sees it again, and tries again.
//!
//! What the runs cover is not looked at, whoever closed the store or did not: a run is on disk only
//! after the segment that it points into. What they do not cover is, also if somebody says that the
//! store was closed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datastore::disk::Mode;
use datastore::{Error, Key, Result};

use super::core::Core;
use super::index::Table;
use super::page::At;
use super::run::Run;
use super::scan::{Found, near};
use super::section::head_len;
use super::segment::{HEADER, Place, Position};
use super::upkeep::Stop;
use super::writer::Writer;

/// A rebuilt run has at most so many tables' worth of entries.
pub(super) const TABLES: usize = 16;

/// A block whose section has a damaged head, and where that ends.
type Loose = (Key, Bytes, Position);

/// What a scan of the end of the log came upon.
#[derive(Debug, Default)]
pub(super) struct Damages {
    /// In the order of the log.
    loose: Vec<Loose>,
    /// What is no section, by segment.
    pub of: BTreeMap<u32, Vec<Range<u64>>>,
}

impl Damages {
    /// With those of another stretch, which lies behind.
    pub fn add(&mut self, more: Damages) {
        self.loose.extend(more.loose);
        for (number, parts) in more.of {
            self.of.entry(number).or_default().extend(parts);
        }
    }
}

impl Core {
    /// Refuses a file that is no segment, or hardly one any more: nothing of it is cut off.
    fn refuse_foreign(&self, number: u32) -> Result<()> {
        let path = self.segments.path(number);
        let first = self.segments.file(number)?.read_vec(0, HEADER.len() as u64);
        let first = first.map_err(|error| Error::io("read", &path, error))?;
        match near(&first, HEADER) {
            true => Ok(()),
            false => Err(Error::Corrupt {
                path,
                what: "it does not begin as a segment of a pack store does".to_owned(),
            }),
        }
    }

    /// Runs over this stretch of the log. With `damages`, what is no section is noted there, and cut
    /// off at the end.
    pub(super) fn rebuild(
        &self,
        of: Range<Position>,
        damages: Option<&mut Damages>,
    ) -> Result<Vec<Arc<Run>>> {
        let is_end = damages.is_some() && !self.read_only;
        let mut nowhere = Damages::default();
        let mut rebuild = Rebuild {
            core: self,
            runs: Vec::new(),
            table: Table::new(),
            begin: of.start,
            damages: damages.unwrap_or(&mut nowhere),
            is_end,
        };
        let mut end = of.end;
        for number in self.segments.numbers()? {
            if number < of.start.segment || of.end.segment < number {
                continue;
            }
            let mut from = HEADER.len() as u64;
            if number == of.start.segment {
                from = from.max(of.start.offset);
            }
            let mut to = self.segments.len(number)?;
            if number == of.end.segment {
                to = to.min(of.end.offset);
            }
            if from >= to {
                continue;
            }
            self.refuse_foreign(number)?;
            if is_end {
                self.settle_segment(number)?;
            }
            self.each(number, from, to, &mut |found| rebuild.add(number, found))?;
            if is_end
                && let Some(cut) = self.cut_end(number, to, rebuild.damages)?
                && number == of.end.segment
            {
                end.offset = cut;
            }
        }
        if !rebuild.table.is_empty() && rebuild.begin < end {
            rebuild.end(end)?;
        }
        Ok(rebuild.runs)
    }

    /// The run of a table. On a full disk it stays in memory, and is made anew at the next open.
    fn run_of(&self, table: Table, of: Range<Position>, stays: bool) -> Result<Arc<Run>> {
        let mut entries: Vec<(Key, At)> = table.into_iter().collect();
        entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let fill = |writer: &mut Writer<'_>| {
            let add = |(key, at): &(Key, At)| writer.add(key, *at);
            entries.iter().try_for_each(add).map_err(Stop::Io)
        };
        if !stays {
            return self.run_in_memory(of, fill);
        }
        match self.write_run(of.clone(), fill) {
            Err(full) if full.is_out_of_space() || full.is_out_of_handles() => {
                self.run_in_memory(of, fill)
            }
            written => written,
        }
    }

    /// Has what was written to a segment on disk, and nothing else in the page cache.
    fn settle_segment(&self, number: u32) -> Result<()> {
        let path = self.segments.path(number);
        let failed = |error| Error::io("flush", &path, error);
        let file = self.segments.disk().open(&path, Mode::Write);
        let file = file.map_err(failed)?;
        file.sync().map_err(failed)?;
        file.uncache().map_err(failed)
    }

    /// Cuts off what comes behind the last section of a segment, if that can be kept elsewhere; where
    /// it ends then.
    fn cut_end(&self, number: u32, to: u64, damages: &mut Damages) -> Result<Option<u64>> {
        if self.segments.len(number)? != to {
            return Ok(None);
        }
        let Some(of) = damages.of.get_mut(&number) else {
            return Ok(None);
        };
        let Some(last) = of.pop_if(|last| last.end == to) else {
            return Ok(None);
        };
        let kept = self.keep_torn(number, &last);
        if let Err(error) = kept.and_then(|()| self.truncate(number, last.start)) {
            of.push(last);
            let _ = self.unmended.set(error);
            return Ok(None);
        }
        if of.is_empty() {
            damages.of.remove(&number);
        }
        Ok(Some(last.start))
    }

    /// Cuts a segment, durably.
    pub(super) fn truncate(&self, number: u32, len: u64) -> Result<()> {
        let path = self.segments.path(number);
        let failed = |error| Error::io("cut", &path, error);
        let file = self
            .segments
            .disk()
            .open(&path, Mode::Write)
            .map_err(failed)?;
        file.set_len(len).map_err(failed)?;
        file.sync().map_err(failed)
    }

    /// Writes blocks anew whose sections are damaged, and moves what lies behind a damage, so that
    /// every segment is a CAR. What fails is left as it is, and served from where it lies: false.
    pub(super) fn save(&self, mut damages: Damages) -> Result<bool> {
        let of = std::mem::take(&mut damages.of);
        let loose = self.not_deleted(&damages)?;
        let Err(error) = self.try_save(&loose, of) else {
            return Ok(true);
        };
        let _ = self.unmended.set(error);
        self.serve(&loose);
        Ok(false)
    }

    /// Remembers what a writer would cut off, for one who writes nothing.
    pub(super) fn leave_torn(&self, damages: &Damages) -> Result<()> {
        let mut torn = BTreeMap::new();
        for (number, parts) in &damages.of {
            let len = self.segments.len(*number)?;
            if let Some(last) = parts.last().filter(|last| last.end == len) {
                torn.insert(*number, last.start);
            }
        }
        // It is opened once.
        let _ = self.torn.set(torn);
        Ok(())
    }

    /// Has blocks whose sections are damaged where they lie, for one who writes nothing.
    pub(super) fn serve_where_it_lies(&self, damages: &Damages) -> Result<()> {
        self.serve(&self.not_deleted(damages)?);
        Ok(())
    }

    fn serve(&self, loose: &[&Loose]) {
        let place = |(key, value, end): &Loose| {
            let multihash = key.as_block().unwrap_or_default();
            let len = head_len(multihash.len(), value.len()) + value.len();
            let offset = end.offset.checked_sub(len as u64)?;
            let at = Position { offset, ..*end };
            let len = len as u32;
            Some((key.clone(), At::Here(Place { at, len })))
        };
        self.index
            .insert(loose.iter().filter_map(|loose| place(loose)));
    }

    /// Of the blocks whose sections are damaged those that are not there otherwise, and were not
    /// deleted later.
    fn not_deleted<'d>(&self, damages: &'d Damages) -> Result<Vec<&'d Loose>> {
        let mut loose = Vec::new();
        for one in &damages.loose {
            let (key, value, end) = one;
            match self.find(key)? {
                Some(At::Deleted(at)) if at >= *end => {}
                Some(At::Here(_)) if self.holds(key, value)? => {}
                _ => loose.push(one),
            }
        }
        Ok(loose)
    }

    fn try_save(&self, loose: &[&Loose], damages: BTreeMap<u32, Vec<Range<u64>>>) -> Result<()> {
        for (key, value, _) in loose {
            self.append(&[(key, value)], &[])?;
        }
        for (number, parts) in damages {
            let Some(first) = parts.iter().map(|part| part.start).min() else {
                continue;
            };
            self.move_from(number, first)?;
            for part in &parts {
                self.keep_torn(number, part)?;
            }
            self.truncate(number, first)?;
            self.segments.forget(number);
        }
        Ok(())
    }
}

/// Runs in the making, from what a scan finds.
struct Rebuild<'a> {
    core: &'a Core,
    runs: Vec<Arc<Run>>,
    table: Table,
    /// Where the stretch of the table begins.
    begin: Position,
    damages: &'a mut Damages,
    /// Whether it is the end of the log, whose damages are mended.
    is_end: bool,
}

impl Rebuild<'_> {
    fn add(&mut self, segment: u32, found: Found<'_>) -> Result<()> {
        let position = |offset| Position { segment, offset };
        match found {
            Found::Block {
                at, len, multihash, ..
            } => {
                let place = Place {
                    at: position(at),
                    len,
                };
                self.table.insert(Key::block(multihash)?, At::Here(place));
                let end = position(at + u64::from(len));
                let full = self.table.len() >= self.core.limits.table.saturating_mul(TABLES);
                // Sections behind a damage may overlap.
                if full && end > self.begin {
                    self.end(end)?;
                }
            }
            Found::Deleted { at, blocks, .. } => {
                let keys = blocks.iter().filter_map(|hash| Key::block(hash).ok());
                let deleted = keys.map(|key| (key, At::Deleted(position(at))));
                self.table.extend(deleted);
            }
            Found::Loose {
                multihash,
                value,
                end,
            } => {
                let value = Bytes::copy_from_slice(value);
                let loose = (Key::block(&multihash)?, value, position(end));
                self.damages.loose.push(loose);
            }
            Found::Damage { from, to } => {
                self.damages.of.entry(segment).or_default().push(from..to);
            }
        }
        Ok(())
    }

    /// The table becomes a run, whose stretch ends here. It is on disk only if what it covers need
    /// not be looked at again.
    fn end(&mut self, end: Position) -> Result<()> {
        let table = std::mem::take(&mut self.table);
        let stays = !self.is_end || self.damages.of.is_empty();
        self.runs
            .push(self.core.run_of(table, self.begin..end, stays)?);
        self.begin = end;
        Ok(())
    }
}

/// Why a scan stopped.
pub(super) enum Halt {
    Io(std::io::Error),
    Store(Error),
}

impl From<std::io::Error> for Halt {
    fn from(error: std::io::Error) -> Halt {
        Halt::Io(error)
    }
}
