//! The command line.
//!
//! One file a command, which has its arguments and what it does: `put`, `get`, `resolve`, `stat`, `tree`,
//! `diff`, `explore`; `tour` is what runs without a command. What every program over a store needs is in
//! [`persistent::program`].

mod args;
mod diff;
mod explore;
mod get;
mod put;
mod resolve;
mod shown;
mod stat;
mod tour;
mod tree;

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use args::{Args, Command};
use block_cid::Blockstore;
use dag_ipld::{Cancel, Cid, Dag, Error, Path, Walk};
use persistent::program::{fault, stop, store};

/// Runs the program.
pub fn main() -> ExitCode {
    let args = match demo::args::<Args>() {
        Ok(args) => args,
        Err(code) => return code,
    };
    let about = fault::About {
        folders: store::folder(&args.store).into_iter().collect(),
        is_probe: matches!(args.command, Some(Command::Probe(_))),
        program: "01-persistent ",
        ..fault::About::default()
    };
    fault::hook_panics(about.is_probe);
    demo::run(|out| {
        let end = stop::watch().and_then(|()| fault::caught(|| run(&args, out)));
        fault::finish(end.map_err(told), &about, out)
    })
}

fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let store = &args.store;
    match &args.command {
        None => tour::run(out),
        Some(Command::Put(put)) => put::run(store, put, out),
        Some(Command::Get(get)) => get::run(store, get, out),
        Some(Command::Resolve(resolve)) => resolve::run(store, resolve, out),
        Some(Command::Stat(stat)) => stat::run(store, stat, out),
        Some(Command::Tree(tree)) => tree::run(store, tree, out),
        Some(Command::Diff(diff)) => diff::run(store, diff, out),
        Some(Command::Explore(explore)) => explore::run(store, explore, out),
        Some(Command::Probe(probe)) => {
            probe.run()?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// How the commands walk: until a signal comes.
fn walk() -> Walk<'static> {
    let cancel = Cancel::new();
    let token = cancel.clone();
    stop::wakes(move || token.cancel());
    Walk::default().with_cancel(cancel)
}

/// What was cancelled was so by a signal.
fn told(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<Error>() {
        Some(Error::Cancelled) => stop::stopped().into(),
        _ => error,
    }
}

/// The block that a path leads to, for what is done with whole blocks.
fn block_at(dag: &Dag<impl Blockstore>, path: &Path) -> anyhow::Result<Cid> {
    let place = dag.resolve(path)?.found()?;
    if !place.remainder.is_empty() {
        bail!(
            "{path} is a part of block {}, and this goes by whole blocks: take the block, or `get` the part",
            place.cid
        );
    }
    Ok(place.cid)
}
