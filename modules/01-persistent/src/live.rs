//! The engine while it is in use: what happens when it panics, fails or is closed.
//!
//! | what the engine did | writes | reads |
//! | --- | --- | --- |
//! | refused a key | go on | go on |
//! | ran out of space | go on once there is space; the engine is opened anew if it needs that | go on |
//! | failed to flush, or any other I/O error | refused until the store is opened again | go on where the engine can |
//! | panicked | refused until the store is opened again | go on |
//!
//! A failed flush is never tried again: the system reports it once and forgets it, and the pages
//! that it could not write are gone, so that a second flush which succeeds says nothing (Rebello
//! et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).

use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use datastore::{Error, Result};

use crate::engine::{AfterFull, Engine};

/// An engine that needs to be opened anew after the disk was full is not touched before this much
/// is free again: while it reads, half an engine is better than none.
const ROOM_TO_REOPEN: u64 = 16 << 20;

type Open = Box<dyn Fn() -> Result<Box<dyn Engine>> + Send + Sync>;

pub(crate) struct Live {
    path: PathBuf,
    open: Open,
    state: RwLock<State>,
}

enum State {
    Open {
        engine: Box<dyn Engine>,
        // Why writes are refused until the store is opened again.
        refuses: Option<String>,
        // The engine ran out of space and has to be opened anew before it writes.
        stale: bool,
    },
    // The engine had to be opened anew, and could not be.
    Lost(Error),
    Closed,
}

impl Live {
    /// Opens the engine by `open`, which is called again when the engine has to be opened anew.
    pub fn new(path: PathBuf, open: Open) -> Result<Live> {
        let engine = caught(&path, &open)?;
        let state = RwLock::new(State::Open {
            engine,
            refuses: None,
            stale: false,
        });
        Ok(Live { path, open, state })
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

    /// Calls the engine for a write, unless an earlier failure forbids it.
    ///
    /// An engine that works in the background may tell of a disk that was full a while ago. So if
    /// there is room, and the engine has to be opened anew in any case, that is done at once, and
    /// the write is tried once more: doing a part of it twice changes nothing.
    pub fn write(&self, call: impl Fn(&dyn Engine) -> Result<()>) -> Result<()> {
        let reopened = self.must_reopen()?;
        if reopened {
            self.reopen()?;
        }
        match self.try_write(&call) {
            Err(full) if full.is_out_of_space() && !reopened => match self.must_reopen() {
                Ok(true) => {
                    self.reopen()?;
                    self.try_write(&call)
                }
                _ => Err(full),
            },
            outcome => outcome,
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

    /// Has the engine give back what it no longer needs, while nobody else calls it.
    pub fn compact(&self) -> Result<()> {
        if self.must_reopen()? {
            self.reopen()?;
        }
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

    /// Draws the conclusions from an error of a write.
    fn failed(&self, error: &Error, after: AfterFull) {
        match error {
            Error::InvalidKey { .. } | Error::Unsupported { .. } => {}
            full if full.is_out_of_space() => match after {
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

    /// Closes the engine. True if it was open, and nothing had failed before or now.
    pub fn close(&self) -> Result<bool> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match mem::replace(&mut *state, State::Closed) {
            State::Open {
                engine, refuses, ..
            } => {
                caught(&self.path, || {
                    let closed = engine.close();
                    // An engine that closes in its destructor may panic there, too.
                    drop(engine);
                    closed
                })?;
                Ok(refuses.is_none())
            }
            State::Lost(_) | State::Closed => Ok(false),
        }
    }

    fn is_closed(&self) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        matches!(&*state, State::Closed)
    }

    fn must_reopen(&self) -> Result<bool> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Lost(_) => Ok(true),
            State::Open { stale: true, .. } => {
                let available = fs2::available_space(&self.path)
                    .map_err(|e| Error::io("measure the space of", &self.path, e))?;
                if available < ROOM_TO_REOPEN {
                    return Err(Error::StorageFull {
                        path: self.path.clone(),
                        available,
                        needed: ROOM_TO_REOPEN,
                        limit: datastore::Limit::Disk,
                    });
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Drops the engine and opens it anew, unless another thread just has.
    fn reopen(&self) -> Result<()> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Closed => return Err(Error::Closed),
            State::Open { stale: false, .. } => return Ok(()),
            State::Open { .. } | State::Lost(_) => {}
        }
        // The old engine lets go of its files before the new one asks for them.
        let old = mem::replace(&mut *state, State::Lost(Error::Closed));
        // What it has to say about that is no news: it is given up because it failed.
        let _ = caught(&self.path, || {
            drop(old);
            Ok(())
        });
        match caught(&self.path, &self.open) {
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

    fn mark(&self, change: impl FnOnce(&mut bool, &mut Option<String>)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let State::Open { stale, refuses, .. } = &mut *state {
            change(stale, refuses);
        }
    }
}

/// Calls an engine; a panic on this thread becomes an error.
pub(crate) fn caught<T>(path: &Path, call: impl FnOnce() -> Result<T>) -> Result<T> {
    // What the engine may leave half done is its own; it is asked no more for writes.
    panic::catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|payload| {
        let said = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("without a word");
        Err(Error::Corrupt {
            path: path.to_owned(),
            what: format!("the engine panicked ({said}); run verify on it, or restore a backup"),
        })
    })
}

/// An enumeration that ends at its first error: a panic of the engine, what the engine says, or
/// that the store was closed meanwhile.
pub(crate) struct Caught<'a, I> {
    live: &'a Live,
    inner: Option<I>,
}

impl<'a, I> Caught<'a, I> {
    pub fn new(live: &'a Live, inner: I) -> Caught<'a, I> {
        Caught {
            live,
            inner: Some(inner),
        }
    }
}

impl<T, I: Iterator<Item = Result<T>>> Iterator for Caught<'_, I> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        let inner = self.inner.as_mut()?;
        let item = if self.live.is_closed() {
            Some(Err(Error::Closed))
        } else {
            caught(&self.live.path, || Ok(inner.next())).unwrap_or_else(|error| Some(Err(error)))
        };
        if !matches!(item, Some(Ok(_))) {
            self.inner = None;
        }
        item
    }
}

pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Flush;
    use bytes::Bytes;
    use datastore::{Batch, Datastore, Entries, Key, MemStore};
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    /// Fails each write as it is told to, and counts how often it was opened.
    struct Sick(fn() -> Result<()>, AfterFull);

    impl Engine for Sick {
        fn get(&self, _: &Key) -> Result<Option<Bytes>> {
            Ok(Some(Bytes::from_static(b"still here")))
        }
        fn size(&self, _: &Key) -> Result<Option<u64>> {
            panic!("slice index starts at 20 but ends at 0")
        }
        fn write(&self, _: &Batch, _: Flush) -> Result<()> {
            (self.0)()
        }
        fn flush(&self) -> Result<()> {
            (self.0)()
        }
        fn query(&self, _: &Key) -> Result<Entries<'static>> {
            Ok(Box::new(std::iter::once_with(|| panic!("in the middle"))))
        }
        fn after_full(&self) -> AfterFull {
            self.1
        }
        fn disk_usage(&self) -> Result<u64> {
            Ok(0)
        }
        fn close(&self) -> Result<()> {
            Ok(())
        }
    }

    fn live(fails: fn() -> Result<()>, after: AfterFull) -> (Live, Arc<AtomicUsize>) {
        let opened = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&opened);
        let open = move || {
            count.fetch_add(1, SeqCst);
            Ok(Box::new(Sick(fails, after)) as Box<dyn Engine>)
        };
        (
            Live::new(std::env::temp_dir(), Box::new(open)).unwrap(),
            opened,
        )
    }

    fn write(live: &Live) -> Result<()> {
        live.write(|engine| engine.write(&Batch::new(), Flush::Yes))
    }

    fn get(live: &Live) -> Result<Option<Bytes>> {
        live.read(|engine| engine.get(&Key::blocks()))
    }

    fn eio() -> Result<()> {
        Err(Error::io("flush", "/x", io::Error::from_raw_os_error(5)))
    }

    fn enospc() -> Result<()> {
        Err(Error::io("write", "/x", io::ErrorKind::StorageFull.into()))
    }

    #[test]
    fn after_a_failed_flush_nothing_is_written_and_reads_go_on() {
        let (live, opened) = live(eio, AfterFull::ReopenToRead);
        assert!(matches!(write(&live), Err(Error::Io { .. })));
        for _ in 0..3 {
            let error = write(&live).unwrap_err();
            assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
            assert!(error.to_string().contains("cannot flush /x"), "{error}");
        }
        assert!(get(&live).unwrap().is_some());
        assert_eq!(
            opened.load(SeqCst),
            1,
            "it must not be opened anew behind the caller's back"
        );
        assert!(!live.close().unwrap(), "such a close is not a clean one");
    }

    #[test]
    fn a_full_disk_reopens_the_engine_that_needs_it() {
        for (after, times) in [
            (AfterFull::Nothing, 1),
            (AfterFull::ReopenToWrite, 3),
            (AfterFull::ReopenToRead, 3),
        ] {
            let (live, opened) = live(enospc, after);
            for _ in 0..2 {
                assert!(write(&live).unwrap_err().is_out_of_space());
                assert!(get(&live).unwrap().is_some());
            }
            assert_eq!(opened.load(SeqCst), times, "{after:?}");
        }
    }

    #[test]
    fn an_engine_that_tells_of_a_disk_that_was_full_is_asked_again() {
        static TOLD: AtomicUsize = AtomicUsize::new(0);
        let once = || match TOLD.fetch_add(1, SeqCst) {
            0 => enospc(),
            _ => Ok(()),
        };
        let (live, opened) = live(once, AfterFull::ReopenToWrite);
        write(&live).unwrap();
        assert_eq!((TOLD.load(SeqCst), opened.load(SeqCst)), (2, 2));
    }

    #[test]
    fn a_panic_is_a_typed_error_and_ends_writing() {
        let (live, _) = live(|| panic!("torn page"), AfterFull::Nothing);
        let error = live.read(|engine| engine.size(&Key::blocks())).unwrap_err();
        assert!(matches!(&error, Error::Corrupt { what, .. } if what.contains("starts at 20")));
        assert!(matches!(write(&live), Err(Error::Corrupt { .. })));
        assert!(matches!(write(&live), Err(Error::ReadOnly { .. })));
        let entries = live.read(|engine| engine.query(&Key::root())).unwrap();
        let mut entries = Caught::new(&live, entries);
        assert!(matches!(entries.next(), Some(Err(Error::Corrupt { .. }))));
        assert!(entries.next().is_none());
    }

    #[test]
    fn a_panic_while_the_engine_is_let_go_of_is_a_typed_error() {
        struct Stuck(MemStore);
        impl Drop for Stuck {
            fn drop(&mut self) {
                panic!("bit < self.len");
            }
        }
        impl Engine for Stuck {
            fn get(&self, key: &Key) -> Result<Option<Bytes>> {
                self.0.get(key)
            }
            fn size(&self, key: &Key) -> Result<Option<u64>> {
                self.0.size(key)
            }
            fn write(&self, _: &Batch, _: Flush) -> Result<()> {
                enospc()
            }
            fn flush(&self) -> Result<()> {
                Ok(())
            }
            fn query(&self, _: &Key) -> Result<Entries<'static>> {
                Ok(Box::new(std::iter::empty()))
            }
            fn after_full(&self) -> AfterFull {
                AfterFull::ReopenToRead
            }
            fn disk_usage(&self) -> Result<u64> {
                Ok(0)
            }
            fn close(&self) -> Result<()> {
                Ok(())
            }
        }
        let open = || Ok(Box::new(Stuck(MemStore::new())) as Box<dyn Engine>);
        let live = Live::new(std::env::temp_dir(), Box::new(open)).unwrap();
        assert!(write(&live).unwrap_err().is_out_of_space());
        let error = live.close().unwrap_err();
        assert!(matches!(&error, Error::Corrupt { what, .. } if what.contains("bit <")));
    }

    #[test]
    fn a_bad_key_harms_nobody() {
        let (live, _) = live(
            || {
                Err(Error::InvalidKey {
                    key: "k".into(),
                    reason: "too long",
                })
            },
            AfterFull::Nothing,
        );
        for _ in 0..2 {
            assert!(matches!(write(&live), Err(Error::InvalidKey { .. })));
        }
        assert!(live.close().unwrap());
        assert!(matches!(get(&live), Err(Error::Closed)));
    }
}
