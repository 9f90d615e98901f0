//! The program from outside: what it prints, how it ends, what it leaves, and what Kubo says to the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code)]
#[path = "../reading/build.rs"]
mod build;
mod car;
mod cat;
mod explore;
mod export;
#[cfg(unix)]
mod extract;
mod get;
mod import;
mod killed;
mod kubo;
mod ls;
mod memory;
mod run;
mod samples;
mod tour;
mod verify;
