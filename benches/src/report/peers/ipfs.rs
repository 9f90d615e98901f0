//! Kubo's program, each command a process of its own and without a network.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};
use testkit::kubo::OFF;
use testkit::peers;

use super::{find, said};
use crate::report::subject::Subject;

/// The program.
pub struct Ipfs {
    program: PathBuf,
    /// What it says of itself.
    pub version: String,
}

/// An empty folder, which every repository has from the start.
const EMPTY: &str = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn";

impl Ipfs {
    /// The program, if there is one.
    pub fn find() -> Result<Ipfs> {
        let program = find("CAIRN_IPFS", |root| peers::kubo(root).map(Some), "ipfs")?;
        let version = said(Command::new(&program).args(["version", "-n"]))?;
        Ok(Ipfs { program, version })
    }

    /// A new repository in `dir`: as it is from the start, or with what makes it quick.
    pub fn repo(&self, dir: &Path, subject: Subject) -> Result<Repo> {
        let quick = subject == Subject::IpfsQuick;
        let repo = Repo {
            program: self.program.clone(),
            dir: dir.to_owned(),
            quick,
        };
        let profile = if quick { "test,pebbleds" } else { "test" };
        said(repo.command().args(["init", "--profile", profile]))?;
        for (key, value) in OFF {
            said(repo.command().args(["config", "--json", key, value]))?;
        }
        Ok(repo)
    }
}

/// A repository.
pub struct Repo {
    program: PathBuf,
    dir: PathBuf,
    quick: bool,
}

impl Repo {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--offline");
        command
            .env("IPFS_PATH", &self.dir)
            .env("IPFS_TELEMETRY", "off");
        command.stdin(Stdio::null());
        command
    }

    /// Seconds of a command that opens the repository and does nothing.
    pub fn start(&self) -> Result<f64> {
        let start = Instant::now();
        said(self.command().args(["block", "stat", EMPTY]))?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// Adds a file or a folder: its root, and seconds.
    pub fn add(&self, path: &Path) -> Result<(String, f64)> {
        let mut command = self.command();
        command.args(["add", "-r", "-Q"]);
        if self.quick {
            command.arg("--pin=false");
        }
        let start = Instant::now();
        let root = said(command.arg(path))?;
        Ok((root, start.elapsed().as_secs_f64()))
    }

    /// Seconds of a command whose output goes nowhere.
    fn quiet(&self, args: &[&OsStr]) -> Result<f64> {
        let mut command = self.command();
        command
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status()?;
        ensure!(status.success(), "ipfs {args:?} ended with {status}");
        Ok(start.elapsed().as_secs_f64())
    }

    /// Seconds of reading a file.
    pub fn cat(&self, root: &str) -> Result<f64> {
        self.quiet(&["cat", root].map(OsStr::new))
    }

    /// Seconds of an export.
    pub fn export(&self, root: &str) -> Result<f64> {
        self.quiet(&["dag", "export", "--progress=false", root].map(OsStr::new))
    }

    /// Seconds of an import.
    pub fn import(&self, car: &Path) -> Result<f64> {
        let pin = if self.quick { "false" } else { "true" };
        let pin = format!("--pin-roots={pin}");
        let words = ["dag", "import", &pin].map(OsStr::new);
        self.quiet(&[&words[..], &[car.as_os_str()]].concat())
    }
}
