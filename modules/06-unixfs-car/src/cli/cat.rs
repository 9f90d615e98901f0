//! `cat`: the bytes of files.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::Blockstore;
use clap::Args;
use demo::Progress;
use persistent::program::args::Store;
use persistent::program::stop;
use persistent::program::store::{self, Use};
use unixfs_car::{Error, Opened, Path, Reader};

/// From this size on a bar is shown, in bytes, as in Kubo.
const LARGE: u64 = 8 << 20;

/// `cat`.
#[derive(Debug, Args)]
pub struct Cat {
    /// What to read: CID, CID/name/…, /ipfs/CID/name/… or ipfs://CID/name/…
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<OsString>,
    /// The first byte to read, from 0; the bytes of all PATHs are counted as those of one file
    #[arg(short, long, value_name = "BYTE", default_value_t = 0)]
    offset: u64,
    /// How many bytes to read at most
    #[arg(short, long, value_name = "BYTES")]
    length: Option<u64>,
    /// Show how far it is, on a terminal [default: from 8 MiB on]
    #[arg(short, long, value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    progress: Option<bool>,
}

/// Writes the bytes to stdout.
pub fn run(args: &Store, cat: &Cat, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let mut offset = cat.offset;
        let mut left = cat.length.unwrap_or(u64::MAX);
        for path in cat.paths.iter().map(path) {
            if left == 0 {
                break;
            }
            match Opened::open(blocks, &path?.resolve(blocks)?)? {
                Opened::Dir(dir) => return Err(Error::not_a_file(dir.cid()).into()),
                // What is written in a symlink is what there is to read of it, in Kubo too.
                Opened::Symlink(link) => {
                    let from = usize::try_from(offset).unwrap_or(usize::MAX);
                    let rest = link.target.get(from..).unwrap_or_default();
                    let most = usize::try_from(left).unwrap_or(usize::MAX);
                    let some = rest.get(..most).unwrap_or(rest);
                    out.write_all(some)?;
                    offset = offset.saturating_sub(link.target.len() as u64);
                    left -= some.len() as u64;
                }
                // It has not as many bytes as are left out.
                Opened::File(reader) if offset > reader.size() => offset -= reader.size(),
                Opened::File(reader) => {
                    left -= copy(reader, offset, left, cat.progress, out)?;
                    offset = 0;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The path in an argument.
pub fn path(text: &OsString) -> unixfs_car::Result<Path> {
    Path::parse(text.as_encoded_bytes())
}

/// Writes at most `length` bytes from `offset` on: how many that were.
fn copy(
    reader: Reader<impl Blockstore>,
    offset: u64,
    length: u64,
    progress: Option<bool>,
    out: &mut dyn Write,
) -> Result<u64> {
    let total = reader.size().saturating_sub(offset).min(length);
    let bar = match progress.unwrap_or(total >= LARGE) {
        true => Progress::bytes("cat", Some(total)),
        false => Progress::hidden(),
    };
    let mut reader = reader.with_end(offset.saturating_add(length));
    reader.seek_to(offset);
    let mut written = 0;
    while let Some(chunk) = reader.chunk()? {
        stop::check()?;
        out.write_all(&chunk)?;
        bar.add(chunk.len() as u64);
        written += chunk.len() as u64;
    }
    Ok(written)
}
