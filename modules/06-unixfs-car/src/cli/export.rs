//! `export`: a DAG of the store as a CAR.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use demo::Usage;
use persistent::ops;
use persistent::program::args::Store;
use persistent::program::store::{self, Use};
use persistent::program::watch::{Bar, Unit};
use unixfs_car::car::export::{Missing, export};

use super::args::may_be_false;
use super::car::input::told;
use super::car::output::To;
use super::cat::path;

/// `export`.
#[derive(Debug, Args)]
#[command(mut_args = may_be_false, after_help = "\
The file is the one that `ipfs dag export` writes, to the byte. If a block is missing, the exit code \
is 1 and no file is left; what went to stdout until then is no whole CAR.")]
pub struct Export {
    /// The root: CID, CID/name/…, /ipfs/CID/name/… or ipfs://CID/name/…
    #[arg(value_name = "PATH")]
    root: OsString,
    /// Leave out blocks that are not there or are damaged, and what is below them
    #[arg(long)]
    local_only: bool,
    /// Show how far it is, on a terminal [default: true]
    #[arg(short, long, value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    progress: Option<bool>,
    /// Where it goes.
    #[command(flatten)]
    to: To,
}

/// Writes the root and all below it, depth first, each block once.
pub fn run(args: &Store, export_args: &Export, out: &mut dyn Write) -> Result<ExitCode> {
    let Export { root, to, .. } = export_args;
    let root = path(root).map_err(|error| Usage::new(error.to_string()))?;
    let version = to.version(1)?;
    let missing = match export_args.local_only {
        true => Missing::LeftOut,
        false => Missing::Refused,
    };
    store::with(args, Use::Read, |store, blocks| {
        if let Some(path) = &to.output {
            ops::refuse_within(store, path)?;
        }
        let cid = root.resolve(blocks)?;
        let bar = Bar::new("export", Unit::Bytes).shown(export_args.progress.unwrap_or(true));
        to.car(version, &[cid], false, out, |writer| {
            let exported = export(blocks, &cid, missing, writer, &bar);
            exported
                .map_err(told)
                .with_context(|| format!("cannot export {cid}"))
        })?;
        Ok(ExitCode::SUCCESS)
    })
}
