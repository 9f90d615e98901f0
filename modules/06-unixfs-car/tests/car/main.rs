//! CARs: read, written, indexed, searched, brought into stores and out of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod copy;
mod export;
mod fixtures;
mod hostile;
mod import;
mod index;
mod indexed;
mod judges;
mod kubo;
mod lotus;
mod made;
mod memory;
mod offsets;
mod pack;
mod reader;
mod verify;
