//! `car get-block`: one block of a CAR.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use block_cid::{Blockstore, Cid, text};
use clap::Args;
use persistent::program::output::Output;
use unixfs_car::car::Indexed;

use super::input::{note_refused, open, reading, scratch, told};

/// `car get-block`.
#[derive(Debug, Args)]
pub struct GetBlock {
    /// The CAR
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The CID, in any base
    #[arg(value_name = "CID", value_parser = text::parse)]
    cid: Cid,
    /// Write to this file, which is there whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the block, which is found by the index if there is one.
pub fn run(args: &GetBlock, out: &mut dyn Write) -> Result<ExitCode> {
    let named = || reading(&args.file);
    let blocks = Indexed::new(open(&args.file)?, &scratch());
    let blocks = blocks.map_err(told).with_context(named)?;
    let found = blocks.get(&args.cid).with_context(named)?;
    note_refused(&blocks);
    let Some(block) = found else {
        bail!(
            "{} is not in {}; `car ls` lists what is",
            args.cid,
            args.file.display()
        );
    };
    let mut output = Output::new(args.output.as_deref(), out)?;
    output.write_all(block.data())?;
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}
