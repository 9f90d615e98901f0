//! `car merge`: one CAR of several.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use persistent::ops::Watch;
use persistent::program::watch::{Bar, Unit};
use unixfs_car::car::File;
use unixfs_car::car::copy;

use super::input::{open, reading, told};
use super::output::To;

/// `car merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// The CARs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where it goes.
    #[command(flatten)]
    to: To,
}

/// Writes the blocks of all, each CID once, with the roots of all.
pub fn run(args: &Merge, out: &mut dyn Write) -> Result<ExitCode> {
    let cars: Vec<File> = args
        .files
        .iter()
        .map(|file| open(file))
        .collect::<Result<_>>()?;
    let version = args.to.version(1)?;
    let bar = Bar::new("merge", Unit::Bytes);
    bar.expect(0, cars.iter().map(File::len).sum());
    args.to
        .car(version, &copy::roots(&cars), false, out, |writer| {
            let mut merge = copy::Merge::default();
            for car in &cars {
                let added = merge.add(car, writer, &bar).map_err(told);
                added.with_context(|| reading(car.name()))?;
            }
            Ok(())
        })?;
    Ok(ExitCode::SUCCESS)
}
