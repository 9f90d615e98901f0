//! `car extract`: the files and folders of a CAR.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use demo::Usage;
use persistent::program::watch::{Bar, Unit};
use unixfs_car::Path;
use unixfs_car::car::Indexed;

use super::input::{note_refused, open, reading, scratch, told};
use crate::cli::cat::path;
use crate::cli::get::{Limits, named, save};

/// `car extract`.
#[derive(Debug, Args)]
pub struct Extract {
    /// The CAR
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What to write, as CID/name/… [default: every root]
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// Where to: the name of the file or folder, or of the folder for several [default: the last name of
    /// PATH, in this folder]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How much is written.
    #[command(flatten)]
    limits: Limits,
}

/// Writes what the paths lead to, as `get` does from a store.
pub fn run(args: &Extract, out: &mut dyn Write) -> Result<ExitCode> {
    let reading = || reading(&args.file);
    let car = open(&args.file)?;
    let roots = car.roots().iter().map(|root| Path {
        root: *root,
        names: Vec::new(),
    });
    let paths: Vec<Path> = match &args.paths[..] {
        [] => roots.collect(),
        paths => paths.iter().map(path).collect::<Result<_, _>>()?,
    };
    if paths.is_empty() {
        bail!(Usage::new(
            "the CAR names no roots: say what to write, as CID or CID/name"
        ));
    }
    let blocks = Indexed::new(car, &scratch()).map_err(told);
    let blocks = blocks.with_context(reading)?;
    let extracted = paths.iter().try_for_each(|path| {
        let to = match (&args.output, paths.len()) {
            (Some(to), 1) => to.clone(),
            (Some(folder), _) => folder.join(named(path)),
            (None, _) => named(path),
        };
        let bar = Bar::new("extract", Unit::Bytes);
        save(&blocks, path, &to, &args.limits, bar, out)
    });
    note_refused(&blocks);
    extracted.with_context(|| format!("cannot extract {}", args.file.display()))?;
    Ok(ExitCode::SUCCESS)
}
