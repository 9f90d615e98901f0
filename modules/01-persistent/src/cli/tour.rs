//! The tour: every engine that is built, side by side.
//!
//! Its stores lie in `./data/tour` and stay there to be looked at. The next tour takes its own
//! three blocks out of them, and nothing else, before it begins.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use block_cid::{Block, Blockstore};
use datastore::Datastore;
use demo::{Column, Style, Table, Usage, heading, plain, units};
use persistent::{Config, Kind, Persistent};

use super::args::{NAME, Store};
use super::steps::{self, ms};
use super::{stop, store};

/// Where the stores of the tour are.
const PLACE: &str = "data/tour";

/// What one engine showed.
struct Seen {
    kind: Kind,
    stored: Duration,
    read: Duration,
    opened: Duration,
    disk: u64,
    survived: usize,
}

/// Shows all engines.
pub fn run(args: &Store, out: &mut dyn Write) -> Result<ExitCode> {
    refuse_flags_of_one_engine(args)?;
    let style = Style::stdout();
    let blocks = steps::blocks();
    let count = Kind::built().count();
    writeln!(
        out,
        "{}",
        heading("Storage engines behind one interface", style)
    )?;
    let sizes = blocks
        .each_ref()
        .map(|block| units::bytes(block.len() as u64));
    writeln!(
        out,
        "{count} engines get the same 3 blocks ({}), give them back by\n\
         CID, are closed and opened again. A block is stored when it is on disk, and\n\
         retrieved when its hash is right.",
        sizes.join(", "),
    )?;
    let mut seen = Vec::new();
    let mut code = ExitCode::SUCCESS;
    for kind in Kind::ALL {
        stop::check()?;
        writeln!(out)?;
        writeln!(out, "{}", style.bold(&format!("{kind}: {}", kind.shape())))?;
        if !kind.is_built() {
            writeln!(
                out,
                "  not in this build: it needs libclang, and minutes of C++"
            )?;
            writeln!(out, "    apt install libclang-dev")?;
            writeln!(out, "    cargo run --features {kind} --bin {NAME}")?;
            continue;
        }
        match show(args, kind, &blocks, out) {
            Ok(engine) => seen.push(engine),
            Err(error) if error.is::<std::io::Error>() => return Err(error),
            Err(error) => {
                code = ExitCode::FAILURE;
                writeln!(out, "  {} {error:#}", style.bad("failed:"))?;
            }
        }
    }
    writeln!(out)?;
    summary(&seen, style, out)?;
    next(style, out)?;
    Ok(code)
}

/// The tour gives every engine the same; what is asked of one engine needs its name.
fn refuse_flags_of_one_engine(args: &Store) -> Result<(), Usage> {
    let given = [
        (
            "--path (DATA_PATH)",
            args.path.as_ref().is_some_and(|path| path.0.is_some()),
        ),
        ("--durability", args.durability.is_some()),
        ("--quota", args.quota.is_some()),
        ("--compression", args.compression.is_some()),
        ("--read-only", args.read_only),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Usage::new(format!(
            "{flag} is for one engine, and without BACKEND (--backend) all of them are shown: \
             name one, or give a command"
        ))),
        None => Ok(()),
    }
}

fn show(args: &Store, kind: Kind, blocks: &[Block], out: &mut dyn Write) -> Result<Seen> {
    let config = config(args, kind)?;
    let start = Instant::now();
    let store = Persistent::open(&config)?;
    let opened = start.elapsed();
    let left = steps::count(&store.blocks(), blocks)?;
    for block in blocks {
        store.blocks().delete(block.cid())?;
    }
    let place = store.path().map_or("in memory only".to_owned(), |path| {
        let found = match left {
            0 => "new".to_owned(),
            n => format!("with {n} blocks of the last tour"),
        };
        format!("in {}, {found}", plain(&path.to_string_lossy()))
    });
    writeln!(out, "  initialised in {}, {place}", ms(opened))?;
    let stored = steps::store(&store.blocks(), blocks)?;
    writeln!(out, "  stored 3 blocks, {} on average", ms(stored))?;
    let read = steps::read(&store.blocks(), blocks)?;
    writeln!(out, "  retrieved all 3, {} on average", ms(read))?;
    let disk = store.disk_usage()?;
    store.close()?;
    drop(store);

    let start = Instant::now();
    let store = Persistent::open(&config)?;
    let opened = start.elapsed();
    let survived = steps::count(&store.blocks(), blocks)?;
    let end = match survived {
        0 => "0 of 3 blocks: memory forgets",
        3 => "all 3 blocks",
        _ => "only some of the 3 blocks",
    };
    writeln!(out, "  closed and opened again: {end}")?;
    store.close()?;
    Ok(Seen {
        kind,
        stored,
        read,
        opened,
        disk,
        survived,
    })
}

fn config(args: &Store, kind: Kind) -> Result<Config> {
    let mut config = store::config(args, kind)?;
    if kind.is_on_disk() {
        config.path = Some(Path::new(PLACE).join(kind.name()));
    }
    // Nobody on another machine has a part in a tour.
    config.allow_network_fs = true;
    Ok(config)
}

fn summary(seen: &[Seen], style: Style, out: &mut dyn Write) -> Result<()> {
    let mut times = Table::new([
        Column::left("engine"),
        Column::right("put"),
        Column::right("get"),
        Column::right("open again"),
        Column::right("on disk"),
        Column::left("survives a restart"),
    ])
    .styled(style);
    let mut known = Table::new([
        Column::left("engine"),
        Column::left("compression"),
        Column::left("throughput"),
    ])
    .styled(style);
    for engine in seen {
        times.row([
            engine.kind.name(),
            &ms(engine.stored),
            &ms(engine.read),
            &ms(engine.opened),
            &units::bytes(engine.disk),
            if engine.survived == 3 { "yes" } else { "no" },
        ]);
        let (compression, throughput) = traits(engine.kind);
        known.row([engine.kind.name(), compression, throughput]);
    }
    writeln!(out, "{times}")?;
    write!(out, "{known}")?;
    Ok(())
}

/// What is known of an engine whatever the machine: whether it compresses, and what its throughput
/// hangs on.
fn traits(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Memory => ("none", "as fast as memory and hashing"),
        Kind::File => ("none", "two or three flushes a block; a batch shares them"),
        Kind::Fjall => (
            "lz4, if asked",
            "appends to a log, merges later: small if it compresses",
        ),
        Kind::Rocksdb => ("lz4, if asked", "appends to a log: best with many writers"),
        Kind::Redb => (
            "none",
            "rewrites a path of pages each commit: best at reads",
        ),
        Kind::Pack => ("none", "appends to CARs, one flush a put: best at blocks"),
        _ => ("", ""),
    }
}

fn next(style: Style, out: &mut dyn Write) -> Result<()> {
    writeln!(out)?;
    writeln!(
        out,
        "The data lies in ./{PLACE}, and a restart of this program or of the machine finds\n\
         it there. Only what is in memory is gone."
    )?;
    writeln!(out)?;
    writeln!(out, "{}", style.bold("Next"))?;
    let run = format!("cargo run --bin {NAME}");
    let mut table = Table::new([Column::left(""), Column::left("")]);
    table.row([&format!("BACKEND=redb {run}"), "one engine; run it twice"]);
    table.row([&format!("{run} -- put README.md"), "a file of yours, kept"]);
    table.row([&format!("{run} -- choose --writes"), "an engine for a need"]);
    table.row(["modules/01-persistent/README.md", "the lesson"]);
    for line in table.to_string().lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
