//! `add`: files and folders of yours as DAGs.
//!
//! - `flags`: what can be said, which is what `ipfs add` takes
//! - `number`: numbers as Go reads them
//! - `inputs`: what is named on the command line, and what of it can be added
//! - `total`: how many bytes there are
//! - `print`: the lines, in the order in which `ipfs add` has them

mod flags;
mod inputs;
mod number;
mod print;
mod total;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use anyhow::Result;
use block_cid::{Blocks, Blockstore};
use demo::{Progress, Usage};
use persistent::program::args::Store;
use persistent::program::stop;
use persistent::program::store::{self, Use};
use persistent::{Durability, Persistent};
use unixfs_car::Error;
use unixfs_car::import::{Importer, Source, Watch};

pub use flags::Add;
use print::Print;

/// Adds what is named, or stdin.
pub fn run(args: &Store, add: &Add, out: &mut dyn Write) -> Result<ExitCode> {
    let importer = Importer::new(add.options()?).map_err(told)?;
    let sources = inputs::sources(add)?;
    if add.only_hash {
        all(add, &importer, sources, None, out)?;
        return Ok(ExitCode::SUCCESS);
    }
    store::refuse_unbuilt(args)?;
    store::with(args, Use::Fill, |store, blocks| {
        inputs::refuse_store(add, &importer.options().filter, store)?;
        let added = all(add, &importer, sources, Some(blocks), out);
        synced(store, blocks, added)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Makes good what was printed, also after a run that failed.
fn synced(store: &Persistent, blocks: &Blocks<&Persistent>, added: Result<()>) -> Result<()> {
    if store.durability() != Durability::Each {
        blocks.sync()?;
    }
    added
}

fn all(
    add: &Add,
    importer: &Importer,
    sources: Vec<Source<'_>>,
    blocks: Option<&Blocks<&Persistent>>,
    out: &mut dyn Write,
) -> Result<()> {
    let shows = add.shows_progress() && std::io::stderr().is_terminal();
    let bar = Bar(match shows {
        true => Progress::bytes("add", None),
        false => Progress::hidden(),
    });
    let mut print = Print::new(add, out);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        if shows {
            let options = importer.options();
            let (ended, bar) = (&ended, &bar);
            scope.spawn(move || {
                let paths = add.paths.clone();
                let total = total::total(paths, &options.filter, options.follow, ended);
                total.into_iter().for_each(|total| bar.0.expect(total));
            });
        }
        let blocks = blocks.map(|blocks| blocks as &dyn Blockstore);
        let added = each(importer, sources, blocks, &bar, &mut print);
        ended.store(true, Relaxed);
        added
    })?;
    drop(bar);
    print.last()
}

fn each(
    importer: &Importer,
    sources: Vec<Source<'_>>,
    blocks: Option<&dyn Blockstore>,
    bar: &Bar,
    print: &mut Print<'_>,
) -> Result<()> {
    for source in sources {
        let mut failed = None;
        let root = importer.add(source, blocks, bar, &mut |added| {
            let printed = bar.0.pause(|| print.added(added));
            // The error of the reader of stdout is not one of importing.
            printed.map_err(|error| {
                failed = Some(error);
                Error::Stopped
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        root.map_err(told)?;
        bar.0.pause(|| print.folders())?;
    }
    Ok(())
}

/// A bar that counts the bytes that were read, and ends the import after a signal.
struct Bar(Progress);

impl Watch for Bar {
    fn read(&self, bytes: u64) {
        self.0.add(bytes);
    }

    fn stops(&self) -> bool {
        stop::check().is_err()
    }
}

/// An error as the commands end with: what only another command line can mend is wrong usage, and what
/// is known below is told from what is known here.
pub fn told(error: Error) -> anyhow::Error {
    match error {
        Error::Stopped => stop::stopped().into(),
        // A stream that a signal ended, perhaps.
        Error::Io { .. } if stop::check().is_err() => stop::stopped().into(),
        Error::Chunker { .. } | Error::Option { .. } | Error::Entry { .. } => {
            Usage::new(error.to_string()).into()
        }
        Error::Blocks(error) => error.into(),
        Error::Dag(error) => error.into(),
        other => other.into(),
    }
}
