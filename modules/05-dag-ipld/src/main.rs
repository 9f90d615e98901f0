//! The program of module 05: values in, CIDs out, and what hangs together below them.
//!
//! Everything that prints or reads the environment is here and in `cli`; the library does
//! neither.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
