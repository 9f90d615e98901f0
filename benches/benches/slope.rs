//! How an engine goes as its store grows: goal S12, and the budgets of `pack`.
//!
//! `cargo bench -p benches --bench slope`; `CAIRN_KINDS=pack` picks engines, `CAIRN_SLOPE=1000000,
//! 100000000` the sizes, in blocks of 64 bytes; with `CAIRN_LONG` pack goes on to twenty million. One
//! store grows through all sizes. Figures, each of the
//! last tenth of a million operations at that size or of as many as there are:
//!
//! - `put`, `get`, `absent`: microseconds a block, put by the thousand, read one by one at random
//! - `open`: milliseconds to open the store after it was closed
//! - `memory`: MiB that the process takes with the store open, beyond what it took before
//! - `disk`: bytes on disk a block
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::process::Command;
use std::time::Instant;

use benches::{CACHE, Selection, blocks, disk_engines};
use block_cid::{Block, Blocks, Blockstore, Verify};
use datastore::Datastore;
use demo::{Column, Data, Table};
use persistent::{Config, Durability, Kind, Persistent};

/// Blocks that a store has when it is looked at.
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

/// What pack goes on to in a long run.
const LONGER: &[u64] = &[3_000_000, 20_000_000];

const LEN: usize = 64;
const BATCH: u64 = 1000;

/// How many operations a figure is of, at most.
const COUNT: u64 = 100_000;

fn main() {
    let sizes = std::env::var("CAIRN_SLOPE").ok();
    let sizes: Vec<u64> = sizes.map_or(SIZES.to_vec(), |sizes| {
        let size = |text: &str| text.parse().expect("CAIRN_SLOPE is numbers of blocks");
        sizes.split(',').map(size).collect()
    });
    let selection = Selection::from_args();
    let wanted = |kind: &Kind| selection.wants(&format!("slope/{kind}"));
    let kinds: Vec<Kind> = disk_engines().filter(wanted).collect();
    let [kind] = kinds[..] else {
        // Each in a process of its own, for what one has freed the system still counts.
        for kind in kinds {
            let mut own = Command::new(std::env::current_exe().unwrap());
            let ended = own.env("CAIRN_KINDS", kind.name()).status();
            assert!(ended.unwrap().success(), "{kind} ended badly");
        }
        return;
    };
    let columns = ["put", "get", "absent", "open", "memory", "disk"];
    let mut table = Table::new(
        [Column::left("engine"), Column::right("blocks")]
            .into_iter()
            .chain(columns.map(Column::right)),
    );
    let longer = match kind {
        Kind::Pack if std::env::var_os("CAIRN_LONG").is_some() => LONGER,
        _ => &[],
    };
    let dir = tempfile::tempdir().unwrap();
    let open = || {
        let config = Config::new(kind)
            .with_path(dir.path())
            .with_cache(CACHE / 4)
            .with_durability(Durability::None);
        Persistent::open(&config).unwrap()
    };
    let before = resident();
    let mut store = open();
    let mut there = 0;
    for size in sizes.iter().chain(longer) {
        let figures = grow(&store, there, *size);
        there = *size;
        store.close().unwrap();
        drop(store);
        let start = Instant::now();
        store = open();
        let opened = start.elapsed().as_secs_f64() * 1e3;
        // What it needs in memory it has now.
        look(&store, there);
        let memory = resident().saturating_sub(before) as f64 / f64::from(1 << 20);
        let disk = store.disk_usage().unwrap() as f64 / there as f64;
        let micros = figures.map(|micros| format!("{micros:.2}"));
        let others = [opened, memory, disk].map(|figure| format!("{figure:.0}"));
        let names = [kind.name().to_owned(), size.to_string()];
        table.row(names.into_iter().chain(micros).chain(others));
    }
    println!("{table}");
}

fn data() -> Data {
    Data::new(3)
}

/// Puts the blocks from `from` on until there are `to`; microseconds a put, a get and a has of what is
/// absent, at the end.
fn grow(store: &Persistent, from: u64, to: u64) -> [f64; 3] {
    let data = data();
    let mut put = f64::NAN;
    let last = to.saturating_sub(COUNT).max(from);
    for (begin, end) in [(from, last), (last, to)] {
        let mut took = 0.0;
        let mut at = begin;
        while at < end {
            let count = BATCH.min(end - at);
            let part = blocks(&data, at, count, LEN);
            let start = Instant::now();
            store.blocks().put_many(&part).unwrap();
            took += start.elapsed().as_secs_f64();
            at += count;
        }
        put = took * 1e6 / (end - begin).max(1) as f64;
    }
    let [get, absent] = look(store, to);
    [put, get, absent]
}

/// Microseconds a get, and a has of what is absent, of a store of so many blocks.
fn look(store: &Persistent, size: u64) -> [f64; 2] {
    let data = data();
    let trusting = Blocks::new(store).with_verify(Verify::Never);
    let count = COUNT.min(size);
    // An odd stride visits them in an order that is none, each once.
    let pick = |n: u64, from: u64| {
        let n = from + (n.wrapping_mul(7_368_787) % size);
        *Block::raw(data.block(n, LEN)).cid()
    };
    let time = |from: u64, call: &dyn Fn(&block_cid::Cid) -> bool| {
        let cids: Vec<_> = (0..count).map(|n| pick(n, from)).collect();
        let start = Instant::now();
        assert!(cids.iter().all(call));
        start.elapsed().as_secs_f64() * 1e6 / count as f64
    };
    [
        time(0, &|cid| trusting.get(cid).unwrap().is_some()),
        time(size, &|cid| !trusting.has(cid).unwrap()),
    ]
}

/// Bytes of memory that the process has (`VmRSS` in proc(5)).
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() << 10
}
