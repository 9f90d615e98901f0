//! A panic of the engine on this thread is an error.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use datastore::{Error, Result};

use super::Live;

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
