//! An engine that failed for lack of something, opened anew once it is there.

use std::fs::File;
use std::mem;
use std::path::Path;
use std::sync::PoisonError;

use datastore::error::chain;
use datastore::{Error, Limit, Result};

use super::{Live, Room, State, caught};
use crate::ballast::Ballast;
use crate::engine::{AfterFull, Engine};
use crate::guard::Left;

/// An engine that needs to be opened anew after the disk was full is not touched before this much
/// is free again: while it reads, half an engine is better than none.
const ROOM_TO_REOPEN: u64 = 16 << 20;

/// File handles that have to be free for the same.
const HANDLES_TO_REOPEN: usize = 32;

/// Whether there is room to open an engine for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// As far as is known.
    Nothing,
    /// No: one that can is opened so that it reads, and refuses writes for lack of space.
    Space,
}

/// How the engine is opened.
pub(crate) type Open = Box<dyn Fn(Lacking) -> Result<Box<dyn Engine>> + Send + Sync>;

/// Opens an engine, with the ballast given up if that is what it takes.
pub(super) fn open(path: &Path, ballast: &Ballast, open: &Open) -> Result<Box<dyn Engine>> {
    let with = |lacking| caught(path, || open(lacking));
    loop {
        match with(Lacking::Nothing) {
            Err(full) if full.is_out_of_space() => {
                if !ballast.give_up() {
                    return with(Lacking::Space);
                }
            }
            opened => return opened,
        }
    }
}

impl Live {
    /// Draws the conclusions from an error of a write.
    pub(super) fn failed(&self, error: &Error, after: AfterFull) {
        match error {
            // Said before anything was written.
            Error::InvalidKey { .. } | Error::Unsupported { .. } | Error::ReadOnly { .. } => {}
            lack if lack.is_out_of_space() || lack.is_out_of_handles() => match after {
                AfterFull::Nothing => {}
                AfterFull::ReopenToWrite => self.mark(|stale, _| *stale = true),
                AfterFull::ReopenToRead => {
                    self.mark(|stale, _| *stale = true);
                    // The caller gets the error of the write, whatever comes of this.
                    let _ = self.reopen();
                }
            },
            other => {
                let reason = format!(
                    "an earlier write failed ({}); look at the disk, then open the store again",
                    chain(other)
                );
                self.mark(|_, refuses| {
                    refuses.get_or_insert(reason);
                });
            }
        }
    }

    /// Whether the engine has to be opened anew before it writes; an error if it cannot be now.
    pub(super) fn must_reopen(&self, room: Room) -> Result<bool> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Lost(_) => Ok(true),
            State::Open { stale: true, .. } => {
                let available = Left::on(&self.path)?.bytes;
                if room == Room::AsItIs && available < ROOM_TO_REOPEN {
                    return Err(Error::StorageFull {
                        path: self.path.clone(),
                        available,
                        needed: ROOM_TO_REOPEN,
                        limit: Limit::Disk,
                    });
                }
                self.find_handles()?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Drops the engine and opens it anew, unless another thread just has.
    pub(super) fn reopen(&self) -> Result<()> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Closed => return Err(Error::Closed),
            State::Open { stale: false, .. } => return Ok(()),
            State::Open { .. } | State::Lost(_) => {}
        }
        self.unsynced.reopened();
        // The old engine lets go of its files before the new one asks for them.
        let old = mem::replace(&mut *state, State::Lost(Error::Closed));
        // What it has to say about that is no news: it is given up because it failed.
        let _ = caught(&self.path, || {
            drop(old);
            Ok(())
        });
        match open(&self.path, &self.ballast, &self.open) {
            Ok(engine) => {
                *state = State::Open {
                    engine,
                    refuses: None,
                    stale: false,
                };
                Ok(())
            }
            Err(error) => {
                *state = State::Lost(error.clone());
                Err(error)
            }
        }
    }

    /// Fails while there are no handles to open an engine with.
    fn find_handles(&self) -> Result<()> {
        let handles: std::io::Result<Vec<File>> = (0..HANDLES_TO_REOPEN)
            .map(|_| File::open(&self.path))
            .collect();
        handles
            .map(drop)
            .map_err(|error| Error::io("open", &self.path, error))
    }

    fn mark(&self, change: impl FnOnce(&mut bool, &mut Option<String>)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let State::Open { stale, refuses, .. } = &mut *state {
            change(stale, refuses);
        }
    }
}
