//! Helia, the peer in JavaScript: its importer, its exporter and its CARs.
//!
//! The scripts lie beside the tables of [`fixtures`](crate::fixtures), in `peers/helia`. `cargo x interop` and
//! `.ci/run` install what they need in a cache, and name that folder in `CAIRN_HELIA`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::or_skip;
use crate::run::panic_with;

/// The folder of the scripts, with their packages.
#[derive(Clone, Debug)]
pub struct Helia {
    dir: PathBuf,
}

impl Helia {
    /// The scripts, or `None` after it was said that `test` cannot be tried.
    pub fn find(test: &str) -> Option<Helia> {
        let dir = std::env::var_os("CAIRN_HELIA").map(PathBuf::from);
        let there = dir.filter(|dir| dir.join("node_modules/.bin/node").exists());
        let why = "CAIRN_HELIA names no folder with packages; `cargo x interop` makes one";
        or_skip(
            &format!("{test}, with Helia"),
            there.map(|dir| Helia { dir }).ok_or(why.to_owned()),
        )
    }

    /// Adds a file or a folder under a profile (`kubo-legacy`, `cid-v1-raw`, `unixfs-v1-2025`), writes a CAR of
    /// it to `car`, and gives its root.
    ///
    /// # Panics
    /// If that fails.
    pub fn add(&self, path: &Path, profile: &str, car: &Path) -> String {
        let mut node = self.script("add.mjs");
        node.args(["--profile", profile, "--car"])
            .arg(car)
            .arg("--")
            .arg(path);
        let said = done(node);
        lines(&said)
            .find(|line| line.get("event").is_some_and(|event| event == "added"))
            .and_then(|line| Some(line.get("root")?.as_str()?.to_owned()))
            .unwrap_or_else(|| panic_with("add.mjs named no root"))
    }

    /// The bytes of a file in a CAR; each block is hashed on the way. `path` may be empty.
    ///
    /// # Panics
    /// If a block is missing or wrong, or there is no such file.
    pub fn cat(&self, car: &Path, root: &str, path: &str) -> Vec<u8> {
        let mut node = self.script("cat.mjs");
        // A path may begin with a hyphen.
        node.arg("--").arg(car).args([root, path]);
        done(node)
    }

    /// What lies below the root of a CAR, a line of JSON an entry: `path`, `cid`, `type`, `size`, `link`.
    ///
    /// # Panics
    /// As [`cat`](Self::cat).
    pub fn list(&self, car: &Path, root: &str) -> Vec<Value> {
        let mut node = self.script("cat.mjs");
        node.arg(car).args([root, "--list"]);
        lines(&done(node)).collect()
    }

    fn script(&self, name: &str) -> Command {
        let mut node = Command::new(self.dir.join("node_modules/.bin/node"));
        node.arg(self.dir.join(name));
        node
    }
}

fn done(mut node: Command) -> Vec<u8> {
    let ran = node
        .output()
        .unwrap_or_else(|error| panic_with(&format!("{node:?}: {error}")));
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        return panic_with(&format!("{node:?}: {said}"));
    }
    ran.stdout
}

fn lines(said: &[u8]) -> impl Iterator<Item = Value> {
    said.split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| {
            serde_json::from_slice(line).unwrap_or_else(|error| panic_with(&format!("{error}")))
        })
}
