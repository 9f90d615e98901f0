//! `explore`: a page that shows what a file or a folder becomes, by each chunker and layout.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail};
use block_cid::Blocks;
use clap::Args;
use dag_ipld::explore::{Bounds, Model, page};
use dag_ipld::{Dag, Walk};
use datastore::MemStore;
use demo::{Usage, plain, units};
use persistent::program::stop;
use unixfs_car::import::{Importer, Options, Watch};
use unixfs_car::{Chunker, Cid, Layout, Profile, Source};

use super::add::told;

/// The most bytes that are shown: each chunker makes other blocks of them, in memory.
const MAX: u64 = 32 << 20;

/// The most chunks of a file that are worth a place on the page.
const CHUNKS: u64 = 1_000;

/// The most blocks of each variant that the page holds.
const BLOCKS: u64 = 1_500;

/// The most links of a node, beside those of the profile: few enough for a tree that one can see.
const LINKS: usize = 4;

/// `explore`.
#[derive(Debug, Args)]
#[command(after_help = "\
Its sliders go from one chunker, layout and number of links to another, and say what stays the same. \
Nothing is stored. `05-dag-ipld explore` shows what is in a store, or in a CAR.")]
pub struct Explore {
    /// A file, or a folder with all that is in it
    #[arg(value_name = "PATH")]
    what: PathBuf,
    /// What decides over the rest: kubo, unixfs-v0-2015 or unixfs-v1-2025
    #[arg(long, value_name = "NAME", default_value = "kubo")]
    profile: String,
}

/// Writes the page.
pub fn run(explore: &Explore, out: &mut dyn Write) -> Result<ExitCode> {
    if io::stdout().is_terminal() {
        let why = "the page is for a browser: write it to a file with > dag.html, and open that";
        return Err(Usage::new(why).into());
    }
    let profile: Profile = explore.profile.parse().map_err(told)?;
    let dag = Dag::new(Blocks::new(MemStore::new()));
    let (first, bytes) = add(&explore.what, profile, &dag)?;
    let walk = Walk::default();
    let bounds = Bounds {
        blocks: BLOCKS,
        ..Bounds::default()
    };
    let label = plain(&explore.what.display().to_string());
    let mut model = Model::default();
    model.add(&label, &dag, &[first], &bounds, &walk)?;
    for chunker in chunkers(profile.chunker, bytes)? {
        for layout in [Layout::Balanced, Layout::Trickle] {
            for links in [profile.links, LINKS] {
                let varied = Profile {
                    chunker,
                    layout,
                    links,
                    ..profile
                };
                let (root, _) = add(&explore.what, varied, &dag)?;
                let choices = [
                    ("chunker", chunker.to_string()),
                    ("layout", layout.to_string()),
                    ("links", links.to_string()),
                ];
                let choices = choices.each_ref().map(|(of, which)| (*of, which.as_str()));
                model.vary(&choices, &dag, &root, &bounds, &walk)?;
            }
        }
    }
    out.write_all(page(&model).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Adds what is at `path`: the root, and how many bytes there were.
fn add(path: &Path, profile: Profile, dag: &Dag<Blocks<MemStore>>) -> Result<(Cid, u64)> {
    let options = Options {
        profile,
        ..Options::default()
    };
    let importer = Importer::new(options).map_err(told)?;
    let read = Bounded::default();
    let root = importer.add(Source::path(path), Some(dag.blocks()), &read, &mut |_| {
        Ok(())
    });
    let bytes = read.0.into_inner();
    stop::check()?;
    if bytes > MAX {
        bail!(
            "{} has more than {}, and what is explored is held in memory several times: explore a part of \
             it, or add it and explore its root with `05-dag-ipld explore`",
            path.display(),
            units::bytes(MAX)
        );
    }
    let root = root.map_err(told);
    let root = root.with_context(|| format!("cannot explore {}", path.display()))?;
    Ok((root.cid, bytes))
}

/// The chunkers to choose from: that of the profile, sizes from which so many bytes make no more chunks
/// than one can look at, and those that cut by content.
fn chunkers(first: Chunker, bytes: u64) -> Result<Vec<Chunker>> {
    let sizes = (10..=20).step_by(2).map(|bits| 1_usize << bits);
    let sizes = sizes.filter(|size| bytes.div_ceil(*size as u64) <= CHUNKS);
    let mut chunkers: Vec<Chunker> = sizes.map(Chunker::Size).collect();
    chunkers.push("rabin".parse().map_err(told)?);
    chunkers.push(Chunker::Buzhash);
    chunkers.retain(|chunker| *chunker != first);
    chunkers.insert(0, first);
    Ok(chunkers)
}

/// Ends an import that is too large, or not wanted any more.
#[derive(Default)]
struct Bounded(AtomicU64);

impl Watch for Bounded {
    fn read(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    fn stops(&self) -> bool {
        stop::check().is_err() || self.0.load(Ordering::Relaxed) > MAX
    }
}
