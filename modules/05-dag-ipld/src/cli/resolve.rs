//! `resolve`: the block that a path leads to.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args as ClapArgs;
use dag_ipld::{Dag, Path};
use demo::plain;
use persistent::program::args::Store;
use persistent::program::store::{self, Use};

/// `resolve`.
#[derive(Debug, ClapArgs)]
pub struct Resolve {
    /// The path: CID/a/b, /ipfs/CID/a/b or /ipld/CID/a/b
    #[arg(value_name = "PATH")]
    at: Path,
}

/// Prints the CID, and the rest of the path within the block.
pub fn run(args: &Store, resolve: &Resolve, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let place = Dag::new(blocks).resolve(&resolve.at)?.found()?;
        let rest = place.remainder.iter().map(|s| format!("/{}", plain(s)));
        writeln!(out, "{}{}", place.cid, rest.collect::<String>())?;
        Ok(ExitCode::SUCCESS)
    })
}
