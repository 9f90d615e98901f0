//! The command line.
//!
//! - `args`: what can be said
//! - `put`, `get`, `has`, `rm`, `ls`, `stat`, `compact`, `migrate`, `salvage`, `backup`, `restore`,
//!   `verify`, `choose`: one file a command
//! - `tour`, `one`: what runs without a command; `steps` is what both do with an engine; `mine` is the
//!   tour of a store from the exercises
//!
//! What other programs need as well is in [`persistent::program`]: the store that the flags name, a bar
//! for what takes long, signals, errors, exit codes, and what to do about them.

mod args;
mod backup;
mod choose;
mod compact;
mod get;
mod has;
mod ls;
mod migrate;
mod mine;
mod one;
mod put;
mod restore;
mod rm;
mod salvage;
mod stat;
mod steps;
mod tour;
mod verify;

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use args::{Args, Command};
use persistent::program::{fault, location, stop, store, watch};

/// Runs the program.
pub fn main() -> ExitCode {
    let args = match demo::args::<Args>() {
        Ok(args) => args,
        Err(code) => return code,
    };
    fault::hook_panics(matches!(args.command, Some(Command::Probe(_))));
    demo::run(|out| {
        let end = stop::watch().and_then(|()| fault::caught(|| run(&args, out)));
        fault::finish(end, &about(&args), out)
    })
}

/// What there is to know of the command when it has failed.
fn about(args: &Args) -> fault::About {
    use fault::Stop;
    let folders = match &args.command {
        Some(Command::Migrate(migrate)) => {
            vec![migrate.from.path.clone(), migrate.to.path.clone()]
        }
        _ => store::folder(&args.store).into_iter().collect(),
    };
    fault::About {
        folders,
        stop: match &args.command {
            Some(Command::Migrate(_) | Command::Salvage(_)) => Stop::GoesOn,
            Some(Command::Backup(_) | Command::Restore(_)) => Stop::BeginsAnew,
            _ => Stop::Done,
        },
        verifies: matches!(
            &args.command,
            Some(Command::Verify(_) | Command::Salvage(_))
        ),
        is_probe: matches!(&args.command, Some(Command::Probe(_))),
        program: "",
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
        Some(Command::Probe(probe)) => {
            probe.run()?;
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
