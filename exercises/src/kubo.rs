//! A Kubo beside the answer, for `check --kubo`: the `ipfs` that is installed here, with a repo of its own.
//!
//! No daemon is started, and nothing goes over the network.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use crate::error::{Error, Result};
use crate::place;

/// Names another `ipfs` than that of the `PATH`.
pub const PROGRAM: &str = "CAIRN_IPFS";

/// An `ipfs`, and a new repo, which goes when this does.
#[derive(Debug)]
pub struct Kubo {
    program: PathBuf,
    repo: PathBuf,
    /// What it says of itself.
    pub version: String,
}

impl Kubo {
    /// `None` if there is no `ipfs`.
    ///
    /// # Errors
    /// If it cannot make a repo.
    pub fn find() -> Result<Option<Kubo>> {
        let program = env::var_os(PROGRAM).map_or_else(|| "ipfs".into(), PathBuf::from);
        let said = Command::new(&program).arg("--version").output();
        let Some(said) = said.ok().filter(|said| said.status.success()) else {
            return Ok(None);
        };
        let kubo = Kubo {
            program,
            repo: place::target().join(format!("kubo-{}", process::id())),
            version: String::from_utf8_lossy(&said.stdout).trim().to_owned(),
        };
        let made = Command::new(&kubo.program)
            .args(["init", "--profile", "test"])
            .env("IPFS_PATH", &kubo.repo)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Error::io("start", &kubo.program, &error))?;
        if !made.status.success() {
            let why = String::from_utf8_lossy(&made.stderr);
            return Err(Error::failed(format!("ipfs init failed: {}", why.trim())));
        }
        Ok(Some(kubo))
    }

    /// What a check finds it by.
    pub fn env(&self) -> [(&'static str, &Path); 2] {
        [(PROGRAM, &self.program), ("IPFS_PATH", &self.repo)]
    }
}

impl Drop for Kubo {
    fn drop(&mut self) {
        // It lies in the target folder; the worst is that it stays.
        let _ = fs::remove_dir_all(&self.repo);
    }
}
