//! `get`: the value at a path.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Result;
use block_cid::Blockstore;
use bytes::Bytes;
use clap::Args as ClapArgs;
use dag_ipld::{Codec, Dag, Found, Path};
use persistent::program::args::Store;
use persistent::program::store::{self, Use};

use super::shown;

/// `get`.
#[derive(Debug, ClapArgs)]
pub struct Get {
    /// The path: CID/a/b, /ipfs/CID/a/b or /ipld/CID/a/b
    #[arg(value_name = "PATH")]
    at: Path,
    /// The codec that it is written by; as raw, any block is had as it is
    #[arg(long, default_value = "dag-json", value_name = "CODEC")]
    output_codec: Codec,
}

/// Prints the value.
pub fn run(args: &Store, get: &Get, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let bytes = bytes(&Dag::new(blocks), get)?;
        // Elsewhere the bytes are those of the block, to the last.
        match std::io::stdout().is_terminal() {
            true => out.write_all(shown::on_terminal(&bytes).as_bytes())?,
            false => out.write_all(&bytes)?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The value, in the codec that was asked for. As raw, a whole block is what it is, whatever its codec.
fn bytes(dag: &Dag<impl Blockstore>, get: &Get) -> Result<Bytes> {
    if get.output_codec == Codec::Raw {
        let place = dag.resolve(&get.at)?.found()?;
        let is_block = place.remainder.is_empty();
        if let (true, Found::Node { block, .. } | Found::Opaque { block, .. }) =
            (is_block, dag.find(&place.cid)?)
        {
            return Ok(block.into_parts().1);
        }
    }
    let value = dag.get(&get.at)?.found()?;
    Ok(get.output_codec.encode(&value)?.into())
}
