//! An engine that another process has open, though it holds no lock of the store.
//!
//! That is a program which is not ours, or a child that tries a store ([`probe`](crate::probe)) for
//! a parent that was killed a moment ago. Such a child ends by itself, so it is waited for.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use datastore::{Error, Result};

/// A child without a parent is gone in milliseconds, unless it waits for a slow disk.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(10);

/// The engine's own lock is held.
#[derive(Debug, thiserror::Error)]
#[error("{} is in use: close it in the other program first", .0.display())]
pub(crate) struct InUse(pub PathBuf);

/// Whether an engine says that another process has it open.
pub(crate) fn is_in_use(error: &Error) -> bool {
    matches!(error, Error::Engine { source, .. } if source.is::<InUse>())
}

/// Calls `open` until the engine is in nobody's use, for as long as `patience`.
///
/// # Errors
/// Those of `open`.
pub(crate) fn wait<T>(patience: Duration, open: impl Fn() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    loop {
        match open() {
            Err(error) if is_in_use(&error) && begun.elapsed() < patience => thread::sleep(PAUSE),
            end => return end,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn only_what_is_in_use_is_waited_for_and_not_for_ever() {
        let in_use = || Error::engine("redb", "open", InUse("/x".into()));
        let left = Cell::new(3);
        let open = || match left.replace(left.get() - 1) {
            0 => Ok(()),
            _ => Err(in_use()),
        };
        wait(PATIENCE, open).unwrap();
        let tries = Cell::new(0);
        let fail = |error: Error| {
            tries.set(tries.get() + 1);
            Err::<(), _>(error)
        };
        wait(PATIENCE, || fail(Error::Closed)).unwrap_err();
        assert_eq!(tries.get(), 1);
        let error = wait(PAUSE, || fail(in_use())).unwrap_err();
        assert!(is_in_use(&error) && tries.get() > 1, "{error}");
    }
}
