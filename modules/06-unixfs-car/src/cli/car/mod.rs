//! `car`: files of blocks, looked into and made anew.
//!
//! `input` and `output` are what several of its commands need, and `import` and `export` as well.

mod extract;
mod filter;
mod get_block;
mod index;
pub mod input;
mod ls;
mod merge;
pub mod output;
mod verify;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

/// `car`.
#[derive(Debug, Args)]
pub struct Car {
    /// What to do with it.
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the CIDs of the blocks, in the order of the file; nothing is hashed
    Ls(ls::Ls),
    /// Hash every block, compare the index with what there is, name what is wrong; exit code 1 if
    /// anything is
    Verify(verify::Verify),
    /// Write the CAR with an index, as a CARv2; or the index alone
    Index(index::Index),
    /// Write the CAR with some of its blocks
    Filter(filter::Filter),
    /// Write one CAR of several, each block once
    Merge(merge::Merge),
    /// Write the files and folders in it to disk
    Extract(extract::Extract),
    /// Write the bytes of a block to stdout, or to a file
    GetBlock(get_block::GetBlock),
}

/// Runs a command on CARs.
pub fn run(car: &Car, out: &mut dyn Write) -> Result<ExitCode> {
    match &car.command {
        Command::Ls(args) => ls::run(args, out),
        Command::Verify(args) => verify::run(args, out),
        Command::Index(args) => index::run(args, out),
        Command::Filter(args) => filter::run(args, out),
        Command::Merge(args) => merge::run(args, out),
        Command::Extract(args) => extract::run(args, out),
        Command::GetBlock(args) => get_block::run(args, out),
    }
}
