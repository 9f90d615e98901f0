//! What was done to a disk, in order.

use std::fmt;
use std::sync::Arc;

use super::cut::Cut;
use super::disk::CrashDisk;
use super::image::{Entry, Id, Image};

/// A change of a file.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Write { offset: u64, bytes: Arc<[u8]> },
    Len(u64),
}

/// A change of names, which happens wholly or not at all.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// What it does, to be told.
    pub(super) verb: &'static str,
    /// The folders whose flushes make it durable.
    pub(super) homes: Vec<Id>,
    /// What is moved from where. If that is not there, because what put it there was lost, then
    /// nothing is moved.
    pub(super) takes: Vec<(Entry, Id)>,
    /// What the names stand for afterwards.
    pub(super) sets: Vec<(Entry, Option<Id>)>,
}

#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A file or a folder that has no name yet.
    Made {
        id: Id,
        folder: bool,
    },
    Data {
        id: Id,
        change: Change,
    },
    Names(Names),
    /// A flush of one, or of all; one that failed makes nothing durable, now or later.
    Flush {
        of: Option<Id>,
        failed: bool,
    },
}

/// What was on the disk at first, and all that was done to it since.
#[derive(Clone, Debug)]
pub struct Record {
    pub(super) first: Image,
    pub(super) events: Vec<Event>,
    /// The next number that no file has.
    pub(super) next: Id,
}

impl Record {
    /// The last point: nothing was done after it.
    pub fn last(&self) -> usize {
        self.events.len()
    }

    /// The power is cut after so many events. Points in rising order are reached quickest by
    /// [`Cut::advance`].
    pub fn cut(&self, point: usize) -> Cut<'_> {
        let mut cut = Cut::new(self);
        while cut.point() < point && cut.advance() {}
        cut
    }

    /// The state of this number after a cut at `point`.
    pub fn state(&self, seed: u64, point: usize, number: u64) -> CrashDisk {
        self.cut(point).state(seed, number)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Write { offset, bytes } => write!(f, "write of {} at {offset}", bytes.len()),
            Change::Len(len) => write!(f, "cut or fill to {len}"),
        }
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verb)?;
        for ((_, name), _) in &self.sets {
            write!(f, " {name}")?;
        }
        Ok(())
    }
}
