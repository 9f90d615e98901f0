//! `add`: files and folders of yours as DAGs.
//!
//! - `flags`: what can be said, which is what `ipfs add` takes
//! - `number`: numbers as Go reads them
//! - `inputs`: what is named on the command line, and what of it can be added
//! - `stdin`: a stream that a signal may end
//! - `print`: the lines, in the order in which `ipfs add` has them

mod flags;
mod inputs;
mod number;
mod print;
mod stdin;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::{Blocks, Blockstore};
use demo::{Progress, Usage};
use persistent::program::args::Store;
use persistent::program::stop;
use persistent::program::store::{self, Use};
use persistent::{Durability, Persistent};
use unixfs_car::import::{Importer, Source, Watch};
use unixfs_car::{Error, Root};

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
    let bar = Bar(match add.shows_progress() {
        true => Progress::bytes("add", None),
        false => Progress::hidden(),
    });
    let mut print = Print::new(add, out);
    let blocks = blocks.map(|blocks| blocks as &dyn Blockstore);
    for source in sources {
        let mut failed = None;
        let root = importer.add(source, blocks, &bar, &mut |added| {
            let printed = bar.0.pause(|| print.added(added));
            // The error of the reader of stdout is not one of importing.
            printed.map_err(|error| {
                failed = Some(error);
                Error::Stopped
            })
        });
        match (root, failed) {
            (_, Some(error)) => return Err(error),
            (root, None) => {
                let _: Root = root.map_err(told)?;
            }
        }
        bar.0.pause(|| print.folders())?;
    }
    drop(bar);
    print.last()
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
fn told(error: Error) -> anyhow::Error {
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
