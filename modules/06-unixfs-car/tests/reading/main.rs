//! Files and folders read back: what is read, which blocks of it, and what becomes of blocks that
//! lie.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod build;
mod counted;
mod files;
mod folders;
mod lies;
mod missing;
mod ranges;
mod shards;
mod sizes;
mod spec;
mod tables;
