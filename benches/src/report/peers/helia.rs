//! The JavaScript importer, by the script that the tests of interoperation have.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;
use testkit::peers;

use super::{find, said};

/// The folder of the scripts, with their packages.
pub struct Helia {
    dir: PathBuf,
    /// That of the package `ipfs-unixfs-importer`.
    pub version: String,
}

impl Helia {
    /// The scripts, if they are here.
    pub fn find() -> Result<Helia> {
        let dir = find("CAIRN_HELIA", |_| peers::helia(), "")?;
        let manifest = dir.join("node_modules/ipfs-unixfs-importer/package.json");
        let text = std::fs::read_to_string(&manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        let manifest: Value = serde_json::from_str(&text)?;
        let version = manifest.get("version").and_then(Value::as_str);
        let version = version.context("the importer has no version")?.to_owned();
        Ok(Helia { dir, version })
    }

    /// Adds a file or a folder to a store in memory: its root, and seconds without those that the program
    /// takes to begin.
    pub fn add(&self, path: &Path) -> Result<(String, f64)> {
        let mut node = Command::new(self.dir.join("node_modules/.bin/node"));
        node.arg(self.dir.join("add.mjs"));
        let lines = said(node.args(["--profile", "kubo-legacy", "--"]).arg(path))?;
        let line = lines.lines().last().unwrap_or_default();
        let added: Value = serde_json::from_str(line).context("add.mjs said something else")?;
        let root = added.get("root").and_then(Value::as_str);
        let millis = added.get("ms").and_then(Value::as_f64);
        let seconds = millis.context("add.mjs named no time")? / 1e3;
        Ok((
            root.context("add.mjs named no root")?.to_owned(),
            seconds.max(1e-3),
        ))
    }
}
