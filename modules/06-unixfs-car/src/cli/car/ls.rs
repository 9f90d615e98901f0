//! `car ls`: what is in a CAR.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use block_cid::car;
use clap::Args;
use persistent::program::stop;

/// `car ls`.
#[derive(Debug, Args)]
pub struct Ls {
    /// The CAR
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Lists the CIDs.
pub fn run(ls: &Ls, out: &mut dyn Write) -> Result<ExitCode> {
    let named = || format!("cannot read {}", ls.file.display());
    let file = File::open(&ls.file).with_context(named)?;
    for block in car::Reader::new(BufReader::new(file)).with_context(named)? {
        stop::check()?;
        writeln!(out, "{}", block.with_context(named)?.cid())?;
    }
    Ok(ExitCode::SUCCESS)
}
