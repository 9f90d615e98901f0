//! How much memory the index of `pack` takes: a store of so many blocks of 8 bytes, put, and opened
//! again. More than 64 MiB to 20,000,000 blocks, or 192 MiB beyond, is an error.
//!
//! `cargo run --release -p persistent --example index -- 3000000 FOLDER`, on Linux. In the folder, or
//! that of temporary files, it takes 100 bytes a block, and half as much again while runs are merged, and leaves nothing.

use std::time::{Duration, Instant};

use block_cid::hash::sha2_256;
use datastore::{Batch, Key};
use persistent::engine::{Engine, Flush, Options};
use persistent::engines::pack::Pack;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const BATCH: u64 = 4096;

fn block(n: u64) -> Result<(Key, [u8; 8])> {
    let value = n.to_le_bytes();
    Ok((Key::block(&sha2_256(&value).to_bytes())?, value))
}

/// MiB of memory of this process: now, and at most so far.
fn memory() -> Result<[u64; 2]> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let of = |name: &str| -> Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.ok_or("no such line")?.parse::<u64>()? / 1024)
    };
    Ok([of("VmRSS:")?, of("VmHWM:")?])
}

fn told(what: &str, time: Duration) -> Result<()> {
    let [now, most] = memory()?;
    println!("{what:<30} {time:>9.1?}   {now:>4} MiB now, {most:>4} at most");
    Ok(())
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let count: u64 = args.next().ok_or("how many blocks?")?.parse()?;
    let folder = match args.next() {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let options = Options::new(folder.path().join("blocks"));
    told("at the beginning", Duration::ZERO)?;

    let begun = Instant::now();
    let store = Pack::open(&options)?;
    for first in (0..count).step_by(BATCH as usize) {
        let mut batch = Batch::new();
        for n in first..count.min(first + BATCH) {
            let (key, value) = block(n)?;
            batch.put(key, value.to_vec());
        }
        store.write(&batch, Flush::No)?;
    }
    told("put", begun.elapsed())?;
    store.close()?;
    drop(store);
    told("closed", begun.elapsed())?;

    let begun = Instant::now();
    let store = Pack::open(&options)?;
    told("opened again", begun.elapsed())?;
    let looks = 1_000_000.min(count);
    for (what, first) in [("each of its blocks", 0), ("each absent block", count)] {
        let begun = Instant::now();
        let step = count / looks;
        for n in 0..looks {
            let there = store.has(&block(first + n * step)?.0)?;
            if there != (first == 0) {
                return Err(format!("block {}: {there}", first + n * step).into());
            }
        }
        told(what, begun.elapsed() / looks as u32)?;
    }
    store.close()?;
    let [_, most] = memory()?;
    let budget = if count <= 20_000_000 { 64 } else { 192 };
    match most <= budget {
        true => Ok(()),
        false => Err(format!("{most} MiB, and no more than {budget} were to be taken").into()),
    }
}
