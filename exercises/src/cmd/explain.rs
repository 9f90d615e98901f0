//! `explain`: takes a CID or a file apart, by the program of module 00.

use std::path::Path;

use super::Context;
use crate::error::{Error, Result};
use crate::place;

/// Calls `00-block-cid explain` for a CID, and `00-block-cid cid` for a file.
pub fn run(cx: &mut Context<'_>, what: Option<&str>) -> Result<u8> {
    let Some(what) = what else {
        return Err(Error::usage("explain what? A CID, or the name of a file"));
    };
    // A child of ours prints by itself, and after what we printed.
    cx.out.flush()?;
    let command = if Path::new(what).is_file() {
        "cid"
    } else {
        "explain"
    };
    let status = place::cargo(&std::env::current_dir()?)
        .args(["run", "--quiet", "--manifest-path"])
        .arg(place::root().join("Cargo.toml"))
        .args(["--bin", "00-block-cid", "--", command, what])
        .status()
        .map_err(|error| Error::failed(format!("cannot start cargo: {error}")))?;
    Ok(match status.code() {
        Some(0) => 0,
        // The program's own 2 is wrong usage, which is 3 here.
        Some(2) => 3,
        _ => 1,
    })
}
