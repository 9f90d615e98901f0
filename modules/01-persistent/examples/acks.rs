//! What the record of acknowledgements costs, against what it is kept instead of.
//!
//! ```text
//! cargo run --release -p persistent --example acks [ROUNDS] [FOLDER]
//! ```
//!
//! Each round puts new blocks into two stores that differ in the record alone, one after the
//! other, in turns; the median round of each counts. `has` is what a count and a hash over the set
//! of blocks would need before each put: whether the block is new. Microseconds of processor time a
//! block, without what the engine does on threads of its own, and without waiting for the disk.

use std::path::Path;
use std::thread;

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Key};
use demo::Data;
use persistent::{Config, Durability, Kind, Persistent};
use rustix::time::{ClockId, clock_gettime};

/// How blocks are put.
#[derive(Clone, Copy)]
struct Mode {
    name: &'static str,
    durability: Durability,
    size: usize,
    /// Blocks in a round.
    count: u64,
    /// Blocks in a call.
    batch: usize,
    threads: u64,
}

const MODES: [Mode; 6] = [
    mode("single, each", Durability::Each, 256, 64, 1, 1),
    mode("single, each", Durability::Each, 4096, 64, 1, 1),
    mode("64 writers, each", Durability::Each, 256, 1024, 1, 64),
    mode("put_many of 256, each", Durability::Each, 256, 1024, 256, 1),
    mode(
        "put_many of 256, batch",
        Durability::Batch,
        4096,
        2048,
        256,
        1,
    ),
    mode("single, batch", Durability::Batch, 256, 4096, 1, 1),
];

const fn mode(
    name: &'static str,
    durability: Durability,
    size: usize,
    count: u64,
    batch: usize,
    threads: u64,
) -> Mode {
    Mode {
        name,
        durability,
        size,
        count,
        batch,
        threads,
    }
}

fn open(kind: Kind, dir: &Path, mode: Mode, acks: bool) -> anyhow::Result<Persistent> {
    let name = format!("{kind}-{acks}");
    let config = Config::new(kind).with_path(dir.join(name)).with_acks(acks);
    let config = config.with_durability(mode.durability).with_min_free(0);
    Ok(Persistent::open(&config)?)
}

/// Microseconds that this thread was on a processor: on a machine that does other work, too, they
/// repeat, and those of a clock on the wall do not.
fn spent() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// Microseconds a block, of all writers together.
fn put(store: &Persistent, mode: Mode, data: &Data, from: u64) -> anyhow::Result<f64> {
    let made: Vec<Block> = (from..from + mode.count)
        .map(|n| Block::raw(data.block(n, mode.size)))
        .collect();
    let parts = made.chunks((mode.count / mode.threads).max(1) as usize);
    let work = &|part: &[Block]| -> anyhow::Result<f64> {
        let (blocks, begun) = (store.blocks(), spent());
        for call in part.chunks(mode.batch) {
            blocks.put_many(call)?;
        }
        Ok(spent() - begun)
    };
    let times: anyhow::Result<Vec<f64>> = thread::scope(|scope| {
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let ends = threads.into_iter().map(|thread| thread.join());
        ends.map(|end| end.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    Ok(times?.iter().sum::<f64>() / mode.count as f64)
}

fn has(store: &Persistent, mode: Mode, data: &Data, from: u64) -> anyhow::Result<f64> {
    let keys = (from..from + mode.count)
        .map(|n| Key::block(&Block::raw(data.block(n, mode.size)).cid().hash().to_bytes()));
    let keys = keys.collect::<Result<Vec<Key>, _>>()?;
    let begun = spent();
    for key in &keys {
        store.has(key)?;
    }
    Ok((spent() - begun) / mode.count as f64)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> anyhow::Result<()> {
    let rounds = std::env::args()
        .nth(1)
        .map_or(Ok(21), |text| text.parse())?;
    let folder = std::env::args().nth(2);
    let folder = folder.map_or(std::env::temp_dir(), std::path::PathBuf::from);
    println!("engine  bytes  how                     without    with  more   has");
    for kind in Kind::built().filter(|kind| kind.is_on_disk()) {
        for mode in MODES {
            let dir = tempfile::tempdir_in(&folder)?;
            let (without, with) = (
                open(kind, dir.path(), mode, false)?,
                open(kind, dir.path(), mode, true)?,
            );
            let data = Data::new(9);
            let mut times = [Vec::new(), Vec::new(), Vec::new()];
            for round in 0..rounds {
                let from = round * mode.count;
                let [a, b, c] = &mut times;
                c.push(has(&without, mode, &data, from)?);
                // Neither is always the first.
                if round % 2 == 0 {
                    a.push(put(&without, mode, &data, from)?);
                    b.push(put(&with, mode, &data, from)?);
                } else {
                    b.push(put(&with, mode, &data, from)?);
                    a.push(put(&without, mode, &data, from)?);
                }
            }
            let [without, with, has] = times.map(median);
            let more = (with / without - 1.0) * 100.0;
            let Mode { name, size, .. } = mode;
            println!(
                "{kind:<7} {size:>5}  {name:<22} {without:>8.2} {with:>7.2} {more:>4.1}% {has:>5.2}"
            );
        }
    }
    Ok(())
}
