//! `ls`: every block there is.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::Blockstore;
use persistent::wrappers::repair::is_damage;
use serde_json::json;

use super::args::{Ls, Store};
use super::stop;
use super::store::{self, Use};

/// One line a block, as the engine gives them; 1 if the size of one cannot be told.
pub fn run(args: &Store, ls: &Ls, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let mut all = true;
        for cid in blocks.cids()? {
            stop::check()?;
            let cid = cid?;
            if !ls.long && !ls.json {
                writeln!(out, "{cid}")?;
                continue;
            }
            // Removed since it was listed: then it is not to be listed.
            let size = match blocks.size(&cid) {
                Ok(None) => continue,
                Ok(size) => size,
                // The others are to be listed, too.
                Err(damaged) if is_damage(&damaged) => None,
                Err(error) => return Err(error.into()),
            };
            all &= size.is_some();
            if ls.json {
                let line = json!({ "cid": cid.to_string(), "size": size });
                writeln!(out, "{line}")?;
            } else if let Some(size) = size {
                writeln!(out, "{cid}  {size}")?;
            } else {
                writeln!(out, "{cid}  damaged")?;
            }
        }
        Ok(match all {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    })
}
