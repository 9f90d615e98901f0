//! `ls`: every block there is.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::Blockstore;
use serde_json::json;

use super::args::{Ls, Store};
use super::stop;
use super::store::{self, Use};

/// One line a block, as the engine gives them.
pub fn run(args: &Store, ls: &Ls, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        for cid in blocks.cids()? {
            stop::check()?;
            let cid = cid?;
            if !ls.long && !ls.json {
                writeln!(out, "{cid}")?;
                continue;
            }
            // Removed since it was listed: then it is not to be listed.
            let Some(size) = blocks.size(&cid)? else {
                continue;
            };
            if ls.json {
                let line = json!({ "cid": cid.to_string(), "size": size });
                writeln!(out, "{line}")?;
            } else {
                writeln!(out, "{cid}  {size}")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
