//! The programs that others add files with: found where `CAIRN_IPFS` and `CAIRN_HELIA` say, or where
//! `cargo x interop` keeps them.

mod helia;
mod ipfs;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use testkit::peers::Place;

pub use helia::Helia;
pub use ipfs::Ipfs;

/// The checkout that this was built in.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The file that `variable` names, or the one that interop keeps.
fn find(
    variable: &str,
    kept: fn(&Path) -> std::io::Result<Option<Place>>,
    name: &str,
) -> Result<PathBuf> {
    if let Some(given) = std::env::var_os(variable) {
        return Ok(given.into());
    }
    let how = format!("`cargo x interop` makes it ready, or {variable} names it");
    let kept = kept(Path::new(ROOT)).with_context(|| how.clone())?;
    match kept.map(|place| place.dir.join(name)) {
        Some(path) if path.exists() => Ok(path),
        _ => bail!("it is not here; {how}"),
    }
}

/// What a command prints.
fn said(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_owned();
    let ran = command.output();
    let ran = ran.with_context(|| format!("cannot start {}", name.display()))?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        let last = said.trim().lines().last().unwrap_or_default();
        bail!("{} ended with {}: {last}", name.display(), ran.status);
    }
    Ok(String::from_utf8_lossy(&ran.stdout).trim().to_owned())
}
