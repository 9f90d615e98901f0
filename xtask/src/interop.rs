//! `cargo x interop`: what Kubo and Helia say of our blocks, CARs and folders.
//!
//! The peers are made ready in a cache outside the checkout ([`testkit::peers`]) and handed to the tests in
//! `CAIRN_IPFS` and `CAIRN_HELIA`. Whichever is set already is taken as it is.

mod helia;
mod kubo;

use std::env;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// The tests that have peers: the arguments of `cargo test`.
const TESTS: &[&[&str]] = &[
    &["--package", "persistent", "--test", "store", "cars::kubo"],
    &["--package", "dag-ipld", "--test", "roundtrip", "kubo::"],
    &["--package", "dag-ipld", "--test", "dag", "kubo::"],
    &["--package", "unixfs-car", "--test", "program", "kubo::"],
    &["--package", "unixfs-car", "--test", "add", "kubo::"],
    &["--package", "unixfs-car", "--test", "reading", "kubo_"],
    &["--package", "unixfs-car", "--test", "get", "kubo::"],
    &["--package", "unixfs-car", "--test", "edit", "kubo::"],
    &["--package", "unixfs-car", "--test", "car", "kubo::"],
    &["--package", "unixfs-car", "--test", "interop"],
];

/// Makes the peers ready, and runs the tests that ask them.
///
/// # Errors
/// If a peer that is there cannot be made ready, or a test fails; all of them run first.
pub fn run(out: &mut dyn Write) -> Result<()> {
    let root = workspace::root()?;
    let mut peers: Vec<(&str, OsString)> = Vec::new();
    for (variable, made) in [
        ("CAIRN_IPFS", kubo::ready as fn(&Path) -> Result<Peer>),
        ("CAIRN_HELIA", helia::ready),
    ] {
        let peer = match env::var_os(variable) {
            Some(given) => Peer::Ready(given.into()),
            None => made(&root)?,
        };
        match peer {
            Peer::Ready(path) => {
                writeln!(out, "{variable}={}", path.display())?;
                peers.push((variable, path.into()));
            }
            Peer::Absent(why) => writeln!(out, "SKIPPED {variable}: {why}")?,
        }
    }
    out.flush()?;
    let mut failed = Vec::new();
    for args in TESTS {
        let mut cargo = workspace::cargo(&root);
        cargo.arg("test").arg("--locked").args(*args);
        cargo.envs(peers.iter().map(|(name, value)| (name, value)));
        if !cargo.status().context("cannot start cargo")?.success() {
            failed.push(args.join(" "));
        }
    }
    ensure!(
        failed.is_empty(),
        "failed: cargo test {}",
        failed.join("; ")
    );
    Ok(())
}

/// A peer, or why there is none.
enum Peer {
    Ready(PathBuf),
    Absent(String),
}

/// Runs a command that has to succeed.
fn done(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_owned();
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", name.display()))?;
    ensure!(status.success(), "{} ended with {status}", name.display());
    Ok(())
}
