//! Our program, on a store in a folder of its own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Ours {
    engine: &'static str,
    dir: PathBuf,
}

impl Ours {
    pub fn new(engine: &'static str, dir: &Path) -> Ours {
        let dir = dir.to_owned();
        Ours { engine, dir }
    }

    /// What a command prints.
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Vec<u8> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_06-unixfs-car"));
        command.args(args);
        command
            .env("BACKEND", self.engine)
            .env("DATA_PATH", &self.dir);
        let ran = command.output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{command:?}: {said}");
        ran.stdout
    }

    /// The last line that a command prints.
    pub fn last<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> String {
        last(&self.run(args))
    }

    /// Writes the CAR of a DAG.
    pub fn export(&self, root: &str, car: &Path) {
        std::fs::write(car, self.run(["export", root])).unwrap();
    }
}

/// The last line of what was printed.
pub fn last(printed: &[u8]) -> String {
    let text = String::from_utf8_lossy(printed);
    text.lines().next_back().unwrap_or_default().to_owned()
}
