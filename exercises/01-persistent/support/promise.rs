//! Holds a store to one check of the contract, and says which promise it is.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use datastore::Datastore;

use crate::say;

/// Runs a check of `datastore::contract` on a fresh store.
#[track_caller]
pub fn kept<D: Datastore + 'static>(
    promise: &str,
    make: impl FnOnce() -> D,
    check: fn(Arc<dyn Datastore>),
    why: &str,
) {
    let store = make();
    let end = panic::catch_unwind(AssertUnwindSafe(|| check(Arc::new(store))));
    if let Err(payload) = end {
        let said = payload.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| payload.downcast_ref::<&str>().copied());
        let said = said
            .unwrap_or("it panicked")
            .replace(
                "a scoped thread panicked",
                "one of several threads got an error, or found what nobody had written",
            )
            .replace(
                "assertion `left == right` failed",
                "two values are not the same",
            )
            .replace("\n  left: ", "\nyours   ")
            .replace("\n right: ", "\nwanted  ");
        say::wrong(format!(
            "the promise: {promise}\n{said}\nWhy it matters: {why}"
        ));
    }
}
