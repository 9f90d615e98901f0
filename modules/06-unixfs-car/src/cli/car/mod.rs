//! `car`: files of blocks, looked into and made anew.

mod ls;

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
    /// List the CIDs of the blocks, in the order of the file
    Ls(ls::Ls),
}

/// Runs a command on CARs.
pub fn run(car: &Car, out: &mut dyn Write) -> Result<ExitCode> {
    match &car.command {
        Command::Ls(args) => ls::run(args, out),
    }
}
