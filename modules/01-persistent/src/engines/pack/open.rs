//! Opening: which runs there are, and where the log goes on.
//!
//! ```text
//! log    │ 000001.car      │ 000002.car    │ 000003.car   ···?··
//! runs   └ run ─────────────────┘└ run ────────┘└ scanned ┘└ cut off
//! ```
//!
//! After a clean close the runs cover the whole log, and nothing is scanned: the last segment is
//! gone on with. What they do not cover is (`recover.rs`), and then a new segment is begun, so that
//! no place in the log is ever given twice.

use std::io;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use datastore::disk::Mode;
use datastore::{Error, Result};

use super::cache::Cache;
use super::core::{Core, Limits, lock};
use super::index::Index;
use super::log::Tail;
use super::note::Note;
use super::recover::Damages;
use super::run::{self, Fault, Run};
use super::scan::near;
use super::section::Frame;
use super::segment::{HEADER, Position, Segments};
use super::worker::Queue;
use crate::engine::Options;
use crate::sync::atomic::AtomicBool;
use crate::sync::{Condvar, Mutex};

/// What is to be done once the index is there.
#[derive(Debug, Default)]
struct Mending {
    damages: Damages,
    /// Runs that are held in memory until then.
    passing: Vec<Arc<Run>>,
}

impl Core {
    /// Opens the folder of blocks.
    pub fn open(options: &Options, limits: Limits) -> Result<Core> {
        let (disk, dir) = (&options.disk, &options.dir);
        if !options.read_only {
            let made = disk.make_dir(dir);
            made.map_err(|error| Error::io("create", dir, error))?;
        }
        let core = Core {
            segments: Segments::new(Arc::clone(disk), dir.clone()),
            index: Index::default(),
            cache: Cache::new(options.cache),
            limits,
            read_only: options.read_only,
            tail: Mutex::new(Tail::default()),
            syncing: Mutex::new(()),
            failed: OnceLock::new(),
            unmended: OnceLock::new(),
            torn: OnceLock::new(),
            upkeep: Mutex::new(()),
            compaction: Mutex::new(None),
            hold: options.hold.clone(),
            suspected: Mutex::new(false),
            stopped: AtomicBool::new(false),
            queue: Mutex::new(Queue::default()),
            idle: Condvar::new(),
        };
        core.start()?;
        Ok(core)
    }

    /// Loads the runs, and makes those that are missing; then everything is where it should be, and
    /// the log goes on.
    fn start(&self) -> Result<()> {
        self.remove_unborn()?;
        let mut mending = Mending::default();
        let mut runs = Vec::new();
        let mut at = Position::default();
        for run in self.runs_found()? {
            if run.of.start > at {
                runs.extend(self.cover(at..run.of.start, &mut mending)?);
            }
            at = run.of.end;
            runs.push(run);
        }
        let end = self.end()?;
        let covered = at;
        if end > covered {
            runs.extend(self.cover(covered..end, &mut mending)?);
            at = runs.last().map_or(covered, |run| run.of.end);
        }
        self.index.reset(runs, at);
        self.fit_filters();
        if self.read_only {
            self.leave_torn(&mending.damages)?;
            return self.serve_where_it_lies(&mending.damages);
        }
        lock(&self.tail).next = end.segment.max(at.segment) + 1;
        if end == Position::default() {
            // A store that is made on a full disk would be half made.
            self.roll(&mut lock(&self.tail))?;
        } else if end == covered {
            self.go_on(end)?;
        }
        self.put_right(mending)
    }

    /// Where the last segment ends.
    fn end(&self) -> Result<Position> {
        match self.segments.numbers()?.last() {
            None => Ok(Position::default()),
            Some(&segment) => Ok(Position {
                segment,
                offset: self.segments.len(segment)?,
            }),
        }
    }

    /// The runs over a stretch of the log that has none, and what has to be mended there.
    fn cover(&self, of: Range<Position>, mending: &mut Mending) -> Result<Vec<Arc<Run>>> {
        let mut damages = Damages::default();
        let runs = self.rebuild(of, Some(&mut damages))?;
        if !damages.of.is_empty() {
            mending.passing.extend(runs.iter().cloned());
        }
        mending.damages.add(damages);
        Ok(runs)
    }

    /// Writes anew what is damaged, and then the runs of it.
    fn put_right(&self, mending: Mending) -> Result<()> {
        if self.save(mending.damages)? {
            mending.passing.iter().try_for_each(|run| self.renew(run))?;
        }
        Ok(())
    }

    /// The runs that can be read and lie in no other, in order; the others are removed.
    fn runs_found(&self) -> Result<Vec<Arc<Run>>> {
        let (disk, dir) = (self.segments.disk(), self.segments.dir());
        let names = disk.list(dir);
        let names = names.map_err(|error| Error::io("list", dir, error))?;
        let remove = |name: &str| {
            self.refuse_segment(name)?;
            if !self.read_only {
                // If that fails, it is tried at the next open.
                let _ = disk.remove_file(&dir.join(name));
            }
            Ok(())
        };
        let mut found = Vec::new();
        for (name, _) in names {
            if name.ends_with(".run.new") {
                remove(&name)?;
            } else if let Some(of) = run::stretch(&name) {
                found.push((of, name));
            }
        }
        // Of those that begin alike the longest first.
        found.sort_by_key(|(of, _)| (of.start, std::cmp::Reverse(of.end)));
        let mut runs: Vec<Arc<Run>> = Vec::new();
        for (of, name) in found {
            let end = runs.last().map_or(Position::default(), |run| run.of.end);
            if of.start < end {
                remove(&name)?;
                continue;
            }
            let path = dir.join(&name);
            let file = disk.open(&path, Mode::Read);
            let file = file.map_err(|error| Error::io("open", &path, error))?;
            match Run::open(file, of) {
                Ok(run) => runs.push(Arc::new(run)),
                // It is made anew, under this name or others.
                Err(Fault::Damaged) => remove(&name)?,
                Err(Fault::Io(error)) => return Err(Error::io("read", path, error)),
            }
        }
        Ok(runs)
    }

    /// Refuses a segment that has the name of a run: a run is made anew, and a segment is not.
    fn refuse_segment(&self, name: &str) -> Result<()> {
        let path = self.segments.dir().join(name);
        let first = || -> io::Result<Vec<u8>> {
            let file = self.segments.disk().open(&path, Mode::Read)?;
            file.read_vec(0, file.len()?.min(HEADER.len() as u64))
        };
        match first() {
            Err(error) => Err(Error::io("read", path, error)),
            Ok(first) if near(&first, HEADER) => Err(Error::Corrupt {
                path,
                what: "it begins as a segment, and has the name of a run; salvage the store"
                    .to_owned(),
            }),
            Ok(_) => Ok(()),
        }
    }

    /// Removes the last segment if it has not even a header: there never was a section in it. What is
    /// there is the beginning of one, then, or zeros. Anything else is another's file, and is refused
    /// (`recover.rs`).
    fn remove_unborn(&self) -> Result<()> {
        let Some(last) = self.segments.numbers()?.last().copied() else {
            return Ok(());
        };
        let path = self.segments.path(last);
        let begin = HEADER.len() as u64;
        let len = self.segments.len(last)?;
        let first = self.segments.file(last)?.read_vec(0, len.min(begin));
        let first = first.map_err(|error| Error::io("read", &path, error))?;
        let most = begin + Note::Mark.section(&[0; 16], 0).len() as u64;
        let whole = first.iter().zip(HEADER).take_while(|(a, b)| a == b).count();
        let is_begun = first.iter().skip(whole).all(|byte| *byte == 0);
        if self.read_only || first == HEADER || len > most || !is_begun {
            return Ok(());
        }
        self.segments.forget(last);
        let (disk, dir) = (self.segments.disk(), self.segments.dir());
        disk.remove_file(&path)
            .and_then(|()| disk.sync_dir(dir))
            .map_err(|error| Error::io("remove", path, error))
    }

    /// Goes on with the last segment, whose end is known.
    fn go_on(&self, end: Position) -> Result<()> {
        let mut tail = lock(&self.tail);
        let path = self.segments.path(end.segment);
        let begin = HEADER.len() as u64;
        let mark = Note::Mark.section(&[0; 16], 0).len() as u64;
        if end.offset < begin + mark || end.offset >= self.limits.segment {
            return Ok(());
        }
        let file = self.segments.disk().open(&path, Mode::Write);
        let file = file.map_err(|error| Error::io("open", &path, error))?;
        let bytes = file.read_vec(begin, mark);
        let bytes = bytes.map_err(|error| Error::io("read", &path, error))?;
        let note = Frame::read(&bytes).and_then(|frame| Note::read(frame.value(&bytes)));
        if let Some((Note::Mark, id, _)) = note {
            tail.file = Some(file.into());
            tail.id = id;
            tail.end = end;
            tail.synced = end.offset;
            // Another comes soon.
            tail.marked = begin;
        }
        Ok(())
    }
}
