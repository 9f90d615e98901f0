//! `rm`: blocks that are needed no more.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::{Blockstore, Hash};
use datastore::Datastore;
use serde_json::json;

use super::args::{Rm, Store};
use super::stop;
use super::store::{self, Use};

/// Removes the blocks; 1 if one was not there, unless that is `--force`d to be well.
pub fn run(args: &Store, rm: &Rm, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Change, |store, blocks| {
        let mut all = true;
        for cid in &rm.cids {
            stop::check()?;
            // That block is in the CID itself, and stays whatever is done here.
            let inline = cid.hash().code() == Hash::IDENTITY.code();
            let there = !inline && blocks.has(cid)?;
            if there {
                blocks.delete(cid)?;
            }
            all &= there;
            if rm.json {
                let line = json!({ "cid": cid.to_string(), "removed": there });
                writeln!(out, "{line}")?;
            } else if there && !rm.quiet {
                writeln!(out, "removed {cid}")?;
            } else if inline {
                store::note(&format!(
                    "{cid} has its block in itself, and no store has it"
                ));
            } else if !there && !rm.force {
                store::note(&format!("{cid} is not there"));
            }
        }
        store.sync()?;
        Ok(if all || rm.force {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    })
}
