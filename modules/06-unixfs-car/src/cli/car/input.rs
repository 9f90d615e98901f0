//! A CAR that is read, and what can go wrong with it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use demo::Usage;
use persistent::program::stop;
use persistent::program::store::note;
use unixfs_car::car::index::Scratch;
use unixfs_car::car::{Error, File, Indexed};

/// Opens a CAR of which any place can be read.
pub fn open(path: &Path) -> Result<File> {
    let named = || reading(path);
    if path == Path::new("-") {
        bail!(Usage::new(
            "this needs a file, of which any place can be read, and stdin is none"
        ));
    }
    let file = fs::File::open(path).with_context(named)?;
    let meta = file.metadata().with_context(named)?;
    if !meta.is_file() {
        let what = if meta.is_dir() { "a folder" } else { "no file" };
        bail!(Usage::new(format!(
            "{}: it is {what}, and a CAR is a file",
            path.display()
        )));
    }
    File::open(Arc::new(file), path)
        .map_err(told)
        .with_context(named)
}

/// What failed if `path` cannot be read.
pub fn reading(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

/// Says why the index in a file was not used, if it was not.
pub fn note_refused(blocks: &Indexed) {
    if let Some(why) = blocks.refused() {
        let name = blocks.car().name().display();
        note(&format!("{name}: {why}; all sections were read instead"));
    }
}

/// Where large indexes are sorted.
pub fn scratch() -> Scratch {
    Scratch::new(std::env::temp_dir())
}

/// An error of the library as the commands end with: what is known below is told from what is known
/// here.
pub fn told(error: Error) -> anyhow::Error {
    let text = error.to_string();
    match error {
        Error::Stopped => stop::stopped().into(),
        Error::Blocks(error) | Error::Dag(dag_ipld::Error::Blocks(error)) => error.into(),
        // A hash that a file names, and not the command line, for which the program would end with 2.
        Error::Block {
            source: source @ block_cid::Error::Hash { .. },
            ..
        }
        | Error::Node {
            source: dag_ipld::Error::Blocks(source @ block_cid::Error::Hash { .. }),
            ..
        } => anyhow!("{source}").context(text),
        Error::Node {
            source: dag_ipld::Error::Blocks(source),
            ..
        } => anyhow::Error::from(source).context(text),
        Error::After { source, .. } => told(*source).context(text),
        other => other.into(),
    }
}
