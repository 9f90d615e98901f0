//! What the tests of Cairn share.
//!
//! Read in this order:
//!
//! - [`fixtures`]: tables of right answers made elsewhere
//! - [`run`]: how much is tried, from which seed, and what is said when something cannot be
//! - [`outcome`]: what a laboratory says in the end, for people and for `cargo x faults`
//! - [`rng`]: chance that can be repeated
//! - [`place`]: a program of ours, run from outside
//! - [`child`]: this test binary once more, as a process that may be killed
//! - [`kill`]: a laboratory that kills it at any moment
//! - [`calls`]: a laboratory that stops it at every system call, or has every one fail
//! - [`flip`]: a laboratory that damages files
//! - [`mount`]: file systems that are small, full, read-only, or lose their power
//! - [`power`]: a laboratory that cuts the power under a program
//! - [`crash`]: a disk in memory that loses its power, in every way that a disk may
//! - [`strace`]: system calls that fail on demand, and a record of those that were made
//! - [`cars`]: programs of others that read CARs
//! - [`kubo`], [`helia`]: the peers that say what is right
//! - [`peers`]: where they are kept
//!
//! This is a library for tests: it panics where a test should fail, and it reads the environment
//! variables that [`run`] names.

pub mod calls;
pub mod cars;
pub mod child;
pub mod crash;
pub mod fixtures;
pub mod flip;
pub mod helia;
pub mod kill;
pub mod kubo;
pub mod mount;
pub mod outcome;
pub mod peers;
pub mod place;
pub mod power;
pub mod rng;
pub mod run;
pub mod strace;

pub use child::Child;
pub use outcome::{Outcome, Trial};
pub use place::{Ended, Place};
pub use rng::Rng;
pub use run::{or_skip, report, skip};
