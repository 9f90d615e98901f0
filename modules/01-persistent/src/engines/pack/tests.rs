//! What the parts promise together.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod cars;
mod compact;
mod cuts;
mod damage;
mod engine;
mod index;
mod moves;
mod notes;
mod power;
mod prove;
mod room;
mod sweep;
mod tidy;
mod unborn;
