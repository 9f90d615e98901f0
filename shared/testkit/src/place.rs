//! A program, run from outside in an empty folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use serde_json::Value;
use tempfile::TempDir;

use crate::run::panic_with;

/// What a program of ours reads of its environment, and a test should not give it unasked.
const UNASKED: [&str; 4] = [
    "BACKEND",
    "DATA_PATH",
    "RUST_BACKTRACE",
    "RUST_LIB_BACKTRACE",
];

/// A folder to run a program in.
#[derive(Debug)]
pub struct Place {
    program: &'static str,
    dir: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to stdout, as text.
    pub out: String,
    /// What it wrote to stdout.
    pub bytes: Vec<u8>,
    /// What it wrote to stderr.
    pub err: String,
}

impl Place {
    /// A new folder for `program`, which is `env!("CARGO_BIN_EXE_…")` of the test.
    ///
    /// # Panics
    /// If there can be no folder.
    pub fn new(program: &'static str) -> Place {
        let dir = or_panic("no temporary folder", tempfile::tempdir());
        Place { program, dir }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Makes a file.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn file(&self, name: impl AsRef<Path>, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        or_panic("cannot write a file", fs::write(&path, bytes));
        path
    }

    /// What is in a file.
    ///
    /// # Panics
    /// If it cannot be read.
    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        or_panic("cannot read a file", fs::read(self.path().join(name)))
    }

    /// The program, in this folder, with nothing of ours in its environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.args(args).current_dir(self.path());
        UNASKED.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn run(&self, args: &[&str]) -> Ended {
        ended(or_panic("cannot run", self.command(args).output()))
    }

    /// Runs the program with variables set.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn run_with(&self, env: &[(&str, &str)], args: &[&str]) -> Ended {
        let mut command = self.command(args);
        command.envs(env.iter().copied());
        ended(or_panic("cannot run", command.output()))
    }

    /// Runs the program, which reads this from stdin.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn feed(&self, stdin: &[u8], args: &[&str]) -> Ended {
        let mut command = self.command(args);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = or_panic("cannot run", command.spawn());
        let input = child.stdin.take();
        std::thread::scope(|scope| {
            if let Some(mut input) = input {
                // A program that fails early does not wait for its input.
                scope.spawn(move || drop(input.write_all(stdin)));
            }
            ended(or_panic("cannot run", child.wait_with_output()))
        })
    }

    /// Runs the program with a stdin that brings nothing, and has Ctrl-C end it while it waits.
    ///
    /// # Panics
    /// If it cannot be run, or ends by itself.
    pub fn interrupted(&self, args: &[&str]) -> Ended {
        let mut command = self.command(args);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = or_panic("cannot run", command.spawn());
        // A thread waits for signals, and one reads; before they are there, a signal would just end it.
        let tasks = format!("/proc/{}/task", child.id());
        while or_panic("cannot list", fs::read_dir(&tasks)).count() < 3 {
            let ended = or_panic("cannot wait", child.try_wait());
            assert_eq!(ended, None, "{args:?} ended before");
            std::thread::yield_now();
        }
        let mut kill = Command::new("kill");
        let kill = kill.args(["-INT", &child.id().to_string()]).status();
        assert!(or_panic("cannot kill", kill).success());
        // What it waits for does not come, nor end.
        let stdin = child.stdin.take();
        let ended = ended(or_panic("cannot wait", child.wait_with_output()));
        drop(stdin);
        ended
    }

    /// Every file below the folder `name`: its path, bytes and time of change.
    ///
    /// # Panics
    /// If one cannot be read.
    pub fn tree(&self, name: &str) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut files = BTreeMap::new();
        let mut todo = vec![self.path().join(name)];
        while let Some(path) = todo.pop() {
            let meta = or_panic("cannot look at a file", fs::symlink_metadata(&path));
            let mut bytes = Vec::new();
            if meta.is_dir() {
                let entries = or_panic("cannot list a folder", fs::read_dir(&path));
                todo.extend(entries.map(|entry| or_panic("cannot list", entry).path()));
            } else {
                bytes = or_panic("cannot read a file", fs::read(&path));
            }
            files.insert(path, (bytes, or_panic("no time", meta.modified())));
        }
        files
    }
}

/// How it ended.
pub fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        bytes: output.stdout,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Ended {
    /// The run did what was asked.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn good(self) -> Ended {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// The run failed with this code and said each of these on stderr; never a panic.
    ///
    /// # Panics
    /// If it ended otherwise.
    #[track_caller]
    pub fn bad(self, code: i32, said: &[&str]) -> Ended {
        assert_eq!(self.code, Some(code), "{self:?}");
        for text in said {
            assert!(self.err.contains(text), "no {text:?} in {self:?}");
        }
        assert!(!self.err.contains("panicked"), "{self:?}");
        self
    }

    /// The lines of stdout as JSON.
    ///
    /// # Panics
    /// If one is none.
    pub fn json(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| or_panic(line, serde_json::from_str(line)))
            .collect()
    }
}

fn or_panic<T, E: std::fmt::Display>(what: &str, result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic_with(&format!("{what}: {error}")))
}
