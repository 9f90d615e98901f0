//! `get`: files and folders written to disk.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use block_cid::Blockstore;
use clap::Args;
use persistent::ops;
use persistent::program::args::Store;
use persistent::program::output::Output;
use persistent::program::store::{self, Use};
use persistent::program::watch::{Bar, Unit};
use persistent::program::{size, stop};
use unixfs_car::Error;
use unixfs_car::get::{self, Options, Saved};
use unixfs_car::unixfs::Mtime;

use super::args::may_be_false;
use super::cat::path;

/// What `ipfs get` has besides.
const LEFT_OUT: &str = "\
Left out of `ipfs get`: --compress and --compression-level; get -a CID -o - | gzip > FILE.tar.gz does it.";

/// `get`.
#[derive(Debug, Args)]
#[command(mut_args = may_be_false, after_help = LEFT_OUT)]
pub struct Get {
    /// What to write: CID, CID/name/…, /ipfs/CID/name/… or ipfs://CID/name/…
    #[arg(value_name = "PATH")]
    from: OsString,
    /// Where to: the name of the file or folder; a file is written into a folder that is there
    /// [default: the last name of PATH, in this folder]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write a tar archive (FILE.tar; - is stdout)
    #[arg(short, long)]
    archive: bool,
    /// Show how far it is, on a terminal [default: true]
    #[arg(short, long, value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    progress: Option<bool>,
    /// How much is written.
    #[command(flatten)]
    limits: Limits,
}

/// What of a DAG is written to disk, and how much.
#[derive(Debug, Args)]
pub struct Limits {
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

impl Limits {
    fn options(&self) -> Options {
        Options {
            setuid: self.setuid,
            max_bytes: self.max_size,
            max_entries: self.max_entries,
        }
    }
}

/// Writes it.
pub fn run(args: &Store, get: &Get, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |store, blocks| {
        let from = path(&get.from)?;
        let to = get.output.clone().unwrap_or_else(|| named(&from));
        ops::refuse_within(store, &to)?;
        let bar = Bar::new("get", Unit::Bytes).shown(get.progress.unwrap_or(true));
        if get.archive {
            pack(blocks, &from, &to, &get.limits, bar, out)?;
            return Ok(ExitCode::SUCCESS);
        }
        save(blocks, &from, &to, &get.limits, bar, out)?;
        Ok(ExitCode::SUCCESS)
    })
}

/// The name on disk of what a path leads to, unless another is given.
pub fn named(from: &unixfs_car::Path) -> PathBuf {
    Path::new(as_file(&from.last())).to_owned()
}

/// Writes what the path leads to as `to`.
pub fn save(
    blocks: &impl Blockstore,
    from: &unixfs_car::Path,
    to: &Path,
    limits: &Limits,
    bar: Bar,
    out: &mut dyn Write,
) -> Result<()> {
    let cid = from.resolve(blocks)?;
    let shown = demo::plain(&to.display().to_string());
    writeln!(out, "Saving file(s) to {shown}")?;
    out.flush()?;
    let end = get::get(blocks, &cid, to, &from.last(), limits.options(), &bar);
    drop(bar);
    told(end)
}

/// Writes what the path leads to into an archive that is called after `to`.
fn pack(
    blocks: &impl Blockstore,
    from: &unixfs_car::Path,
    to: &Path,
    limits: &Limits,
    bar: Bar,
    out: &mut dyn Write,
) -> Result<()> {
    let cid = from.resolve(blocks)?;
    let file = (to != Path::new("-")).then(|| get::file_name(to));
    if let Some(file) = &file {
        let shown = demo::plain(&file.display().to_string());
        writeln!(out, "Saving archive to {shown}")?;
        out.flush()?;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = Mtime::new(now.map_or(0, |now| now.as_secs().cast_signed()), 0);
    let mut output = Output::new(file.as_deref(), out)?;
    let name = from.last();
    let end = get::archive(
        blocks,
        &cid,
        &name,
        now,
        &mut output,
        limits.options(),
        &bar,
    );
    drop(bar);
    told(end)?;
    output.finish()
}

/// What is said of what was written.
fn told(end: unixfs_car::Result<Saved>) -> Result<()> {
    match end {
        Ok(saved) if saved.stripped > 0 => store::note(&format!(
            "{} of them would be run as their owner, and are not: --setuid has it so",
            saved.stripped
        )),
        Ok(_) => {}
        Err(Error::Stopped) => return Err(stop::stopped().into()),
        Err(error) => return Err(error.into()),
    }
    Ok(())
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
