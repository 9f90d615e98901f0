//! Runs a command line as a reader would.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace;

/// Where and how long commands run.
#[derive(Debug)]
pub struct Shell {
    dir: PathBuf,
    target: PathBuf,
    limit: Duration,
    env: Vec<(&'static str, OsString)>,
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// stdout and stderr, in the order they came.
    pub text: String,
    /// `None` if it was stopped, or ended by a signal.
    pub code: Option<i32>,
}

/// What a reader's shell does not have set, and a developer's may.
const UNSET: &[&str] = &[
    "BACKEND",
    "DATA_PATH",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
];

impl Shell {
    /// Commands run in `dir`, build in `target`, and are stopped after `limit`.
    pub fn new(dir: &Path, target: &Path, limit: Duration) -> Shell {
        Shell {
            dir: dir.to_owned(),
            target: target.to_owned(),
            limit,
            env: Vec::new(),
        }
    }

    /// Sets a variable for each command.
    pub fn with_env(mut self, name: &'static str, value: &OsStr) -> Shell {
        self.env.push((name, value.to_owned()));
        self
    }

    /// Runs `line` in bash.
    ///
    /// # Errors
    /// If bash cannot be started; how `line` ends is no error.
    pub fn run(&self, line: &str) -> Result<Ran> {
        let (mut reader, writer) = io::pipe()?;
        let mut bash = Command::new("bash");
        bash.arg("-c")
            .arg(line)
            .current_dir(&self.dir)
            .stdin(Stdio::null());
        bash.stdout(writer.try_clone()?).stderr(writer);
        workspace::forget_this_crate(&mut bash);
        for (name, _) in env::vars_os() {
            let own = name.to_str().is_some_and(|name| name.starts_with("CAIRN_"));
            if own || UNSET.iter().any(|unset| name == *unset) {
                bash.env_remove(name);
            }
        }
        bash.env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_TERM_PROGRESS_WHEN", "never")
            .env("NO_COLOR", "1")
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        group(&mut bash);
        let mut child = bash.spawn().context("cannot start bash")?;
        // Its copies of the pipe's end would keep the reader waiting.
        drop(bash);
        let (done, wait) = mpsc::channel();
        let read = thread::spawn(move || {
            let mut bytes = Vec::new();
            let result = reader.read_to_end(&mut bytes);
            // Nobody waits any more if the time is up.
            let _ = done.send(());
            result.map(|_| bytes)
        });
        let in_time = wait.recv_timeout(self.limit).is_ok();
        if !in_time {
            stop(&mut child)?;
        }
        let status = child.wait()?;
        let Ok(bytes) = read.join() else {
            bail!("reading what `{line}` prints failed");
        };
        Ok(Ran {
            text: String::from_utf8_lossy(&bytes?).into_owned(),
            code: status.code().filter(|_| in_time),
        })
    }
}

/// Gives it a process group of its own, so that what it starts can be stopped with it.
#[cfg(unix)]
fn group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(unix)]
fn stop(child: &mut Child) -> Result<()> {
    let group = format!("-{}", child.id());
    let status = Command::new("kill")
        .args(["-KILL", "--", &group])
        .status()?;
    ensure!(
        status.success(),
        "cannot stop process group {group}: {status}"
    );
    Ok(())
}

/// There are no groups to stop elsewhere: what the shell started ends on its own.
#[cfg(not(unix))]
fn group(_: &mut Command) {}

#[cfg(not(unix))]
fn stop(child: &mut Child) -> Result<()> {
    Ok(child.kill()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Instant;

    use super::*;

    #[test]
    fn both_outputs_come_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let shell = Shell::new(dir.path(), dir.path(), Duration::from_secs(60));
        let ran = shell
            .run("echo a; echo b >&2; echo c; cat; exit 4")
            .unwrap();
        assert_eq!((ran.text.as_str(), ran.code), ("a\nb\nc\n", Some(4)));
    }

    /// What it started is stopped too, or the pipe would stay open for the hour.
    #[test]
    fn a_command_that_takes_too_long_is_stopped() {
        let dir = tempfile::tempdir().unwrap();
        let shell = Shell::new(dir.path(), dir.path(), Duration::from_millis(300));
        let start = Instant::now();
        let ran = shell.run("echo a; (exec sleep 3600) & wait").unwrap();
        assert_eq!((ran.text.as_str(), ran.code), ("a\n", None));
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_developers_settings_do_not_reach_it() {
        let dir = tempfile::tempdir().unwrap();
        let shell = Shell::new(dir.path(), dir.path(), Duration::from_secs(60));
        let ran = shell
            .run("echo $CARGO_MANIFEST_DIR$CARGO_PKG_NAME")
            .unwrap();
        assert_eq!(ran.text, "\n", "cargo test sets both for us");
    }
}
