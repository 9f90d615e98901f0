//! `car index`: a CAR with an index.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use block_cid::Hash;
use clap::Args;
use demo::Usage;
use persistent::ops::Watch;
use persistent::program::stop;
use persistent::program::watch::{Bar, Unit};
use unixfs_car::car::File;
use unixfs_car::car::copy::copy;
use unixfs_car::car::index::Builder;

use super::input::{open, reading, scratch, told};
use super::output::To;

/// `car index`.
#[derive(Debug, Args)]
pub struct Index {
    /// The CAR
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where it goes.
    #[command(flatten)]
    to: To,
    /// Index identity CIDs, too, and have the header say so
    #[arg(long)]
    full: bool,
    /// Write the index alone (.carindex)
    #[arg(long, conflicts_with = "car_version")]
    detach: bool,
}

/// Writes the CAR as a CARv2 with an index; with `--car-version 1`, the CARv1 in it.
pub fn run(args: &Index, out: &mut dyn Write) -> Result<ExitCode> {
    let car = open(&args.file)?;
    if args.detach {
        return detach(args, &car, out);
    }
    let version = args.to.version(2)?;
    let bar = Bar::new("index", Unit::Bytes);
    bar.expect(0, car.len());
    args.to
        .car(version, car.roots(), args.full, out, |writer| {
            let copied = copy(&car, writer, &bar);
            copied.map_err(told).with_context(|| reading(&args.file))
        })?;
    Ok(ExitCode::SUCCESS)
}

/// Heads are enough: nothing is copied.
fn detach(args: &Index, car: &File, out: &mut dyn Write) -> Result<ExitCode> {
    let Some(format) = args.to.format() else {
        bail!(Usage::new(
            "--detach writes an index, and --index-codec none is none"
        ));
    };
    let mut index = Builder::new(format, &scratch());
    for head in car.heads() {
        stop::check()?;
        let head = head.map_err(told).with_context(|| reading(&args.file))?;
        let hash = head.cid.hash();
        if args.full || hash.code() != Hash::IDENTITY.code() {
            index.add(hash, head.offset - car.start()).map_err(told)?;
        }
    }
    args.to
        .with(out, |output| index.write(output).map_err(told))?;
    Ok(ExitCode::SUCCESS)
}
