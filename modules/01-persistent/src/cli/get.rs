//! `get`: the bytes of a block.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use block_cid::Blockstore;
use persistent::ops;

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
        match file {
            Some(path) => write_file(path, block.data())
                .with_context(|| format!("cannot write {}", path.display()))?,
            None => out.write_all(block.data())?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The file, whole or not at all: its bytes are on disk under another name before they get this
/// one. A link leads to the file that is replaced, which keeps its permissions; what is no file (a
/// terminal, a pipe, `/dev/null`) is written to, and stays what it is.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let there = match fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => {
            return File::options().write(true).open(path)?.write_all(bytes);
        }
        Ok(there) => Some((fs::canonicalize(path)?, there.permissions())),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let path = there.as_ref().map_or(path, |(path, _)| path);
    let Some(name) = path.file_name() else {
        return Err(ErrorKind::IsADirectory.into());
    };
    let mut other = std::ffi::OsString::from(".");
    other.push(name);
    other.push(format!(".{}.new", std::process::id()));
    let temporary = Temporary(path.with_file_name(other));
    let mut file = File::create_new(&temporary.0)?;
    if let Some((_, permissions)) = &there {
        file.set_permissions(permissions.clone())?;
    }
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary.0, path)
}

/// Removed, if it is still there at the end.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the rename there is none.
        let _ = fs::remove_file(&self.0);
    }
}
