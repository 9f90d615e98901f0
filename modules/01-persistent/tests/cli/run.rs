//! Runs the program in an empty folder of its own.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use block_cid::{Block, Blockstore};
use persistent::{Config, Durability, Kind, Persistent};

/// "Hello IPFS!" as `ipfs block put` names it.
pub const HELLO: &str = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";

/// A folder to run the program in.
pub struct Place(tempfile::TempDir);

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub bytes: Vec<u8>,
    pub err: String,
}

impl Place {
    pub fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Makes a file.
    pub fn file(&self, name: impl AsRef<Path>, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The program, in this folder, with nothing of ours in its environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_01-persistent"));
        command.args(args).current_dir(self.path());
        for name in [
            "BACKEND",
            "DATA_PATH",
            "RUST_BACKTRACE",
            "RUST_LIB_BACKTRACE",
        ] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program.
    pub fn run(&self, args: &[&str]) -> Ended {
        ended(self.command(args).output().unwrap())
    }

    /// Runs the program with variables set.
    pub fn run_with(&self, env: &[(&str, &str)], args: &[&str]) -> Ended {
        let mut command = self.command(args);
        command.envs(env.iter().copied());
        ended(command.output().unwrap())
    }

    /// Runs the program, which reads this from stdin.
    pub fn feed(&self, stdin: &[u8], args: &[&str]) -> Ended {
        let mut command = self.command(args);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that fails early does not wait for its input.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        ended(child.wait_with_output().unwrap())
    }

    /// Puts blocks of 100 bytes into a store by the library, quickly.
    pub fn fill(&self, kind: Kind, count: u64) -> PathBuf {
        let path = self.path().join("data").join(kind.name());
        let config = Config::new(kind).with_path(&path);
        let config = config.with_durability(Durability::None);
        let blocks: Vec<_> = (0..count)
            .map(|n| Block::raw(demo::Data::new(7).block(n, 100)))
            .collect();
        let store = Persistent::open(&config).unwrap();
        store.blocks().put_many(&blocks).unwrap();
        path
    }

    /// Every file below the folder `name`: its path, bytes and time of change.
    pub fn tree(&self, name: &str) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut files = BTreeMap::new();
        let mut todo = vec![self.path().join(name)];
        while let Some(path) = todo.pop() {
            let meta = fs::symlink_metadata(&path).unwrap();
            let mut bytes = Vec::new();
            if meta.is_dir() {
                todo.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            } else {
                bytes = fs::read(&path).unwrap();
            }
            files.insert(path, (bytes, meta.modified().unwrap()));
        }
        files
    }
}

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
    #[track_caller]
    pub fn good(self) -> Ended {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// The run failed with this code and said each of these on stderr; never a panic.
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
    pub fn json(&self) -> Vec<serde_json::Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// The engines of this build that keep anything, by name.
pub fn on_disk() -> impl Iterator<Item = Kind> {
    Kind::built().filter(|kind| kind.is_on_disk())
}

/// The files of a store's folder with this ending.
pub fn files_with(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if path.extension() == Some(OsStr::new(ending)) {
            found.push(path);
        }
    }
    found.sort();
    found
}
