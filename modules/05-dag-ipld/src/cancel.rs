//! A token that stops what takes long.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use block_cid::{Block, Fetcher};

use crate::{Cid, Error};

/// Given to a walk, kept by whoever may want to stop it: clones are one token.
///
/// A walk looks at it before each block. What waits for another machine is let go at once if its
/// fetcher is wrapped in a [`Cancellable`].
#[derive(Clone, Default)]
pub struct Cancel(Arc<Token>);

#[derive(Default)]
struct Token {
    is_cancelled: Mutex<bool>,
    changed: Condvar,
}

impl Cancel {
    /// A token that is not cancelled yet.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Stops what has this token, for good.
    pub fn cancel(&self) {
        *self.0.lock() = true;
        self.0.changed.notify_all();
    }

    /// Whether [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        *self.0.lock()
    }

    /// Whether to go on.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if not.
    pub fn check(&self) -> Result<(), Error> {
        match self.is_cancelled() {
            false => Ok(()),
            true => Err(Error::Cancelled),
        }
    }

    /// What `work` gives, done on a thread of its own; or `None` once this is cancelled, or if `work`
    /// panics. A thread that nobody waits for any more ends with its work.
    fn wait<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (token, slot) = (self.0.clone(), Arc::new(Mutex::new(Work::Runs)));
        let done = Done(token, slot.clone());
        let spawned = thread::Builder::new().name("fetch".into()).spawn(move || {
            let value = work();
            *lock(&done.1) = Work::Gave(value);
        });
        // A machine without a thread to spare has no other answer either.
        spawned.ok()?;
        let runs = |cancelled: &mut bool| !*cancelled && matches!(*lock(&slot), Work::Runs);
        let ended = self.0.changed.wait_while(self.0.lock(), runs);
        drop(ended.unwrap_or_else(PoisonError::into_inner));
        let mut slot = lock(&slot);
        match std::mem::replace(&mut *slot, Work::Ended) {
            Work::Gave(value) => Some(value),
            Work::Runs | Work::Ended => None,
        }
    }
}

impl Token {
    fn lock(&self) -> MutexGuard<'_, bool> {
        lock(&self.is_cancelled)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

/// How far a thread is.
enum Work<T> {
    Runs,
    Gave(T),
    Ended,
}

/// Wakes who waits when the thread ends, by a panic, too.
struct Done<T>(Arc<Token>, Arc<Mutex<Work<T>>>);

impl<T> Drop for Done<T> {
    fn drop(&mut self) {
        let mut work = lock(&self.1);
        if matches!(*work, Work::Runs) {
            *work = Work::Ended;
        }
        drop(work);
        // Under the lock, so that who looked before the end is waiting by now.
        drop(self.0.lock());
        self.0.changed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A fetcher that gives up as soon as the token is cancelled: the block cannot be had then.
///
/// Each fetch has a thread of its own, which costs some 30 µs where the network costs milliseconds.
#[derive(Clone, Debug)]
pub struct Cancellable<F> {
    inner: Arc<F>,
    cancel: Cancel,
}

impl<F: Fetcher + 'static> Cancellable<F> {
    /// `inner`, until `cancel`.
    pub fn new(inner: F, cancel: Cancel) -> Cancellable<F> {
        Cancellable {
            inner: Arc::new(inner),
            cancel,
        }
    }
}

impl<F: Fetcher + 'static> Fetcher for Cancellable<F> {
    fn fetch(&self, cid: &Cid) -> block_cid::Result<Option<Block>> {
        let (inner, cid) = (self.inner.clone(), *cid);
        self.cancel
            .wait(move || inner.fetch(&cid))
            .unwrap_or(Ok(None))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn what_is_done_in_time_is_given() {
        assert_eq!(Cancel::new().wait(|| 7), Some(7));
    }

    #[test]
    fn a_wait_ends_at_once_and_its_thread_with_its_work() {
        let cancel = Cancel::new();
        let (go, going) = mpsc::channel::<()>();
        let (began, begins) = mpsc::channel();
        let other = cancel.clone();
        let waits = thread::spawn(move || {
            other.wait(move || {
                began.send(()).unwrap();
                // As long as the test has `go`.
                going.recv().is_err()
            })
        });
        begins.recv().unwrap();
        assert!(!cancel.is_cancelled());
        cancel.cancel();
        assert_eq!(waits.join().unwrap(), None);
        assert!(matches!(cancel.check(), Err(Error::Cancelled)));
        drop(go);
        // A token does not come back.
        assert!(cancel.is_cancelled());
    }

    #[test]
    fn work_that_panics_leaves_nobody_waiting() {
        let gave = Cancel::new().wait(|| std::panic::resume_unwind(Box::new("lost")));
        assert_eq!(gave, None::<()>);
    }
}
