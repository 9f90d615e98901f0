//! The `ipfs` that `check --kubo` found, in a repo of its own.

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::say;

/// What `ipfs ARGS` prints for this input, or why it refuses.
pub fn answer(args: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
    let Some(program) = env::var_os("CAIRN_IPFS") else {
        say::wrong("this asks an ipfs: cargo run -p exercises -- check --kubo")
    };
    let child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = say::ok("starting ipfs", child);
    if let Some(mut stdin) = child.stdin.take() {
        // It may end without reading; then it says why.
        let _ = stdin.write_all(input);
    }
    let output = say::ok("waiting for ipfs", child.wait_with_output());
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// What `ipfs ARGS` prints for this input, as text.
pub fn says(args: &[&str], input: &[u8]) -> String {
    let bytes = say::ok(&format!("ipfs {}", args.join(" ")), answer(args, input));
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// The folder of its blocks.
pub fn blocks() -> PathBuf {
    PathBuf::from(env::var_os("IPFS_PATH").unwrap_or_default()).join("blocks")
}
