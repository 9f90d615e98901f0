//! `get`: the bytes of a block.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result, bail};
use block_cid::Blockstore;
use bytes::Bytes;
use persistent::ops;

use super::args::{Get, Store};
use super::stop;
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
            Some(path) => write_file(path, block.data())?,
            None => out.write_all(block.data())?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A link leads to the file that is replaced or made; what is no file (a terminal, a pipe,
/// `/dev/null`) is written to, and stays what it is.
fn write_file(path: &Path, bytes: &Bytes) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let path = &ops::target(path).with_context(failed)?;
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => {
            Err(io::Error::from(ErrorKind::IsADirectory)).with_context(failed)
        }
        Ok(there) if !there.is_file() => {
            let end = write_through(path.clone(), bytes.clone());
            stop::check()?;
            end.with_context(failed)
        }
        Ok(there) => replace(path, Some(there.permissions()), bytes).with_context(failed),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            replace(path, None, bytes).with_context(failed)
        }
        Err(error) => Err(error).with_context(failed),
    }
}

/// On a thread, since a pipe may have no reader, and who waits for one does not see a signal.
fn write_through(path: PathBuf, bytes: Bytes) -> io::Result<()> {
    let (sender, ended) = mpsc::channel();
    let woken = sender.clone();
    // Nobody listens any more once the bytes are written.
    stop::wakes(move || drop(woken.send(Ok(()))));
    thread::Builder::new()
        .name("output".into())
        .spawn(move || {
            let file = File::options().write(true).open(path);
            let _ = sender.send(file.and_then(|mut file| file.write_all(&bytes)));
        })?;
    ended.recv().unwrap_or(Ok(()))
}

/// The file, whole or not at all: its bytes are on disk under another name before they get this
/// one. It keeps the permissions of the one that was there.
fn replace(path: &Path, permissions: Option<Permissions>, bytes: &[u8]) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(ErrorKind::IsADirectory.into());
    };
    let mut other = std::ffi::OsString::from(".");
    other.push(name);
    other.push(format!(".{}.new", std::process::id()));
    let path_new = path.with_file_name(other);
    let mut file = File::create_new(&path_new)?;
    let temporary = Temporary(path_new);
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
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
