//! The command line.
//!
//! A flag that means what one of `ipfs add`, `ipfs block put` or `ipfs cid format` means has the
//! same name.

pub mod cid;
pub mod convert;
pub mod explain;
pub mod tour;

use std::io::BufRead as _;

use anyhow::Context as _;
use block_cid::{Base, Cid, Hash, base, codec, text};
use clap::{Parser, Subcommand};

/// Blocks, and the CIDs that name them. Without a command: a tour.
#[derive(Parser)]
#[command(name = "00-block-cid", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Print the CID of each file, taken as one block
    Cid(cid::Args),
    /// Show what each byte of a CID says
    Explain(explain::Args),
    /// Write CIDs in another version, base or codec
    Convert(convert::Args),
}

/// A codec by name or number, for clap.
fn codec(text: &str) -> Result<u64, block_cid::Error> {
    codec::parse(text)
}

/// A hash by name, for clap.
fn hash(text: &str) -> Result<Hash, block_cid::Error> {
    text.parse()
}

/// A base by name or prefix, for clap.
fn base(text: &str) -> Result<Base, block_cid::Error> {
    base::parse(text)
}

/// Does something with each CID that is named: those given, or, for `-` and for none, each line
/// of standard input.
fn each(
    cids: &[String],
    mut act: impl FnMut(&str, Cid) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut one = |cid: &str| act(cid, text::parse(cid)?);
    if !cids.is_empty() && cids != ["-"] {
        return cids.iter().try_for_each(|cid| one(cid));
    }
    for line in std::io::stdin().lock().lines() {
        let line = line.context("cannot read standard input")?;
        if !line.trim().is_empty() {
            one(line.trim())?;
        }
    }
    Ok(())
}
