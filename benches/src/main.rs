//! `cargo run --release -p benches -- report`: the comparison report.

use std::process::ExitCode;

use benches::report::{self, Args};
use clap::{Parser, Subcommand};

/// Compares engines as we wrap them with the bare engines and with what others use.
#[derive(Debug, Parser)]
#[command(name = "benches")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure on this machine, and write a page with what was found
    Report(Args),
    /// Do one job that comes on stdin
    #[command(hide = true)]
    Worker,
}

fn main() -> ExitCode {
    let cli: Cli = match demo::args() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    demo::run(|out| {
        match &cli.command {
            Command::Report(args) => report::report(args, out)?,
            Command::Worker => report::worker()?,
        }
        Ok(ExitCode::SUCCESS)
    })
}
