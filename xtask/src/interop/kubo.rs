//! Kubo, built from the version that `shared/testkit/peers/kubo` pins.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use testkit::peers::{self, Place};

use super::{Peer, done};

const PACKAGE: &str = "github.com/ipfs/kubo/cmd/ipfs";

/// The program `ipfs`; absent where Go is missing or older than Kubo wants.
pub fn ready(root: &Path) -> Result<Peer> {
    let pinned = root.join("shared/testkit/peers/kubo");
    let manifest = fs::read_to_string(pinned.join("go.mod")).context("cannot read kubo/go.mod")?;
    let wanted = go_of(&manifest).context("kubo/go.mod names no version of Go")?;
    let Place { dir, .. } = peers::kubo(root)?;
    let program = dir.join("ipfs");
    if program.exists() {
        return Ok(Peer::Ready(program));
    }
    let said = Command::new("go")
        .args(["env", "GOVERSION"])
        .env("GOTOOLCHAIN", "local")
        .output();
    let found = match said {
        Ok(said) => String::from_utf8_lossy(&said.stdout).trim().to_owned(),
        Err(error) => return Ok(Peer::Absent(format!("go: {error}"))),
    };
    if version(found.trim_start_matches("go")) < version(wanted) {
        return Ok(Peer::Absent(format!(
            "this is {found}, and Kubo wants {wanted}"
        )));
    }
    fs::create_dir_all(&dir)?;
    let new = dir.join("new");
    done(
        Command::new("go")
            .args(["build", "-mod=readonly", "-o"])
            .arg(&new)
            .arg(PACKAGE)
            .current_dir(&pinned)
            .env("GOTOOLCHAIN", "local"),
    )?;
    fs::rename(&new, &program)?;
    Ok(Peer::Ready(program))
}

/// The line `go 1.26.0` of a manifest.
fn go_of(manifest: &str) -> Option<&str> {
    manifest.lines().find_map(|line| line.strip_prefix("go "))
}

/// Numbers that compare as versions do. What is no number counts as none.
fn version(text: &str) -> Vec<u32> {
    text.split(['.', ' ', '-', 'r'])
        .map_while(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(version("1.9") < version("1.26.0"));
        assert!(version("1.26.8") >= version("1.26.0"));
        assert!(version("1.27rc1") > version("1.26.8"));
        assert!(version("") < version("1.0"));
    }

    #[test]
    fn the_manifest_says_which_go() {
        assert_eq!(
            go_of("module peers\n\ngo 1.26.0\n\ntool x\n"),
            Some("1.26.0")
        );
        assert_eq!(go_of("module peers\n"), None);
    }
}
