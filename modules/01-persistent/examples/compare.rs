//! The table of engines in the README, measured: `cargo run --release -p persistent --example
//! compare`.
//!
//! Each engine gets the same blocks under the same promise (each write on disk before the next),
//! in a process and a folder of its own; three rounds, the engines in turn, and of each figure the
//! median of the rounds. Reads find the data in the page cache, and are hashed. Folders are made
//! where the program is run, since what is measured is that disk.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use demo::{Data, units};
use persistent::{Config, Kind, Persistent};
use serde::{Deserialize, Serialize};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The title row of the table.
const TITLES: &str =
    "| engine | put 4 KiB | put 256 KiB | get 4 KiB | get 256 KiB | memory | on disk | open |";
const LINE: &str = "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";

const ROUNDS: usize = 3;
const SMALL: (u64, usize) = (2000, 4 << 10);
const LARGE: (u64, usize) = (200, 256 << 10);
const OPENS: usize = 5;

/// What one round of one engine measured: microseconds and bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Round {
    put_small: f64,
    put_large: f64,
    get_small: f64,
    get_large: f64,
    memory: f64,
    disk: f64,
    open: f64,
}

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["round", kind, folder] => {
            let round = round(kind.parse()?, Path::new(folder))?;
            println!("{}", serde_json::to_string(&round)?);
            Ok(())
        }
        [] => table(),
        _ => Err("compare takes no arguments".into()),
    }
}

fn table() -> Result<()> {
    let place = env::current_dir()?.join(format!(".compare-{}", std::process::id()));
    let rounds = all_rounds(&place);
    // Whatever was measured, nothing is left.
    let _ = fs::remove_dir_all(&place);
    let rounds = rounds?;
    let data = SMALL.0 * SMALL.1 as u64 + LARGE.0 * LARGE.1 as u64;
    println!("{}", machine()?);
    println!(
        "{} blocks of 4 KiB and {} of 256 KiB, {} in all; durability `Each`; medians.",
        SMALL.0,
        LARGE.0,
        units::bytes(data)
    );
    println!();
    println!("{TITLES}");
    println!("{LINE}");
    for (kind, rounds) in rounds {
        let median = |part: fn(&Round) -> f64| median(rounds.iter().map(part).collect());
        let time = |part| units::duration(Duration::from_nanos((median(part) * 1e3) as u64));
        let size = |part| units::bytes(median(part) as u64);
        let on_disk = match kind.is_on_disk() {
            true => size(|r| r.disk),
            false => "nothing".to_owned(),
        };
        println!(
            "| {kind} | {} | {} | {} | {} | {} | {on_disk} | {} |",
            time(|r| r.put_small),
            time(|r| r.put_large),
            time(|r| r.get_small),
            time(|r| r.get_large),
            size(|r| r.memory),
            time(|r| r.open),
        );
    }
    Ok(())
}

fn all_rounds(place: &Path) -> Result<Vec<(Kind, Vec<Round>)>> {
    let mut all: Vec<_> = Kind::built().map(|kind| (kind, Vec::new())).collect();
    for n in 0..ROUNDS {
        for (kind, rounds) in &mut all {
            let folder = place.join(format!("{kind}-{n}"));
            fs::create_dir_all(&folder)?;
            let output = Command::new(env::current_exe()?)
                .args(["round", kind.name()])
                .arg(&folder)
                .stderr(Stdio::inherit())
                .output()?;
            if !output.status.success() {
                return Err(format!("{kind}: {}", output.status).into());
            }
            rounds.push(serde_json::from_slice(&output.stdout)?);
            fs::remove_dir_all(&folder)?;
        }
    }
    Ok(all)
}

fn round(kind: Kind, folder: &Path) -> Result<Round> {
    let mut config = Config::new(kind);
    if kind.is_on_disk() {
        config = config.with_path(folder.join("store"));
    }
    let (small, large) = (Source::new(1, SMALL), Source::new(2, LARGE));
    // From the first large piece on that is given back, glibc keeps such pieces for the next one.
    // Before, it gives each back to the system, and a get of 256 KiB takes twice as long: which engine
    // has had such a piece is not what is compared here.
    drop(std::hint::black_box(vec![1u8; 1 << 20]));
    let before = resident()?;
    let store = Persistent::open(&config)?;
    let put_small = small.put(&store)?;
    let put_large = large.put(&store)?;
    let get_small = small.get(&store)?;
    let get_large = large.get(&store)?;
    let memory = resident()?.saturating_sub(before) as f64;
    store.close()?;
    drop(store);
    let mut opens = Vec::new();
    for _ in 0..OPENS {
        let start = Instant::now();
        let store = Persistent::open(&config)?;
        opens.push(micros(start));
        store.close()?;
    }
    // As the file system counts it, after everything is closed.
    let disk = allocated(folder)? as f64;
    Ok(Round {
        put_small,
        put_large,
        get_small,
        get_large,
        memory,
        disk,
        open: median(opens),
    })
}

/// Blocks that are made one at a time, so that they take no memory.
struct Source {
    data: Data,
    count: u64,
    len: usize,
}

impl Source {
    fn new(seed: u64, (count, len): (u64, usize)) -> Source {
        let data = Data::new(seed);
        Source { data, count, len }
    }

    /// The median time of a put. Making and hashing a block are not in it: both are the same for
    /// every engine.
    fn put(&self, store: &Persistent) -> Result<f64> {
        let blocks = store.blocks();
        let mut times = Vec::new();
        for n in 0..self.count {
            let block = Block::raw(self.data.block(n, self.len));
            let start = Instant::now();
            blocks.put(&block)?;
            times.push(micros(start));
        }
        Ok(median(times))
    }

    /// The median time of a get, in an order that is not that of the puts; the bytes are compared.
    fn get(&self, store: &Persistent) -> Result<f64> {
        let blocks = store.blocks();
        let mut times = Vec::new();
        for n in 0..self.count {
            // 7919 is prime and larger than any count here, so each number comes once.
            let block = Block::raw(self.data.block(n * 7919 % self.count, self.len));
            let start = Instant::now();
            let found = blocks.get(block.cid())?;
            times.push(micros(start));
            if found.as_ref().map(Block::data) != Some(block.data()) {
                return Err(format!("{} came back as something else", block.cid()).into());
            }
        }
        Ok(median(times))
    }
}

fn micros(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Bytes of memory that this process has, from Linux.
fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number
        .ok_or("no VmRSS in /proc/self/status")?
        .parse::<u64>()?
        * 1024)
}

/// Bytes allocated below `folder`.
fn allocated(folder: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut todo: Vec<PathBuf> = vec![folder.to_owned()];
    let mut bytes = 0;
    while let Some(path) = todo.pop() {
        let meta = fs::symlink_metadata(&path)?;
        bytes += meta.blocks() * 512;
        if meta.is_dir() {
            for entry in fs::read_dir(&path)? {
                todo.push(entry?.path());
            }
        }
    }
    Ok(bytes)
}

/// Processor, cores and file system, as a sentence.
fn machine() -> Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name| {
        let line = cpus.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split(':').nth(1)).map(str::trim)
    };
    let cores = std::thread::available_parallelism()?;
    let here = env::current_dir()?;
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let of_here = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (point, fs) = (words.next()?.to_owned(), words.next()?.to_owned());
        here.starts_with(&point).then_some((point.len(), fs))
    };
    let fs = mounts.lines().filter_map(of_here).max();
    Ok(format!(
        "Measured on {cores} cores of {}, {}, Linux; a release build.",
        field("model name").unwrap_or("an unnamed processor"),
        fs.map_or("an unknown file system".to_owned(), |(_, fs)| fs),
    ))
}
