//! Files overwritten, appended to and cut: as bytes are, block by block as in Kubo, and with no more
//! blocks than need be.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code)]
#[path = "../reading/build.rs"]
mod build;
#[allow(dead_code)]
#[path = "../reading/counted.rs"]
mod counted;
mod few;
mod folders;
mod known;
mod kubo;
mod model;
mod refused;
