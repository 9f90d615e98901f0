//! What a pass over a whole store of `pack` takes: to verify it, to back it up, to migrate it, and to
//! make its index anew; each with its files in the page cache of the system (warm), and without (cold).
//!
//! `cargo run --release -p persistent --example passes -- 1000000 256 FOLDER`: so many blocks of so
//! many bytes, in a folder that takes three times that and is left empty. Linux alone can do it cold.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use block_cid::Block;
use datastore::disk::Mode;
use datastore::{Datastore, Disk, Os};
use persistent::ops::verify::Mend;
use persistent::ops::{self, Backup, Silent};
use persistent::{Config, Durability, Kind, Persistent};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Blocks of so many bytes are put at once.
const BATCH: usize = 16 << 20;

fn config(path: impl Into<PathBuf>) -> Config {
    let config = Config::new(Kind::Pack).with_path(path);
    config.with_durability(Durability::Batch)
}

/// A block that is like no other, and that nobody compresses.
fn block(n: u64, len: usize) -> Block {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut value = Vec::with_capacity(len + 8);
    while value.len() < len {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value.extend((mixed ^ (mixed >> 32)).to_le_bytes());
    }
    value.truncate(len);
    Block::raw(value)
}

fn make(path: &Path, count: u64, len: usize) -> Result<()> {
    use block_cid::Blockstore;
    let store = Persistent::open(&config(path))?;
    let at_once = (BATCH / len.max(1)).clamp(1, 4096);
    let mut n = 0;
    while n < count {
        let end = count.min(n + at_once as u64);
        let blocks: Vec<Block> = (n..end).map(|n| block(n, len)).collect();
        store.blocks().put_many(&blocks)?;
        n = end;
    }
    Ok(store.close()?)
}

/// Has nothing of these files in the page cache.
fn uncache(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => uncache(&path)?,
            false => {
                let file = Os.open(&path, Mode::Read)?;
                file.uncache()?;
            }
        }
    }
    Ok(())
}

/// The index is made anew.
fn rebuild(store: &Path, count: u64) -> Result<[Moment; 2]> {
    for entry in fs::read_dir(store.join("blocks"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|name| name == "run") {
            fs::remove_file(path)?;
        }
    }
    let begun = now()?;
    let store = Persistent::open(&config(store))?;
    let end = now()?;
    let there = store.keys(&datastore::Key::blocks())?.count() as u64;
    store.close()?;
    match there == count {
        true => Ok([begun, end]),
        false => Err(format!("{there} blocks came back of {count}").into()),
    }
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let count: u64 = args.next().ok_or("how many blocks?")?.parse()?;
    let len: usize = args.next().ok_or("of how many bytes?")?.parse()?;
    let folder = tempfile::tempdir_in(args.next().ok_or("in which folder?")?)?;
    let (store, copy) = (folder.path().join("store"), folder.path().join("copy"));
    make(&store, count, len)?;

    let verify = || -> Result<u64> {
        let store = Persistent::open(&config(&store))?;
        let report = ops::verify(&store, &Mend::default(), &Silent, &mut |_| Ok(()))?;
        store.close()?;
        match report.is_good() {
            true => Ok(report.blocks),
            false => Err("something is wrong with it".into()),
        }
    };
    let migrate = || -> Result<u64> {
        let done = ops::migrate(&config(&store), &config(&copy), false, &Silent)?;
        fs::remove_dir_all(&copy)?;
        Ok(done.blocks)
    };
    let backup = || -> Result<u64> {
        let store = Persistent::open(&config(&store))?;
        let saved = ops::backup(&store, &copy, &Backup::of("pack"), &Silent, &mut |_| ())?;
        store.close()?;
        fs::remove_file(&copy)?;
        Ok(saved.blocks)
    };
    let passes: [(&str, &dyn Fn() -> Result<u64>); 3] = [
        ("verify", &verify),
        ("migrate", &migrate),
        ("backup", &backup),
    ];
    for (name, pass) in passes {
        for (how, cold) in [("cold", true), ("warm", false)] {
            if cold {
                uncache(&store)?;
            }
            let begun = now()?;
            let blocks = pass()?;
            told(name, how, begun, now()?);
            if blocks != count {
                return Err(format!("{name}: {blocks} blocks of {count}").into());
            }
        }
    }
    for (how, cold) in [("cold", true), ("warm", false)] {
        if cold {
            uncache(&store)?;
        }
        let [begun, end] = rebuild(&store, count)?;
        told("rebuild", how, begun, end);
    }
    Ok(())
}

/// A moment: on the clock, and in time of all processors that this process took.
#[derive(Clone, Copy)]
struct Moment(Instant, Duration);

fn now() -> Result<Moment> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").ok_or("no such field")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>);
    let ticks: u64 = ticks.sum::<std::result::Result<u64, _>>()?;
    Ok(Moment(Instant::now(), Duration::from_millis(ticks * 10)))
}

fn told(name: &str, how: &str, begun: Moment, end: Moment) {
    let (took, cpu) = (end.0 - begun.0, end.1 - begun.1);
    let (took, cpu) = (took.as_secs_f64(), cpu.as_secs_f64());
    println!("{name:<8} {how}  {took:>8.2} s, {cpu:>8.2} s of processors");
}
