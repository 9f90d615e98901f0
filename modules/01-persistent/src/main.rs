//! The program of module 01: a tour of the engines, and a store of your own.
//!
//! Everything that prints or reads the environment is here and in `cli`; the library does
//! neither.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
