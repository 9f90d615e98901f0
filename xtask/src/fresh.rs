//! `cargo x fresh`: how long a newcomer waits.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use demo::{Lines, units};

use crate::workspace;

/// What a first run may take on two cores.
const LIMIT: Duration = Duration::from_secs(120);

/// Times `cargo run --bin 01-persistent` in a fresh clone with nothing built, on two cores.
/// Crates that cargo has downloaded already are not downloaded again.
///
/// # Errors
/// If it fails or takes longer than two minutes.
pub fn run() -> Result<String> {
    let place = tempfile::Builder::new().prefix("cairn-fresh-").tempdir()?;
    let clone = workspace::clone(&workspace::root()?, place.path())?;
    let mut cargo = workspace::cargo(&clone);
    cargo
        .args(["run", "--bin", "01-persistent"])
        .env("CARGO_TARGET_DIR", place.path().join("target"))
        .env("CARGO_BUILD_JOBS", "2")
        .env_remove("BACKEND")
        .env_remove("DATA_PATH");
    let start = Instant::now();
    let output = cargo.output().context("cannot start cargo")?;
    let took = start.elapsed();
    ensure!(
        output.status.success(),
        Lines::new(format!(
            "the first run ended with {}:\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ))
    );
    let told = format!(
        "fresh: built and run in {:.1} s with two jobs",
        took.as_secs_f64()
    );
    ensure!(
        took <= LIMIT,
        "{told}; the limit is {}",
        units::duration(LIMIT)
    );
    Ok(told)
}
