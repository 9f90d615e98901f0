//! `cargo x check` and `cargo x ci`.

use std::io::Write;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use demo::{Lines, units};

use crate::{floors, ladder, licences, names, pages, pictures, workspace};

/// Runs what CI proves and is quick, in CI's order; a line each.
///
/// # Errors
/// After all of them ran, if any failed.
pub fn run(out: &mut dyn Write) -> Result<()> {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        write!(out, "{name:<10}")?;
        out.flush()?;
        let start = Instant::now();
        let end = check();
        let took = units::duration(start.elapsed());
        match end {
            Ok(()) => writeln!(out, "ok      {took:>10}")?,
            Err(error) => {
                writeln!(out, "FAILED  {took:>10}")?;
                writeln!(out, "{error:#}\n")?;
                failed.push((*name).to_owned());
            }
        }
    }
    workspace::refuse("checks that failed", &failed)
}

type Check = fn() -> Result<()>;

const CHECKS: &[(&str, Check)] = &[
    ("fmt", || cargo(&["fmt", "--all", "--check"])),
    ("clippy", || cargo(CLIPPY)),
    ("doc", doc),
    ("ladder", || ladder::run().map(drop)),
    ("floors", || floors::run().map(drop)),
    ("licences", || licences::run().map(drop)),
    ("names", || names::run().map(drop)),
    ("pictures", || pictures::check().map(drop)),
    ("pages", || pages::run().map(drop)),
];

const CLIPPY: &[&str] = &[
    "clippy",
    "--workspace",
    "--all-targets",
    "--locked",
    "--quiet",
    "--",
    "-D",
    "warnings",
];

fn doc() -> Result<()> {
    let mut cargo = workspace::cargo(&workspace::root()?);
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    cargo.args(["doc", "--workspace", "--no-deps", "--locked", "--quiet"]);
    told(cargo)
}

fn cargo(args: &[&str]) -> Result<()> {
    let mut cargo = workspace::cargo(&workspace::root()?);
    cargo.args(args);
    told(cargo)
}

/// Runs a command; an error has all that it printed, since rustfmt says what is wrong on stdout
/// and the compiler on stderr.
fn told(mut command: Command) -> Result<()> {
    let line = workspace::line(&command);
    // rustfmt asks the terminal's name, not whether there is one, before it colours.
    command.env("TERM", "dumb");
    let output = command
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let error = Lines::new(format!(
        "`{line}` ended with {}:\n{}",
        output.status,
        String::from_utf8_lossy(&text).trim_end()
    ));
    Err(error.into())
}

/// Runs .ci/run.
pub fn ci() -> Result<()> {
    let root = workspace::root()?;
    let mut ci = Command::new("bash");
    ci.arg(".ci/run").current_dir(&root);
    workspace::forget_this_crate(&mut ci);
    let status = ci.status().context("cannot start bash")?;
    ensure!(status.success(), ".ci/run ended with {status}");
    Ok(())
}
