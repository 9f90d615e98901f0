//! `get`: files and folders written to disk.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use persistent::ops;
use persistent::program::args::Store;
use persistent::program::store::{self, Use};
use persistent::program::watch::{Bar, Unit};
use persistent::program::{size, stop};
use unixfs_car::Error;
use unixfs_car::get::{self, Options};

use super::cat::path;

/// `get`.
#[derive(Debug, Args)]
pub struct Get {
    /// What to write: CID, CID/name/…, /ipfs/CID/name/… or ipfs://CID/name/…
    #[arg(value_name = "PATH")]
    from: OsString,
    /// Where to: the name of the file or folder; a file is written into a folder that is there
    /// [default: the last name of PATH, in this folder]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Give set-user-ID and set-group-ID permissions, too
    #[arg(long)]
    setuid: bool,
    /// Write no more than this
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    max_size: Option<u64>,
    /// Write no more files and folders than this
    #[arg(long, value_name = "COUNT")]
    max_entries: Option<u64>,
}

/// Writes it.
pub fn run(args: &Store, get: &Get, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |store, blocks| {
        let from = path(&get.from)?;
        let cid = from.resolve(blocks)?;
        let name = from.last();
        let named = Path::new(as_file(&name)).to_owned();
        let to = get.output.clone().unwrap_or(named);
        ops::refuse_within(store, &to)?;
        let shown = demo::plain(&to.display().to_string());
        writeln!(out, "Saving file(s) to {shown}")?;
        out.flush()?;
        let options = Options {
            setuid: get.setuid,
            max_bytes: get.max_size,
            max_entries: get.max_entries,
        };
        let bar = Bar::new("get", Unit::Bytes);
        let end = get::get(blocks, &cid, &to, &name, options, &bar);
        drop(bar);
        match end {
            Ok(saved) if saved.stripped > 0 => store::note(&format!(
                "{} of them would be run as their owner, and are not: --setuid has it so",
                saved.stripped
            )),
            Ok(_) => {}
            Err(Error::Stopped) => return Err(stop::stopped().into()),
            Err(error) => return Err(error.into()),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A name of an entry as one of a file.
#[cfg(unix)]
fn as_file(name: &[u8]) -> &std::ffi::OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(name)
}

/// A name of an entry as one of a file.
#[cfg(not(unix))]
fn as_file(name: &[u8]) -> &std::ffi::OsStr {
    std::ffi::OsStr::new(str::from_utf8(name).unwrap_or_default())
}
