//! `cat`, `ls` and `get` from outside: what they print, how they end, and what Kubo says to the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code)]
#[path = "../reading/build.rs"]
mod build;
mod cat;
mod get;
mod kubo;
mod ls;
mod samples;
