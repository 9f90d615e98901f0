//! `car filter`: some blocks of a CAR.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use block_cid::{Cid, text};
use clap::Args;
use demo::Usage;
use persistent::ops::Watch;
use persistent::program::store::note;
use persistent::program::watch::{Bar, Unit};
use unixfs_car::car::copy::filter;

use super::input::{open, reading, told};
use super::output::To;

/// The longest line of a list of CIDs, in bytes: no CID is longer, in any base.
const LINE: u64 = 4096;

/// `car filter`.
#[derive(Debug, Args)]
pub struct Filter {
    /// The CAR
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The blocks, by any CID that has their multihash
    #[arg(value_name = "CID", value_parser = text::parse)]
    cids: Vec<Cid>,
    /// More of them, one a line; - is stdin
    #[arg(long, value_name = "FILE")]
    cid_file: Option<PathBuf>,
    /// Leave these blocks out, and take all others
    #[arg(long)]
    inverse: bool,
    /// Where it goes.
    #[command(flatten)]
    to: To,
}

/// Writes the blocks that are named, or the others. Roots that are not among them are roots no more.
pub fn run(args: &Filter, out: &mut dyn Write) -> Result<ExitCode> {
    let mut cids = args.cids.clone();
    if let Some(list) = &args.cid_file {
        cids.extend(read(list).with_context(|| reading(list))?);
    }
    if cids.is_empty() {
        bail!(Usage::new(
            "name the blocks: CIDs behind the file, or --cid-file FILE"
        ));
    }
    let wanted: HashSet<_> = cids.iter().map(|cid| *cid.hash()).collect();
    let car = open(&args.file)?;
    let kept = |root: &&Cid| wanted.contains(root.hash()) != args.inverse;
    let roots: Vec<Cid> = car.roots().iter().filter(kept).copied().collect();
    let version = args.to.version(1)?;
    let bar = Bar::new("filter", Unit::Bytes);
    bar.expect(0, car.len());
    let copied = args.to.car(version, &roots, false, out, |writer| {
        let copied = filter(&car, &wanted, args.inverse, writer, &bar);
        copied.map_err(told).with_context(|| reading(&args.file))
    })?;
    if roots.is_empty() {
        note("no root is left");
    }
    let missing = wanted.len() as u64 - copied.found;
    if missing > 0 {
        note(&format!(
            "not there, of the blocks that were named: {missing}"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The CIDs of a list; empty lines are stepped over.
fn read(list: &Path) -> Result<Vec<Cid>> {
    let mut input: Box<dyn BufRead> = match list == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(BufReader::new(File::open(list)?)),
    };
    let mut cids = Vec::new();
    for number in 1.. {
        let mut line = String::new();
        let mut limited = (&mut input).take(LINE);
        if limited.read_line(&mut line)? == 0 {
            break;
        }
        match line.trim() {
            "" => {}
            cid => cids.push(text::parse(cid).with_context(|| format!("line {number}"))?),
        }
    }
    Ok(cids)
}
