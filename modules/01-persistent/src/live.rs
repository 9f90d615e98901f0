//! The engine while it is in use: what happens when it panics, fails or is closed.
//!
//! | what the engine did | writes | reads |
//! | --- | --- | --- |
//! | refused a key | go on | go on |
//! | ran out of space | go on once there is space; the engine is opened anew if it needs that | go on |
//! | found no file handle | the same, once there are handles | go on |
//! | failed to flush, or any other I/O error | refused until the store is opened again | go on where the engine can |
//! | panicked | refused until the store is opened again | go on |
//!
//! A failed flush is never tried again: the system reports it once and forgets it, and the pages
//! that it could not write are gone, so that a second flush which succeeds says nothing (Rebello
//! et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
//!
//! Opening an engine anew may cost what was acknowledged and not flushed ([`unsynced`]); the next
//! flush or close says so.
//!
//! What forgets has to work on a full disk, too: a delete, a compaction, an open and a close that
//! find no space give up some of the [ballast](crate::ballast), and are tried again.

mod caught;
mod reopen;
mod unsynced;

use std::cell::Cell;
use std::mem;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use datastore::{Batch, Error, Result};

use crate::ballast::Ballast;
use crate::engine::{AfterFull, Engine, Flush};
pub(crate) use caught::{Caught, caught};
pub(crate) use reopen::{Lacking, Open};
use unsynced::Unsynced;

pub(crate) struct Live {
    path: PathBuf,
    open: Open,
    ballast: Arc<Ballast>,
    state: RwLock<State>,
    unsynced: Unsynced,
}

enum State {
    Open {
        engine: Box<dyn Engine>,
        // Why writes are refused until the store is opened again.
        refuses: Option<String>,
        // The engine ran out of space or handles and has to be opened anew before it writes.
        stale: bool,
    },
    // The engine had to be opened anew, and could not be.
    Lost(Error),
    Closed,
}

/// What a write may do on a full disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// It fails.
    AsItIs,
    /// It has the ballast given up for it, and the engine opened anew however little room there is.
    FromBallast,
}

impl Live {
    /// Opens the engine by `open`, which is called again when the engine has to be opened anew.
    pub fn new(path: PathBuf, ballast: Arc<Ballast>, open: Open) -> Result<Live> {
        let engine = reopen::open(&path, &ballast, &open)?;
        let state = RwLock::new(State::Open {
            engine,
            refuses: None,
            stale: false,
        });
        Ok(Live {
            path,
            open,
            ballast,
            state,
            unsynced: Unsynced::default(),
        })
    }

    /// Calls the engine for something that changes nothing.
    pub fn read<T>(&self, call: impl Fn(&dyn Engine) -> Result<T>) -> Result<T> {
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            match &*state {
                State::Open { engine, .. } => return caught(&self.path, || call(&**engine)),
                State::Closed => return Err(Error::Closed),
                State::Lost(_) => {}
            }
        }
        self.reopen()?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Open { engine, .. } => caught(&self.path, || call(&**engine)),
            State::Lost(error) => Err(error.clone()),
            State::Closed => Err(Error::Closed),
        }
    }

    /// Whether the engine takes writes, as far as is known before one is tried.
    pub fn takes_writes(&self) -> Result<()> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Open {
                refuses: Some(reason),
                ..
            } => Err(Error::ReadOnly {
                path: self.path.clone(),
                reason: reason.clone(),
            }),
            State::Closed => Err(Error::Closed),
            State::Open { .. } | State::Lost(_) => Ok(()),
        }
    }

    /// Has the engine do the writes of `batch`.
    pub fn commit(&self, batch: &Batch, flush: Flush) -> Result<()> {
        let room = if batch.puts() == 0 {
            Room::FromBallast
        } else {
            Room::AsItIs
        };
        self.write(room, |engine| {
            engine.write(batch, flush)?;
            // Before the lock is let go of, so that an engine that is opened anew has lost it.
            if flush == Flush::No {
                self.unsynced.wrote(batch);
            }
            Ok(())
        })
    }

    /// Makes everything written so far durable.
    ///
    /// # Errors
    /// [`Error::Unsynced`] if the engine was opened anew since, once.
    pub fn flush(&self) -> Result<()> {
        let dropped = Cell::new(false);
        self.write(self.room_to_flush(), |engine| {
            self.flush_engine(engine)?;
            // What is lost later is for the next flush to tell.
            dropped.set(self.unsynced.take_dropped());
            Ok(())
        })?;
        match dropped.get() {
            true => Err(self.lost_unsynced()),
            false => Ok(()),
        }
    }

    fn flush_engine(&self, engine: &dyn Engine) -> Result<()> {
        self.unsynced
            .flushed(|| caught(&self.path, || engine.flush()))
    }

    fn room_to_flush(&self) -> Room {
        match self.unsynced.has_puts() {
            true => Room::AsItIs,
            false => Room::FromBallast,
        }
    }

    fn lost_unsynced(&self) -> Error {
        Error::Unsynced {
            path: self.path.clone(),
        }
    }

    /// Has the engine give back what it no longer needs: as far as it can while others call it, and
    /// the rest while nobody does.
    pub fn compact(&self) -> Result<()> {
        self.with_ballast(Room::FromBallast, || {
            if self.must_reopen(Room::FromBallast)? {
                self.reopen()?;
            }
            let more = Cell::new(true);
            while more.get() {
                self.try_write(&|engine: &dyn Engine| {
                    more.set(engine.compact_step()?);
                    Ok(())
                })?;
            }
            self.try_compact()
        })?;
        self.ballast.take();
        Ok(())
    }

    /// Has the engine look at its own structures, while nobody else calls it. What it finds is no
    /// failure of a write.
    pub fn check(&self, read_only: bool) -> Result<()> {
        if !read_only {
            // What was lost is told to whoever syncs.
            self.write(self.room_to_flush(), |engine| self.flush_engine(engine))?;
        }
        // Alone: a commit in the middle would look like damage.
        let state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Open { engine, .. } => caught(&self.path, || engine.check()),
            State::Lost(error) => Err(error.clone()),
            State::Closed => Err(Error::Closed),
        }
    }

    /// Calls the engine for a write, unless an earlier failure forbids it.
    ///
    /// An engine that works in the background may tell of a disk that was full a while ago. So if
    /// there is room, and the engine has to be opened anew in any case, that is done at once, and
    /// the write is tried once more: doing a part of it twice changes nothing.
    fn write(&self, room: Room, call: impl Fn(&dyn Engine) -> Result<()>) -> Result<()> {
        self.with_ballast(room, || {
            let reopened = self.must_reopen(room)?;
            if reopened {
                self.reopen()?;
            }
            match self.try_write(&call) {
                Err(full) if full.is_out_of_space() && !reopened => match self.must_reopen(room) {
                    Ok(true) => {
                        self.reopen()?;
                        self.try_write(&call)
                    }
                    _ => Err(full),
                },
                outcome => outcome,
            }
        })
    }

    fn with_ballast(&self, room: Room, call: impl Fn() -> Result<()>) -> Result<()> {
        loop {
            match call() {
                Err(full)
                    if full.is_out_of_space()
                        && room == Room::FromBallast
                        && self.ballast.give_up() => {}
                outcome => return outcome,
            }
        }
    }

    fn try_write(&self, call: &impl Fn(&dyn Engine) -> Result<()>) -> Result<()> {
        let (error, after) = {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            match &*state {
                State::Open {
                    refuses: Some(reason),
                    ..
                } => return Err(self.refusal(reason)),
                State::Open { engine, .. } => match caught(&self.path, || call(&**engine)) {
                    Ok(()) => return Ok(()),
                    Err(error) => (error, engine.after_full()),
                },
                State::Lost(error) => return Err(error.clone()),
                State::Closed => return Err(Error::Closed),
            }
        };
        self.failed(&error, after);
        Err(error)
    }

    fn try_compact(&self) -> Result<()> {
        let (error, after) = {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            match &mut *state {
                State::Open {
                    refuses: Some(reason),
                    ..
                } => return Err(self.refusal(reason)),
                State::Open { engine, .. } => match caught(&self.path, || engine.compact()) {
                    Ok(()) => return Ok(()),
                    Err(error) => (error, engine.after_full()),
                },
                State::Lost(error) => return Err(error.clone()),
                State::Closed => return Err(Error::Closed),
            }
        };
        self.failed(&error, after);
        Err(error)
    }

    fn refusal(&self, reason: &str) -> Error {
        Error::ReadOnly {
            path: self.path.clone(),
            reason: reason.to_owned(),
        }
    }

    /// Closes the engine. True if it was open, and nothing had failed before or now.
    ///
    /// # Errors
    /// [`Error::Unsynced`] as for [`flush`](Self::flush); the engine is closed all the same.
    pub fn close(&self) -> Result<bool> {
        let closed = self.close_engine();
        let dropped = self.unsynced.take_dropped();
        match closed {
            Ok(_) if dropped => Err(self.lost_unsynced()),
            closed => closed,
        }
    }

    fn close_engine(&self) -> Result<bool> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match mem::replace(&mut *state, State::Closed) {
            State::Open {
                mut engine,
                refuses,
                mut stale,
            } => {
                // What failed on a disk that was full then fails until it is opened anew.
                let mut anew = engine.after_full() != AfterFull::Nothing;
                while let Err(error) = caught(&self.path, || engine.close()) {
                    // One that met a full disk before may say no more than that it did.
                    let full = error.is_out_of_space() || mem::take(&mut stale);
                    let full = refuses.is_none() && full;
                    if !full || !(mem::take(&mut anew) || self.ballast.give_up()) {
                        return self.let_go(engine).and(Err(error));
                    }
                    if engine.after_full() != AfterFull::Nothing {
                        self.unsynced.reopened();
                        self.let_go(engine)?;
                        engine = reopen::open(&self.path, &self.ballast, &self.open)?;
                    }
                }
                self.let_go(engine)?;
                self.ballast.take();
                Ok(refuses.is_none())
            }
            State::Lost(_) | State::Closed => Ok(false),
        }
    }

    /// Drops the engine: one that closes in its destructor may panic there, too.
    fn let_go(&self, engine: Box<dyn Engine>) -> Result<()> {
        caught(&self.path, || {
            drop(engine);
            Ok(())
        })
    }

    /// The room that is kept back for what forgets.
    pub fn ballast(&self) -> &Arc<Ballast> {
        &self.ballast
    }

    fn is_closed(&self) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        matches!(&*state, State::Closed)
    }
}

#[cfg(test)]
mod tests;
