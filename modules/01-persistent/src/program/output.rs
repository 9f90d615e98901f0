//! Where a command writes its result: a file that is there whole or not at all, or what takes bytes as
//! they come.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result};

use super::stop;
use crate::ops;

/// What is written to. A file gets its name when it is [finished](Self::finish), and until then what was
/// there stays; what is dropped before leaves nothing. Of stdout, a terminal or a pipe nothing can be taken
/// back.
pub struct Output<'a>(To<'a>);

enum To<'a> {
    Whole(BufWriter<File>, Temporary, PathBuf),
    Through(BufWriter<File>, PathBuf),
    Stdout(&'a mut dyn Write),
}

impl<'a> Output<'a> {
    /// The file `path`; stdout, which is `out`, if there is none, or it is `-`.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn new(path: Option<&Path>, out: &'a mut dyn Write) -> Result<Output<'a>> {
        match path.filter(|path| *path != Path::new("-")) {
            Some(path) => Output::create(path),
            None => Ok(Output(To::Stdout(out))),
        }
    }

    /// The file `path`. A link leads to the file that is replaced or made; what is no file (a terminal, a
    /// pipe, /dev/null) is written to as it is. A file that is there keeps its permissions.
    ///
    /// # Errors
    /// That it cannot be written; [`Stopped`](stop::Stopped) by a signal, while a pipe had no reader.
    pub fn create(path: &Path) -> Result<Output<'a>> {
        let failed = || format!("cannot write {}", path.display());
        let path = ops::target(path).with_context(failed)?;
        let to = match fs::metadata(&path) {
            Ok(there) if there.is_dir() => Err(ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => {
                let opened = open(path.clone());
                stop::check()?;
                opened.map(|file| To::Through(buffered(file), path))
            }
            Ok(there) => whole(path, Some(there.permissions())),
            Err(error) if error.kind() == ErrorKind::NotFound => whole(path, None),
            Err(error) => Err(error),
        };
        Ok(Output(to.with_context(failed)?))
    }

    /// Whether it is a file, of which any place can be written.
    pub fn is_file(&self) -> bool {
        matches!(self.0, To::Whole(..))
    }

    /// The file is on disk, and has its name.
    ///
    /// # Errors
    /// That it cannot be written, or flushed, or renamed.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        if let To::Whole(file, new, path) = &self.0 {
            let synced = file.get_ref().sync_all();
            let renamed = synced.and_then(|()| fs::rename(&new.0, path));
            renamed.map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    fn inner(&mut self) -> &mut dyn Write {
        match &mut self.0 {
            To::Whole(file, ..) | To::Through(file, _) => file,
            To::Stdout(out) => out,
        }
    }

    /// An error that says of which file it is.
    fn failed(&self, error: &io::Error) -> io::Error {
        let text = match &self.0 {
            To::Whole(.., path) | To::Through(_, path) => {
                format!("cannot write {}: {error}", path.display())
            }
            To::Stdout(_) => format!("cannot write to stdout: {error}"),
        };
        io::Error::new(error.kind(), text)
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner().write(bytes);
        written.map_err(|error| self.failed(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.inner().flush();
        flushed.map_err(|error| self.failed(&error))
    }
}

impl Seek for Output<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.0 {
            To::Whole(file, ..) => file.seek(to),
            _ => Err(ErrorKind::NotSeekable.into()),
        }
    }
}

fn buffered(file: File) -> BufWriter<File> {
    BufWriter::with_capacity(1 << 20, file)
}

/// A file under another name, beside the one that it gets in the end.
fn whole<'a>(path: PathBuf, permissions: Option<Permissions>) -> io::Result<To<'a>> {
    let Some(name) = path.file_name() else {
        return Err(ErrorKind::IsADirectory.into());
    };
    let mut other = std::ffi::OsString::from(".");
    other.push(name);
    other.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(other);
    let file = File::create_new(&new)?;
    let new = Temporary(new);
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    Ok(To::Whole(buffered(file), new, path))
}

/// On a thread, since a pipe may have no reader, and who waits for one does not see a signal.
fn open(path: PathBuf) -> io::Result<File> {
    let (sender, opened) = mpsc::channel();
    let woken = sender.clone();
    // Nobody listens any more once it is open.
    stop::wakes(move || drop(woken.send(Err(ErrorKind::Interrupted.into()))));
    thread::Builder::new()
        .name("output".into())
        .spawn(move || {
            let _ = sender.send(File::options().write(true).open(path));
        })?;
    opened
        .recv()
        .unwrap_or_else(|_| Err(ErrorKind::Interrupted.into()))
}

/// Removed, if it is still there at the end.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the rename there is none.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "old").unwrap();
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"new").unwrap();
        drop(output);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"other").unwrap();
        output.rewind().unwrap();
        output.write_all(b"N").unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"Nther");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn of_stdout_no_place_can_be_sought() {
        let mut out = Vec::new();
        let mut output = Output::new(Some(Path::new("-")), &mut out).unwrap();
        output.write_all(b"x").unwrap();
        assert!(!output.is_file());
        output.rewind().unwrap_err();
        output.finish().unwrap();
        assert_eq!(out, b"x");
    }
}
