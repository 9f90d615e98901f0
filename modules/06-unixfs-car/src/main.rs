//! The program of module 06: files and folders in, CIDs out, and CARs of them.
//!
//! Everything that prints or reads the environment is here and in `cli`; the library does
//! neither.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
