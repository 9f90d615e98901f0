//! The tree that is checked, and the programs run in it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use demo::Lines;

/// The root of the workspace. Cargo says at run time where this crate lies; what it said when
/// the crate was built may be another clone that shares the target folder.
pub fn root() -> Result<PathBuf> {
    let here = match env::var_os("CARGO_MANIFEST_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => env::current_dir().context("where are we?")?,
    };
    for dir in here.ancestors() {
        if let Ok(manifest) = fs::read_to_string(dir.join("Cargo.toml"))
            && manifest.lines().any(|line| line.trim() == "[workspace]")
        {
            return Ok(dir.to_owned());
        }
    }
    bail!(
        "no workspace at or above {}; run cargo x inside the checkout",
        here.display()
    )
}

/// The text of a file of the workspace.
pub fn read(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))
}

/// The cargo that runs us, in `root`, free of what `cargo run` says about this crate.
pub fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    forget_this_crate(&mut cargo);
    cargo
}

/// Takes away the variables that describe this crate to its own process.
pub fn forget_this_crate(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if let Some(text) = name.to_str()
            && (text == "CARGO"
                || text.starts_with("CARGO_PKG_")
                || text.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
}

/// What a command prints on stdout.
///
/// # Errors
/// If it cannot be started, or fails: then with what it said on stderr.
pub fn output(command: &mut Command) -> Result<String> {
    outputs(command).map(|(said, _)| said)
}

/// What a command prints on stdout and on stderr.
///
/// # Errors
/// As [`output`].
pub fn outputs(command: &mut Command) -> Result<(String, String)> {
    let name = line(command);
    let output = command
        .output()
        .with_context(|| format!("cannot start `{name}`"))?;
    ensure!(
        output.status.success(),
        Lines::new(format!(
            "`{name}` ended with {}:\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        ))
    );
    let stdout = String::from_utf8(output.stdout);
    let stdout = stdout.with_context(|| format!("`{name}` printed no UTF-8"))?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((stdout, stderr))
}

/// A command as one would type it.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line = program
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}

/// A fresh clone of what is committed in `root`, below `dir`.
pub fn clone(root: &Path, dir: &Path) -> Result<PathBuf> {
    let clone = dir.join("cairn");
    let mut git = Command::new("git");
    git.args(["clone", "--quiet"]).arg(root).arg(&clone);
    output(&mut git)?;
    Ok(clone)
}

/// `Err` with all faults in one text if there are any.
pub fn refuse(what: &str, faults: &[String]) -> Result<()> {
    ensure!(
        faults.is_empty(),
        Lines::new(format!("{what}:\n  {}", faults.join("\n  ")))
    );
    Ok(())
}
