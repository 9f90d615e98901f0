//! The runner of the exercises: `cargo run -p exercises`.
//!
//! - [`exercise`], [`catalogue`]: what an exercise is made of, and all of them
//! - [`stub`]: what a learner begins with, made from the solution
//! - [`lab`]: the workspace in which a learner writes
//! - [`compile`], [`child`], [`verdict`], [`judge`], [`kubo`]: from an answer to what its checks say
//! - [`show`], [`progress`]: what the learner is told, and what is remembered
//! - [`drawing`]: a picture of what the learner built
//! - [`cmd`]: one file a command
//! - [`dev`]: for those who write exercises: the proofs that each one works
//!
//! It uses std alone, and a crate of ours that does, so that it is built in a moment.

mod catalogue;
mod child;
mod cmd;
mod compile;
mod dev;
mod diff;
mod drawing;
mod error;
mod exercise;
mod files;
mod json;
mod judge;
mod kubo;
mod lab;
mod place;
#[cfg(test)]
mod practice;
mod progress;
mod show;
mod stub;
mod style;
mod verdict;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut out = io::stdout();
    let end = cmd::run(&args, &mut out).and_then(|code| {
        out.flush()?;
        Ok(code)
    });
    match end {
        Ok(code) => ExitCode::from(code),
        Err(error) if error.code == 0 => ExitCode::SUCCESS,
        Err(error) => {
            // If that cannot be said, nothing can.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(error.code)
        }
    }
}
