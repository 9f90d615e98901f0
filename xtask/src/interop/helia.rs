//! Helia: the scripts of `peers/helia` beside the foreign tables, and their packages.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use testkit::peers::{self, Place};

use super::{Peer, done};

/// A folder with the scripts and their packages; absent where the scripts are.
pub fn ready(_root: &Path) -> Result<Peer> {
    let Some(Place { files, dir }) = peers::helia()? else {
        return Ok(Peer::Absent(
            "no ../shared/peers/helia beside the checkout".into(),
        ));
    };
    if dir.exists() {
        return Ok(Peer::Ready(dir));
    }
    let new = dir.with_extension("new");
    if new.exists() {
        fs::remove_dir_all(&new)?;
    }
    fs::create_dir_all(&new)?;
    for file in &files {
        let name = file.file_name().context("a file without a name")?;
        fs::copy(file, new.join(name))?;
    }
    done(
        Command::new("npm")
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .current_dir(&new),
    )?;
    fs::rename(&new, &dir)?;
    Ok(Peer::Ready(dir))
}
