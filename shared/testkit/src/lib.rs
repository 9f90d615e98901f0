//! What the tests of Cairn share.
//!
//! Read in this order:
//!
//! - [`fixtures`]: tables of right answers made elsewhere
//! - [`run`]: how much is tried, from which seed, and what is said when something cannot be
//! - [`rng`]: chance that can be repeated
//! - [`child`]: this test binary once more, as a process that may be killed
//! - [`kill`]: a laboratory that kills it at any moment
//! - [`mount`]: file systems that are small, full, read-only, or lose their power
//! - [`strace`]: system calls that fail on demand, and a record of those that were made
//!
//! This is a library for tests: it panics where a test should fail, and it reads the environment
//! variables that [`run`] names.

pub mod child;
pub mod fixtures;
pub mod kill;
pub mod mount;
pub mod rng;
pub mod run;
pub mod strace;

pub use child::Child;
pub use rng::Rng;
pub use run::{or_skip, report, skip};
