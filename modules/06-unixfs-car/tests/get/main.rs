//! DAGs written to disk: what is written, and that nothing is written elsewhere.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod archive;
#[allow(dead_code)]
#[path = "../reading/build.rs"]
mod build;
mod ends;
mod hostile;
mod kubo;
mod lab;
mod replace;
mod tree;
mod write;
