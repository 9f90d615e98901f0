//! What every program over a store is made of: 01's own, and those of the modules above.
//!
//! This is the half of a program that prints and reads the environment, as [`demo`] is, and no library uses
//! it. A program has [`args::Store`] among its arguments and [`args::Probe`] among its commands, and its
//! commands use the store through [`store::with`]:
//!
//! ```no_run
//! # use std::io::Write;
//! # use std::process::ExitCode;
//! # use block_cid::Blockstore;
//! # use clap::{Parser, Subcommand};
//! use persistent::program::{args, fault, stop, store};
//!
//! #[derive(Parser)]
//! struct Args {
//!     #[command(flatten)]
//!     store: args::Store,
//!     #[command(subcommand)]
//!     command: Command,
//! }
//!
//! #[derive(Subcommand)]
//! enum Command {
//!     /// List the blocks
//!     Ls,
//!     #[command(hide = true)]
//!     Probe(args::Probe),
//! }
//!
//! fn main() -> ExitCode {
//!     let args = match demo::args::<Args>() {
//!         Ok(args) => args,
//!         Err(code) => return code,
//!     };
//!     let about = fault::About {
//!         folders: store::folder(&args.store).into_iter().collect(),
//!         is_probe: matches!(args.command, Command::Probe(_)),
//!         program: "01-persistent ",
//!         ..fault::About::default()
//!     };
//!     fault::hook_panics(about.is_probe);
//!     demo::run(|out| {
//!         let end = stop::watch().and_then(|()| fault::caught(|| run(&args, out)));
//!         fault::finish(end, &about, out)
//!     })
//! }
//!
//! fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
//!     match &args.command {
//!         Command::Ls => store::with(&args.store, store::Use::Read, |_, blocks| {
//!             for cid in blocks.cids()? {
//!                 stop::check()?;
//!                 writeln!(out, "{}", cid?)?;
//!             }
//!             Ok(ExitCode::SUCCESS)
//!         }),
//!         Command::Probe(probe) => Ok(probe.run().map(|()| ExitCode::SUCCESS)?),
//!     }
//! }
//! ```
//!
//! - [`args`], [`size`], [`location`]: what can be said of a store, and the environment
//! - [`store`]: a store opened as the flags say, and what there is to tell about it
//! - [`input`]: a stream that a signal may end
//! - [`output`]: a file that is there whole or not at all
//! - [`watch`]: a bar for what takes long
//! - [`stop`], [`fault`]: how a program ends: signals, errors, exit codes, and what to do about them

pub mod args;
pub mod fault;
pub mod input;
pub mod location;
pub mod output;
pub mod size;
pub mod stop;
pub mod store;
pub mod watch;
