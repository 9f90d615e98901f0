//! `get`: the bytes of a block.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use block_cid::Blockstore;
use persistent::ops;
use persistent::program::output::Output;

use super::args::{Get, Store};
use super::store::{self, Use};

/// Writes the block to stdout, or to a file.
pub fn run(args: &Store, get: &Get, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |store, blocks| {
        let file = get.output.as_deref().filter(|path| *path != Path::new("-"));
        if let Some(path) = file {
            ops::refuse_within(store, path)?;
        }
        let Some(block) = blocks.get(&get.cid)? else {
            bail!("{} is not there; `ls` lists what is", get.cid);
        };
        let mut output = Output::new(file, out)?;
        output.write_all(block.data())?;
        output.finish()?;
        Ok(ExitCode::SUCCESS)
    })
}
