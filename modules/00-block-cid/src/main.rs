//! The program of module 00: `cargo run --bin 00-block-cid`.

mod cli;

use std::process::ExitCode;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = match demo::args::<Cli>() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    demo::run(|out| {
        match cli.command {
            None => cli::tour::run(out)?,
            Some(Command::Cid(args)) => cli::cid::run(&args, out)?,
            Some(Command::Explain(args)) => cli::explain::run(&args, out)?,
            Some(Command::Convert(args)) => cli::convert::run(&args, out)?,
        }
        Ok(ExitCode::SUCCESS)
    })
}
