//! `get`: the value at a path.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args as ClapArgs;
use dag_ipld::{Codec, Dag, Path};
use persistent::program::args::Store;
use persistent::program::store::{self, Use};

/// `get`.
#[derive(Debug, ClapArgs)]
pub struct Get {
    /// The path: CID/a/b, /ipfs/CID/a/b or /ipld/CID/a/b
    #[arg(value_name = "PATH")]
    at: Path,
    /// The codec that it is written by
    #[arg(long, default_value = "dag-json", value_name = "CODEC")]
    output_codec: Codec,
}

/// Prints the value.
pub fn run(args: &Store, get: &Get, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let value = Dag::new(blocks).get(&get.at)?.found()?;
        out.write_all(&get.output_codec.encode(&value)?)?;
        let is_text = matches!(get.output_codec, Codec::DagJson | Codec::Json);
        // Elsewhere the bytes are those of the block, to the last.
        if is_text && std::io::stdout().is_terminal() {
            writeln!(out)?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
