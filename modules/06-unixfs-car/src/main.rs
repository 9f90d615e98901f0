//! The program of this rung.

use std::process::ExitCode;

use clap::Parser;

/// Files and folders as DAGs, and CAR archives of them.
#[derive(Parser)]
#[command(version)]
struct Args {}

fn main() -> ExitCode {
    Args::parse();
    ExitCode::SUCCESS
}
