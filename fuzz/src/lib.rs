//! What must hold of every decoder, whatever bytes it is given.
//!
//! A [`Target`] takes bytes and panics where a property does not hold: what is taken is given back byte
//! by byte, or comes to a form that stays as it is; two ways to read the same agree; memory and time
//! are bounded by the length. Read in this order:
//!
//! - [`targets`]: the decoders, and what holds of each
//! - [`limit`]: how much memory and time
//! - [`bag`]: blocks that lead anywhere, for what follows links
//! - [`seeds`]: what to begin with, from the tables of other implementations
//! - [`mutate`]: bytes made of other bytes
//! - [`run`](mod@run): so many of them, each watched
//!
//! The tests of this crate try some thousands an input each time. `cargo x fuzz` has libFuzzer look for
//! those that reach new code, and `cargo x long --only fuzz` for a hundred million an input.
//!
//! This is a library for tests: it panics where a test should fail, and reads what tells it where the
//! tables are.
#![allow(clippy::panic)]

pub mod bag;
pub mod limit;
pub mod mutate;
pub mod run;
pub mod seeds;
pub mod targets;

pub use run::{Found, Ran, run};
pub use seeds::Seeds;
pub use targets::{TARGETS, Target};
