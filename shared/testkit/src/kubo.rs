//! Kubo, the peer that decides what a right answer is.
//!
//! `shared/testkit/peers/kubo` pins its version. `cargo x interop` and `.ci/run` build it where Go is new
//! enough and name the program in `CAIRN_IPFS`; otherwise an `ipfs` of the PATH is taken. Where neither is,
//! that is said and nothing fails, under `CI=true` neither: many machines have an older Go.
//!
//! No command here reaches for a network: each is `--offline`, on a repository that knows no peers.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::fixtures;
use crate::run::panic_with;

/// The program `ipfs`.
#[derive(Clone, Debug)]
pub struct Kubo {
    program: PathBuf,
    /// What it says of itself: `0.43.1`.
    pub version: String,
}

/// A repository of Kubo's, in a folder of the test.
#[derive(Clone, Debug)]
pub struct Repo {
    program: PathBuf,
    dir: PathBuf,
}

/// What would reach for the network, or needs it to begin, and the value that keeps it off.
pub const OFF: &[(&str, &str)] = &[
    ("AutoConf.Enabled", "false"),
    ("AutoTLS.Enabled", "false"),
    ("Bootstrap", "[]"),
    ("DNS.Resolvers", "{}"),
    ("Routing.DelegatedRouters", "[]"),
    ("Ipns.DelegatedPublishers", "[]"),
];

impl Kubo {
    /// The program, or `None` after it was said that `test` cannot be tried.
    pub fn find(test: &str) -> Option<Kubo> {
        let program: PathBuf = std::env::var_os("CAIRN_IPFS").map_or("ipfs".into(), PathBuf::from);
        let ran = Command::new(&program).args(["version", "-n"]).output();
        match ran {
            Ok(ran) if ran.status.success() => Some(Kubo {
                program,
                version: text(&ran.stdout).trim().to_owned(),
            }),
            Ok(ran) => skipped(test, &program, text(&ran.stderr).trim()),
            Err(error) => skipped(test, &program, &error.to_string()),
        }
    }

    /// A new repository in `dir`, which need not exist.
    ///
    /// # Panics
    /// If Kubo cannot make one.
    pub fn repo(&self, dir: &Path) -> Repo {
        let repo = Repo {
            program: self.program.clone(),
            dir: dir.to_owned(),
        };
        repo.run(["init", "--profile", "test"]);
        for (key, value) in OFF {
            repo.run(["config", "--json", key, value]);
        }
        repo
    }
}

fn skipped(test: &str, program: &Path, why: &str) -> Option<Kubo> {
    fixtures::skipped(test, &format!("{}: {why}", program.display()));
    None
}

impl Repo {
    /// Where it lies.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What a command prints.
    ///
    /// # Panics
    /// If it fails, with what it says.
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Vec<u8> {
        self.give(args, b"")
    }

    /// What a command prints that is given `input`.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn give<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Vec<u8> {
        let args: Vec<_> = args
            .into_iter()
            .map(|arg| arg.as_ref().to_owned())
            .collect();
        let ran = self.output(&args, input);
        if !ran.status.success() {
            return panic_with(&format!("ipfs {args:?}: {}", text(&ran.stderr)));
        }
        ran.stdout
    }

    /// How a command ends that is given `input`, whether it fails or not.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn output<A: AsRef<OsStr>>(&self, args: &[A], input: &[u8]) -> Output {
        let mut command = Command::new(&self.program);
        command.arg("--offline").args(args);
        command
            .env("IPFS_PATH", &self.dir)
            .env("IPFS_TELEMETRY", "off");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic_with(&error.to_string()));
        std::thread::scope(|scope| {
            if let Some(mut stdin) = child.stdin.take() {
                // A command that takes no input has closed it.
                scope.spawn(move || drop(stdin.write_all(input)));
            }
            child.wait_with_output()
        })
        .unwrap_or_else(|error| panic_with(&error.to_string()))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
