//! `export`: a DAG of the store as a CAR.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use block_cid::{Cid, text};
use clap::Args;
use persistent::ops;
use persistent::program::args::Store;
use persistent::program::store::{self, Use};
use persistent::program::watch::{Bar, Unit};
use unixfs_car::car::export::export;

use super::car::input::told;
use super::car::output::To;

/// `export`.
#[derive(Debug, Args)]
#[command(after_help = "\
The file is the one that `ipfs dag export` writes, to the byte. If a block is missing, the exit code \
is 1 and no file is left; what went to stdout until then is no whole CAR.")]
pub struct Export {
    /// The root, in any base
    #[arg(value_name = "CID", value_parser = text::parse)]
    cid: Cid,
    /// Where it goes.
    #[command(flatten)]
    to: To,
}

/// Writes the root and all below it, depth first, each block once.
pub fn run(args: &Store, export_args: &Export, out: &mut dyn Write) -> Result<ExitCode> {
    let Export { cid, to } = export_args;
    let version = to.version(1)?;
    store::with(args, Use::Read, |store, blocks| {
        if let Some(path) = &to.output {
            ops::refuse_within(store, path)?;
        }
        let bar = Bar::new("export", Unit::Bytes);
        to.car(version, &[*cid], false, out, |writer| {
            let exported = export(blocks, cid, writer, &bar);
            exported
                .map_err(told)
                .with_context(|| format!("cannot export {cid}"))
        })?;
        Ok(ExitCode::SUCCESS)
    })
}
