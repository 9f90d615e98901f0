//! The program of this rung.

use std::process::ExitCode;

use clap::Parser;

/// Nodes that link to nodes, in any codec of IPLD.
#[derive(Parser)]
#[command(version)]
struct Args {}

fn main() -> ExitCode {
    Args::parse();
    ExitCode::SUCCESS
}
