//! One engine, named by BACKEND: what it found, what it stored, and where.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use block_cid::Blockstore;
use datastore::{Datastore, Key};
use demo::{Column, Style, Table, Usage, heading, plain, units};
use persistent::Persistent;

use super::args::Store;
use super::steps::{self, ms};
use super::{stop, store};

/// How many runs there were: a key beside the blocks, to show that a store keeps both.
const RUNS: &str = "/demo/runs";

/// Opens the engine, says what is there, and stores the blocks of the tour.
pub fn run(args: &Store, out: &mut dyn Write) -> Result<ExitCode> {
    if args.read_only {
        return Err(Usage::new("the demo writes; --read-only goes with ls, stat or verify").into());
    }
    let kind = store::kind(args);
    let config = store::config(args, kind)?;
    let start = Instant::now();
    let store = Persistent::open(&config)?;
    let opened = start.elapsed();
    let end = show(&store, ms(opened), out);
    let closed = store.close();
    end?;
    closed?;
    Ok(ExitCode::SUCCESS)
}

fn show(store: &Persistent, opened: String, out: &mut dyn Write) -> Result<()> {
    let style = Style::stdout();
    let (kind, blocks) = (store.kind(), store.blocks());
    let ours = steps::blocks();
    store::tell(store);
    writeln!(
        out,
        "{}",
        heading(&format!("{kind}: {}", kind.shape()), style)
    )?;
    let place = match store.path() {
        Some(path) => format!("in {}", plain(&path.to_string_lossy())),
        None => "in memory only".to_owned(),
    };
    writeln!(out, "initialised in {opened}, {place}")?;

    let key = Key::new(RUNS)?;
    let runs = match store.get(&key)? {
        None => 0,
        Some(value) => match std::str::from_utf8(&value)
            .ok()
            .and_then(|n| n.parse().ok())
        {
            Some(runs) => runs,
            None => bail!("{RUNS} holds no number: something else keeps a key of that name"),
        },
    };
    let mut there = 0_u64;
    for cid in blocks.cids()? {
        stop::check()?;
        cid?;
        there += 1;
    }
    let again = steps::count(&blocks, &ours)?;
    match runs {
        0 => writeln!(out, "found {there} blocks: this is the first run")?,
        1 => writeln!(
            out,
            "found {there} blocks, {again} of them from the run before this one"
        )?,
        n => writeln!(
            out,
            "found {there} blocks, {again} of them from {n} runs before this one"
        )?,
    }
    let stored = steps::store(&blocks, &ours)?;
    writeln!(out, "stored 3 blocks, {} on average", ms(stored))?;
    let read = steps::read(&blocks, &ours)?;
    writeln!(out, "retrieved all 3, {} on average", ms(read))?;
    let runs: u64 = runs;
    store.put(&key, runs.saturating_add(1).to_string().as_bytes())?;
    store.sync()?;

    writeln!(out)?;
    let mut table = Table::new([Column::left("block"), Column::right("size")]).styled(style);
    for block in &ours {
        table.row([&block.cid().to_string(), &units::bytes(block.len() as u64)]);
    }
    write!(out, "{table}")?;
    writeln!(out)?;
    match store.path() {
        Some(path) => writeln!(
            out,
            "{} on disk in {}. Run this again: what is stored now will be found.",
            units::bytes(store.disk_usage()?),
            plain(&path.to_string_lossy())
        )?,
        None => writeln!(
            out,
            "Run this again: nothing will be found, since memory forgets."
        )?,
    }
    Ok(())
}
