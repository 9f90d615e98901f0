//! A DAG in a store: found by path, walked, counted, compared, copied.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod bomb;
mod browser;
mod cancel;
mod copy;
mod diff;
mod explore;
mod kubo;
mod model;
mod page;
mod random;
mod resolve;
mod stat;
mod stores;
mod walk;
