//! A suspect store is tried in a child process first.
//!
//! A storage engine that meets a damaged file may answer with an error. It may also panic on a
//! thread of its own, abort, or not come back at all, and then it takes the whole process with
//! it. So a store that was not closed is checked, opened and closed by a child, if the
//! [`Config`](crate::Config) names a program that can be one. Whatever happens there becomes an
//! error here.
//!
//! The program is run as `PROGRAM probe KIND FOLDER`, with `--tolerant` behind it for a copy that is
//! salvaged, and is expected to call [`run`]; the program `01-persistent` does. It takes no lock,
//! since its parent holds it. So it must not outlive its parent: its stdin is a pipe that ends with
//! the parent, and then the child ends at once.

use std::io::{self, Read};
#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use datastore::Key;
#[cfg(unix)]
use rustix::process::{Signal, getpid, kill_process};

use crate::engine::Options;
use crate::engines::in_use;
use crate::{Error, Kind, engines};

/// How long a child may take with an empty store, and for each [`SLICE`] of data more.
const PATIENCE: Duration = Duration::from_secs(60);

/// 32 MiB take a second on the slowest disk worth waiting for.
const SLICE: u64 = 32 << 20;

/// What a child that cannot open the store says last is cut here.
const MAX_MESSAGE: usize = 300;

/// What of a store has to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// All that the engine can check.
    Strict,
    /// Nothing: a copy that is salvaged is opened so that what cannot be read is skipped.
    Tolerant,
}

impl Way {
    pub(crate) fn options(self, dir: &Path) -> Options {
        Options {
            tolerant: self == Way::Tolerant,
            // Of one that was closed only a copy is tried.
            unclean: true,
            ..Options::new(dir)
        }
    }
}

/// Has `program` open the engine's data in `dir`, the folder of a store in `path`.
///
/// # Errors
/// [`Error::Suspect`] if the child fails, dies, or takes more than a minute and a second for each
/// 32 MiB of data.
pub(crate) fn ask(
    program: &Path,
    kind: Kind,
    dir: &Path,
    path: &Path,
    way: Way,
) -> Result<(), Error> {
    let slices = engines::usage::allocated(dir)? / SLICE;
    let command = command(program, kind, dir, way);
    run_for(command, path, PATIENCE + Duration::from_secs(slices))
}

fn command(program: &Path, kind: Kind, dir: &Path, way: Way) -> Command {
    let mut command = Command::new(program);
    command.args(["probe", kind.name()]).arg(dir);
    if way == Way::Tolerant {
        command.arg("--tolerant");
    }
    command
}

fn run_for(mut command: Command, path: &Path, patience: Duration) -> Result<(), Error> {
    let program = PathBuf::from(command.get_program());
    let failed = |action, e| Error::from(datastore::Error::io(action, &program, e));
    let suspect = |what: String| {
        Err(Error::Suspect {
            path: path.to_owned(),
            what,
        })
    };
    // Ctrl-C in a terminal is for the parent.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| failed("start", e))?;
    // Held until the child has ended; waiting for it would close it before.
    let _alive = child.stdin.take();
    let Some(said) = wait(&mut child, patience) else {
        // It may have ended meanwhile; then there is nothing to kill.
        let _ = child.kill();
        let _ = child.wait();
        return suspect(format!("no answer after {} s", patience.as_secs()));
    };
    let status = child.wait().map_err(|e| failed("wait for", e))?;
    if status.success() {
        return Ok(());
    }
    let last = said
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or("it said nothing");
    let last: String = last
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_MESSAGE)
        .collect();
    suspect(format!("{status}: {last}"))
}

/// What the child wrote to stderr until it ended, or `None` if it goes on.
fn wait(child: &mut Child, patience: Duration) -> Option<String> {
    let stderr = child.stderr.take()?;
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        let mut said = Vec::new();
        // Reads to the end of the pipe, which is the end of the child; a panic message in a loop
        // is cut.
        let _ = stderr.take(1 << 20).read_to_end(&mut said);
        sender.send(String::from_utf8_lossy(&said).into_owned())
    });
    ended.recv_timeout(patience).ok()
}

/// What the child does: has the engine check its data in `dir` as far as it can, opens it, and
/// closes it; or reads all that it gives, where what it does not give is no error. The process is
/// killed when stdin ends, which is when the parent ends.
///
/// # Errors
/// What the engine says. A panic or an abort is an answer too: the parent sees how it ended.
pub fn run(kind: Kind, dir: &Path, way: Way) -> datastore::Result<()> {
    end_with_parent();
    match in_use::wait(in_use::PATIENCE, || attempt(kind, dir, way)) {
        // That is no damage; the parent finds the same and says so.
        Err(error) if in_use::is_in_use(&error) => Ok(()),
        tried => tried,
    }
}

/// The parent holds the lock of the store. Without it nobody may write there.
fn end_with_parent() {
    thread::spawn(|| {
        // Nothing is ever written there.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        // No destructor of an engine runs, and none can hang; a core is of no use.
        #[cfg(unix)]
        let _ = kill_process(getpid(), Signal::KILL);
        std::process::abort();
    });
}

/// The same in this process.
///
/// # Errors
/// What the engine says.
pub(crate) fn attempt(kind: Kind, dir: &Path, way: Way) -> datastore::Result<()> {
    let options = Options {
        cache: crate::config::DEFAULT_CACHE,
        ..way.options(dir)
    };
    if way == Way::Tolerant {
        let engine = engines::open(kind, &options)?;
        for key in engine.keys(&Key::root())?.flatten() {
            // Whether it can be read is asked again; whether asking ends the process is known now.
            let _ = engine.get(&key);
        }
        return Ok(());
    }
    let tried =
        engines::check(kind, &options).and_then(|()| engines::open(kind, &options)?.close());
    match tried {
        // A full disk is no damage, and the parent has room to give up.
        Err(full) if full.is_out_of_space() => Ok(()),
        tried => tried,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(dir: &tempfile::TempDir, script: &str) -> PathBuf {
        let path = dir.path().join("program");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn answer(script: &str) -> Result<(), Error> {
        answer_to(Way::Strict, script)
    }

    fn answer_to(way: Way, script: &str) -> Result<(), Error> {
        let dir = tempfile::tempdir().unwrap();
        let program = program(&dir, script);
        let dir = Path::new("/x");
        let command = command(&program, Kind::Redb, dir, way);
        run_for(command, dir, Duration::from_millis(500))
    }

    #[test]
    fn a_child_that_succeeds_clears_the_store() {
        answer("[ \"$*\" = 'probe redb /x' ]").unwrap();
        answer_to(Way::Tolerant, "[ \"$*\" = 'probe redb /x --tolerant' ]").unwrap();
    }

    #[test]
    fn a_child_that_fails_dies_or_hangs_is_an_error_with_its_last_words() {
        let fails = answer("echo first >&2; echo 'page 7 is torn' >&2; exit 1").unwrap_err();
        assert!(fails.to_string().contains("page 7 is torn"), "{fails}");
        let dies = answer("kill -ABRT $$").unwrap_err();
        assert!(dies.to_string().contains("signal"), "{dies}");
        // It can tell that its parent is there.
        answer("timeout 0.1 cat; [ $? = 124 ]").unwrap();
        let hangs = answer("exec tail -f /dev/null").unwrap_err();
        assert!(hangs.to_string().contains("no answer"), "{hangs}");
    }
}
