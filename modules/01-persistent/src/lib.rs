//! Blocks that outlive the process, on the storage engine of your choice.
//!
//! Read in this order:
//!
//! - [`kind`], [`config`]: which engine, and what it is opened with
//! - [`engine`]: what an engine has to be able to do
//! - [`engines`]: six of them, one file or folder each
//! - `plan`: what an open is about to do
//! - [`persistent`](Persistent): the wrapper, and the layers it is made of: `live` (panics and
//!   failed disks), `group` (one flush for many writers), `promise` (durability), [`guard`]
//!   (disk space), `ballast` (room for a full disk), [`lock`], `manifest`, `acks` (what was
//!   acknowledged)
//! - [`ops`]: what one does with a whole store: prove it, save it, move it, mend it
//! - [`wrappers`]: stores around stores
//! - [`choose`](choose()): which engine for which need
//! - [`error`]: what can go wrong, by what to do about it
//! - [`program`]: what every program over a store is made of

// First, since others forward calls as wrappers do.
#[macro_use]
pub mod wrappers;

mod acks;
mod ballast;
mod bounded;
pub mod choose;
pub mod config;
pub mod engine;
pub mod engines;
pub mod error;
mod found;
mod group;
#[cfg(test)]
mod group_tests;
pub mod guard;
pub mod hold;
mod holder;
pub mod kind;
mod kubo;
mod live;
pub mod lock;
mod lost;
mod made;
mod manifest;
mod mend;
pub mod ops;
mod persistent;
mod place;
mod plan;
pub mod probe;
pub mod program;
mod promise;
mod sweep;
mod sync;

pub use choose::{Choice, Loss, Needs, choose};
pub use config::{Config, Durability};
pub use engine::Compression;
pub use error::Error;
pub use found::Found;
pub use kind::Kind;
pub use lost::Lost;
pub use persistent::Persistent;

/// The Rust blocks of the README of the project, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
