//! CARs: files of blocks.
//!
//! A CAR carries blocks from one store to another, by file or by network. There are two versions, and the
//! second has the first in it:
//!
//! ```text
//! CARv1   header {roots, version: 1}   section   section   section   …
//!
//! CARv2   pragma   header              CARv1                        index
//!         11       40 bytes            │                            │
//!                  where the CARv1 ────┘ and the index ─────────────┘ begin
//!
//! section   varint length   CID   block
//! ```
//!
//! The framing of version 1 is in [`block_cid::car`]; here is the rest, read in this order:
//!
//! - [`header`]: the 51 bytes that a CARv2 begins with
//! - [`Reader`]: both versions from any stream, a section at a time
//! - [`index`]: where the block of a multihash lies, in both formats, read and written
//! - [`File`]: both versions in a file, of which any section can be read
//! - [`Indexed`]: such a file as a blockstore that is only read
//! - [`Writer`]: both versions, with an index
//! - [`mod@verify`], [`mod@copy`]: whether a file is good; another file of what is in it
//! - [`mod@import`], [`mod@export`]: from a CAR into a store, and back
//! - [`error`]: what can go wrong, sorted by what to do about it
//!
//! Three rules hold everywhere. **A block is proven**: a CAR is bytes from elsewhere, and whatever CID
//! stands before them is a claim until they are hashed. **An index is a hint**: it says where to look, and
//! what lies there is proven like any other block; where it does not lead to one, all sections are gone
//! through. [`verify()`] compares it with what there is.
//! **A length is a claim, too**: room is made for bytes that are there and not for bytes that are announced,
//! and nothing here has a whole file in memory, or a whole index.

pub mod copy;
pub mod error;
pub mod export;
mod file;
mod group;
pub mod header;
pub mod import;
pub mod index;
mod indexed;
mod reader;
pub mod verify;
mod writer;

pub use error::{Error, Result};
pub use export::export;
pub use file::{File, Head, Heads};
pub use group::Section;
pub use header::Header;
pub use import::import;
pub use index::Index;
pub use indexed::Indexed;
pub use reader::Reader;
pub use verify::verify;
pub use writer::{Version, Writer};
