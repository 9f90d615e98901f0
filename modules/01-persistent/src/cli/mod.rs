//! The command line.
//!
//! - `args`, `location`, `size`: what can be said, and the environment
//! - `store`: a store opened as the flags say, and what there is to tell about it
//! - `put`, `get`, `has`, `rm`, `ls`, `stat`, `compact`, `migrate`, `salvage`, `backup`, `restore`,
//!   `verify`, `choose`: one file a command
//! - `tour`, `one`: what runs without a command; `steps` is what both do with an engine; `mine` is the
//!   tour of a store from the exercises
//! - `watch`: a bar for what takes long
//! - `stop`, `fault`: how it ends: signals, errors, exit codes, and what to do about them

mod args;
mod backup;
mod choose;
mod compact;
mod fault;
mod get;
mod has;
mod location;
mod ls;
mod migrate;
mod mine;
mod one;
mod put;
mod restore;
mod rm;
mod salvage;
mod size;
mod stat;
mod steps;
mod stop;
mod store;
mod tour;
mod verify;
mod watch;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory;

use args::{Args, Command};
use persistent::probe::Way;

/// Runs the program.
pub fn main() -> ExitCode {
    let args = match demo::args::<Args>() {
        Ok(args) => args,
        Err(code) => return code,
    };
    fault::hook_panics(matches!(args.command, Some(Command::Probe { .. })));
    demo::run(|out| {
        let end = stop::watch().and_then(|()| fault::caught(|| run(&args, out)));
        fault::finish(end, args.command.as_ref(), &folders(&args), out)
    })
}

/// The folders of the stores that the command names.
fn folders(args: &Args) -> Vec<PathBuf> {
    match &args.command {
        Some(Command::Migrate(migrate)) => {
            vec![migrate.from.path.clone(), migrate.to.path.clone()]
        }
        _ => store::folder(&args.store).into_iter().collect(),
    }
}

fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let store = &args.store;
    match &args.command {
        None if mine::is_asked() => mine::run(store),
        None if store.backend.is_none() => tour::run(store, out),
        None => one::run(store, out),
        Some(Command::Put(put)) => put::run(store, put, out),
        Some(Command::Get(get)) => get::run(store, get, out),
        Some(Command::Has(has)) => has::run(store, has, out),
        Some(Command::Rm(rm)) => rm::run(store, rm, out),
        Some(Command::Ls(ls)) => ls::run(store, ls, out),
        Some(Command::Stat(stat)) => stat::run(store, stat, out),
        Some(Command::Migrate(migrate)) => migrate::run(store, migrate, out),
        Some(Command::Salvage(salvage)) => salvage::run(store, salvage, out),
        Some(Command::Compact(compact)) => compact::run(store, compact, out),
        Some(Command::Backup(backup)) => backup::run(store, backup, out),
        Some(Command::Restore(restore)) => restore::run(store, restore, out),
        Some(Command::Verify(verify)) => verify::run(store, verify, out),
        Some(Command::Choose(choose)) => choose::run(choose, out),
        Some(Command::Completions { shell }) => {
            // Into memory first: what clap_complete cannot write it panics about.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut shown(), args::NAME, &mut script);
            out.write_all(&script)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Probe {
            kind,
            folder,
            tolerant,
        }) => {
            let way = if *tolerant {
                Way::Tolerant
            } else {
                Way::Strict
            };
            persistent::probe::run(*kind, folder, way)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The command line without what is hidden, which clap_complete would complete all the same.
fn shown() -> clap::Command {
    let all = Args::command();
    let commands = all
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    clap::Command::new(args::NAME)
        .args(all.get_arguments().cloned())
        .subcommands(commands.cloned())
}
