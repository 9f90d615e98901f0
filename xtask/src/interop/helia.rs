//! Helia: the scripts of `peers/helia` beside the foreign tables, and their packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Peer, done, name_of};

/// A folder with the scripts and their packages; absent where the scripts are.
pub fn ready(_root: &Path, cache: &Path) -> Result<Peer> {
    let tables = testkit::fixtures::root();
    let source = tables.and_then(|tables| Some(tables.parent()?.join("peers/helia")));
    let Some(source) = source.filter(|source| source.is_dir()) else {
        return Ok(Peer::Absent(
            "no ../shared/peers/helia beside the checkout".into(),
        ));
    };
    let files = files(&source)?;
    let dir = cache.join("helia").join(name_of(&files)?);
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

/// The scripts and manifests, sorted.
fn files(source: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(source)? {
        let path = entry?.path();
        let end = path.extension().and_then(|end| end.to_str());
        if matches!(end, Some("mjs" | "json")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
