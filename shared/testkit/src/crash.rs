//! A disk in memory that can lose its power at any moment, and that fails on demand.
//!
//! ```text
//! workload ──► CrashDisk ──► record:  create  write  write  sync  rename  sync folder  …
//!                                    0      1      2      3     4       5            6   points
//!                                                         │
//!              what a power cut at point 3 may leave  ◄───┘
//!                what was flushed is there
//!                each write that was not: lost, whole, torn at 512 bytes, or zeros in its place
//!                each name that was not: as before or as after
//! ```
//!
//! What was not flushed may have reached the disk or not, in any combination: file systems write
//! back when and in which order they like. So one point has many states. Where they are few, all
//! are tried; where they are many, the extremes and then random ones. Each is named by a seed, a
//! point and a number, and can be made again.
//!
//! The model is stricter than any one file system, which is what makes it worth passing:
//!
//! - Flushing a file does not make its name durable, flushing a folder does not make the bytes of
//!   its files durable, and neither makes anything else durable.
//! - A name is an entry of its own folder. A rename is there wholly or not at all, and it is
//!   durable with the folder that it led into.
//! - Names follow the order in which they depend on one another: what was renamed twice is not
//!   where it came second without having been where it came first.
//! - A flush that fails is told once. The system takes the pages for clean, so that a later flush
//!   succeeds, and says nothing of them (Rebello et al., "Can Applications Recover from fsync
//!   Failures?", USENIX ATC 2020).
//!
//! It holds no links, no permissions and no times.
//!
//! [`laboratory`] does it all for one workload and one check.

mod choice;
mod cut;
mod disk;
mod fault;
mod file;
mod image;
mod lab;
mod record;
mod step;

pub use cut::Cut;
pub use disk::CrashDisk;
pub use fault::{ALL, Call, EINTR, EIO, ENOSPC, FLUSHES, Fault, How};
pub use lab::{Acks, Tally, laboratory};
pub use record::Record;
