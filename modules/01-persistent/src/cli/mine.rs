//! `MINE=1`: the tour, on the store that you wrote in the exercises.
//!
//! What was written lies in a lab of its own, which this program does not know. The runner of the exercises
//! does: it builds it and shows it.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use demo::Usage;

use super::args::{NAME, Store};

/// Whether `MINE` asks for it.
pub fn is_asked() -> bool {
    asks(env::var_os("MINE").as_deref())
}

fn asks(value: Option<&OsStr>) -> bool {
    value.is_some_and(|value| !value.is_empty() && value != "0")
}

/// Has the runner show it.
///
/// # Errors
/// If an engine is named as well, or this is not run by cargo inside the project.
pub fn run(args: &Store) -> Result<ExitCode> {
    if args.backend.is_some() {
        bail!(Usage::new(
            "MINE=1 shows the store that you wrote, and BACKEND (--backend) names one of ours: leave one out"
        ));
    }
    let root = root(env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from))?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut runner = Command::new(cargo);
    runner.current_dir(root);
    runner.args(["run", "--quiet", "--package", "exercises", "--", "tour"]);
    let status = runner.status().context("cannot start cargo")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The root of the project, from what cargo says about this crate when it runs it.
fn root(crate_dir: Option<PathBuf>) -> Result<PathBuf> {
    let root = crate_dir
        .as_deref()
        .and_then(Path::parent)
        .and_then(Path::parent);
    match root.filter(|root| root.join("exercises").join("Cargo.toml").is_file()) {
        Some(root) => Ok(root.to_owned()),
        None => bail!(Usage::new(format!(
            "MINE=1 needs the exercises beside this program: run it in the project, as MINE=1 cargo run --bin {NAME}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mine_is_asked_for_by_anything_but_0() {
        for (value, wanted) in [
            (None, false),
            (Some(""), false),
            (Some("0"), false),
            (Some("1"), true),
        ] {
            assert_eq!(asks(value.map(OsStr::new)), wanted, "{value:?}");
        }
    }

    #[test]
    fn the_exercises_are_found_beside_the_modules() {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        assert!(root(Some(here)).unwrap().join("exercises").is_dir());
        for nowhere in [None, Some("/".into()), Some("/x/y".into())] {
            let error = root(nowhere).unwrap_err();
            assert!(
                error.is::<Usage>() && error.to_string().contains("cargo run"),
                "{error}"
            );
        }
    }
}
