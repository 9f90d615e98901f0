//! `has`: which blocks are there.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::Blockstore;
use serde_json::json;

use super::args::{Has, Store};
use super::stop;
use super::store::{self, Use};

/// Answers for each CID; 1 if one is not there.
pub fn run(args: &Store, has: &Has, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let mut all = true;
        for cid in &has.cids {
            stop::check()?;
            let there = blocks.has(cid)?;
            all &= there;
            if has.json {
                let line = json!({ "cid": cid.to_string(), "has": there });
                writeln!(out, "{line}")?;
            } else if !has.quiet {
                writeln!(out, "{cid}  {}", if there { "yes" } else { "no" })?;
            }
        }
        Ok(if all {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    })
}
