//! `import`: the blocks of CARs into the store.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use block_cid::Blockstore;
use clap::Args;
use persistent::ops::Watch;
use persistent::program::args::{Store, When};
use persistent::program::store::{self, Use, note};
use persistent::program::watch::{Bar, Unit};
use serde_json::json;
use unixfs_car::car::import::{Import as How, import as import_car};

use super::args::may_be_false;
use super::car::input::{reading, told};

/// The largest block of `--allow-big-block`, as `put` of 01 has it; and some bytes for its CID.
const MAX_BIG_BLOCK: u64 = 1 << 30;
const MAX_BIG_SECTION: u64 = MAX_BIG_BLOCK + 4096;

/// `import`.
#[derive(Debug, Args)]
#[command(mut_args = may_be_false, after_help = "\
Blocks are hashed before they are stored. What comes before a damage stays in the store, as with \
`ipfs dag import`. Nothing is pinned.")]
pub struct Import {
    /// The CARs, of either version; - is stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print how many blocks there were, too
    #[arg(long)]
    stats: bool,
    /// Print nothing
    #[arg(long, conflicts_with_all = ["stats", "json"])]
    silent: bool,
    /// Print a line of JSON for each root (root, there), and one at the end (blocks, bytes)
    #[arg(long, conflicts_with = "stats")]
    json: bool,
    /// Take blocks over 2 MiB, which no other node has to take from this one: up to 1 GiB, and in a pack
    /// store 64 MiB
    #[arg(long)]
    allow_big_block: bool,
    /// Accepted and of no effect: pins are of another program
    #[arg(long, value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pin_roots: Option<bool>,
    /// Say nothing of roots that are not there: the CAR has a part of a DAG (`export --local-only`)
    #[arg(long)]
    local_only: bool,
}

/// Puts the blocks of all files, then prints the roots of all, each once.
pub fn run(args: &Store, import: &Import, out: &mut dyn Write) -> Result<ExitCode> {
    store::refuse_unbuilt(args)?;
    // A mistyped name is no reason to make a store.
    let inputs: Vec<(&Path, Input)> = import
        .files
        .iter()
        .map(|path| Ok((path.as_path(), open(path)?)))
        .collect::<Result<_>>()?;
    // Roots are printed once all is on disk, and nothing before.
    let mut args = args.clone();
    if store::kind(&args).is_on_disk() {
        args.durability.get_or_insert(When::Batch);
    }
    store::with(&args, Use::Fill, |_, blocks| {
        let mut blocks = blocks.clone();
        let mut how = How::default();
        if import.allow_big_block {
            blocks = blocks.with_max_block(MAX_BIG_BLOCK);
            how.max_section = MAX_BIG_SECTION;
        }
        let (mut roots, mut printed) = (Vec::new(), BTreeSet::new());
        let (mut count, mut bytes) = (0, 0);
        let bar = Bar::new("import", Unit::Bytes);
        bar.expect(0, inputs.iter().map(|(_, (_, len))| len).sum());
        for (path, (input, _)) in inputs {
            let input = BufReader::with_capacity(1 << 20, input);
            let done = import_car(input, &blocks, how, &bar).map_err(told);
            let done = done.with_context(|| match path {
                stdin if stdin == Path::new("-") => "cannot import stdin".to_owned(),
                path => format!("cannot import {}", path.display()),
            })?;
            roots.extend(done.roots.into_iter().filter(|root| printed.insert(*root)));
            count += done.blocks;
            bytes += done.bytes;
        }
        drop(bar);
        for root in roots {
            let there = blocks.has(&root)?;
            if import.json {
                let line = json!({ "root": root.to_string(), "there": there });
                writeln!(out, "{line}")?;
            } else if !import.silent {
                writeln!(out, "{root}")?;
            }
            if !there && !import.local_only {
                note(&format!(
                    "root {root} was in no file, and is not in the store"
                ));
            }
        }
        if import.json {
            writeln!(out, "{}", json!({ "blocks": count, "bytes": bytes }))?;
        } else if import.stats {
            writeln!(out, "Imported {count} blocks ({bytes} bytes)")?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// What is read, and how many bytes it has, if that can be known.
type Input = (Box<dyn Read + Send>, u64);

fn open(path: &Path) -> Result<Input> {
    if path == Path::new("-") {
        return Ok((Box::new(io::stdin()), 0));
    }
    let file = File::open(path).with_context(|| reading(path))?;
    let len = file.metadata().map_or(0, |meta| meta.len());
    Ok((Box::new(file), len))
}
