//! `car ls`: what is in a CAR.

use std::io::{BufReader, Write, stdin};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use block_cid::Cid;
use clap::Args;
use persistent::program::stop;
use serde_json::json;
use unixfs_car::car::Reader;

use super::input::{open, reading, told};

/// `car ls`.
#[derive(Debug, Args)]
pub struct Ls {
    /// The CAR; - is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print where each block begins and how many bytes it has, too
    #[arg(short, long)]
    long: bool,
    /// List the roots instead
    #[arg(long, conflicts_with = "long")]
    roots: bool,
    /// Print a line of JSON for each block: cid, offset (of its section), block (where it begins), length
    /// (of the block)
    #[arg(long, conflicts_with = "long")]
    json: bool,
}

/// A block, where its section begins, where it begins, and its length.
type Line = (Cid, u64, u64, u64);

/// Lists the CIDs.
pub fn run(ls: &Ls, out: &mut dyn Write) -> Result<ExitCode> {
    let named = || reading(&ls.file);
    if ls.file == Path::new("-") {
        let mut reader = Reader::new(BufReader::new(stdin())).map_err(told)?;
        if ls.roots {
            return roots(ls, reader.roots(), out);
        }
        loop {
            let offset = reader.offset();
            let Some(block) = reader.next() else { break };
            let block = block.map_err(told).with_context(named)?;
            let len = block.len() as u64;
            print(ls, (*block.cid(), offset, reader.offset() - len, len), out)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let car = open(&ls.file)?;
    if ls.roots {
        return roots(ls, car.roots(), out);
    }
    for head in car.heads() {
        let head = head.map_err(told).with_context(named)?;
        let (at, len) = head.block;
        print(ls, (head.cid, head.offset, at, len), out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn roots(ls: &Ls, roots: &[Cid], out: &mut dyn Write) -> Result<ExitCode> {
    for root in roots {
        match ls.json {
            true => writeln!(out, "{}", json!({ "root": root.to_string() }))?,
            false => writeln!(out, "{root}")?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(ls: &Ls, (cid, offset, block, length): Line, out: &mut dyn Write) -> Result<()> {
    stop::check()?;
    if ls.json {
        let cid = cid.to_string();
        let line = json!({ "cid": cid, "offset": offset, "block": block, "length": length });
        writeln!(out, "{line}")?;
    } else if ls.long {
        writeln!(out, "{cid}  {block}  {length}")?;
    } else {
        writeln!(out, "{cid}")?;
    }
    Ok(())
}
