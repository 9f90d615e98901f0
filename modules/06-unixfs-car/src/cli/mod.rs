//! The command line.
//!
//! One file a command, which has its arguments and what it does: `add`, `cat`, `get`, `ls`, `import`, `export`,
//! `verify`, `car`, `explore`; `tour` is what runs without a command. What every program over a store needs is in
//! [`persistent::program`].

mod add;
mod args;
mod base;
mod car;
mod cat;
mod explore;
mod export;
mod get;
mod import;
mod ls;
mod name;
mod tour;
mod verify;

use std::io::Write;
use std::process::ExitCode;

use args::{Args, Command};
use persistent::program::{fault, stop, store};

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
    fault::About {
        folders: store::folder(&args.store).into_iter().collect(),
        is_probe: matches!(args.command, Some(Command::Probe(_))),
        program: "01-persistent ",
        ..fault::About::default()
    }
}

fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match &args.command {
        None => tour::run(out),
        Some(Command::Add(add)) => add::run(&args.store, add, out),
        Some(Command::Cat(cat)) => cat::run(&args.store, cat, out),
        Some(Command::Get(get)) => get::run(&args.store, get, out),
        Some(Command::Ls(ls)) => ls::run(&args.store, ls, out),
        Some(Command::Car(car)) => car::run(car, out),
        Some(Command::Import(import)) => import::run(&args.store, import, out),
        Some(Command::Export(export)) => export::run(&args.store, export, out),
        Some(Command::Verify(verify)) => verify::run(&args.store, verify, out),
        Some(Command::Explore(explore)) => explore::run(explore, out),
        Some(Command::Probe(probe)) => {
            probe.run()?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
