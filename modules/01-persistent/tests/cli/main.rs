//! The program from outside: what it prints, how it ends, and what it leaves.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod backup;
mod choose;
mod commands;
mod damage;
mod ends;
mod flags;
mod input;
mod migrate;
mod pack;
mod remove;
mod removed;
mod run;
mod salvage;
mod sealed;
mod unasked;
mod verify;
