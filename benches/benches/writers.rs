//! Many writers at once, each put durable before it is acknowledged: goal S3.
//!
//! `cargo bench -p benches -- writers`; `-- writers/redb` picks an engine. Blocks of
//! 256 B go into a store that has some already, so that the folders of the file engine are there.
//! What is compared is measured in turns, and each figure is the median of its turns, in
//! microseconds a put:
//!
//! - `64 writers`: as many threads, each of which puts one block after the other
//! - `commits`: how many flushes of the engine that took, a put
//! - `a batch`: one thread that puts batches of 64, each durable
//! - `bare`: the 64 threads on the bare engine; RocksDB groups them by itself, the others do not
//! - `hand-off`: one wake-up of another thread and back
//! - `goal`: 1.5 x a batch and a hand-off
#![allow(clippy::unwrap_used, missing_docs)]

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use benches::{CACHE, Selection, blocks, disk_engines, hand_off, in_turns, key, open, raw};
use block_cid::{Block, Blockstore};
use demo::{Column, Data, Table};
use persistent::Durability;

const TURNS: usize = 7;
const WRITERS: usize = 64;

/// What one writer puts in one turn: so many that the first group, which is one writer, does not
/// count.
const EACH: usize = 32;

/// Four blocks a folder of the file engine, about.
const BEFORE: u64 = 4096;

fn main() {
    let selection = Selection::from_args();
    let data = Data::new(3);
    let next = AtomicU64::new(0);
    let fresh = |count: u64| blocks(&data, next.fetch_add(count, Relaxed), count, 256);
    let mut table = Table::new([
        Column::left("256 B, us a put"),
        Column::right("64 writers"),
        Column::right("commits"),
        Column::right("a batch"),
        Column::right("bare"),
        Column::right("hand-off"),
        Column::right("goal"),
    ]);
    let mut any = false;
    for kind in disk_engines() {
        if !selection.wants(&format!("writers/{kind}")) {
            continue;
        }
        any = true;
        let dir = tempfile::tempdir().unwrap();
        let bare = raw::open(kind, dir.path(), CACHE).unwrap();
        let store = open(kind, &dir.path().join("store"), Durability::Each)
            .unwrap()
            .into_blocks();
        let before = fresh(BEFORE);
        store.put_many(&before).unwrap();
        bare.put_many(&entries(&before), true);

        let (commits, turns) = (Cell::new(0), Cell::new(0));
        let [writers, batch, bare, hand_off] = in_turns(
            TURNS,
            [
                &|| {
                    let before = store.store().commits();
                    let took = at_once(&fresh(puts()), |block| store.put(block).unwrap());
                    commits.set(commits.get() + store.store().commits() - before);
                    turns.set(turns.get() + 1);
                    took
                },
                &|| {
                    let all = fresh(puts());
                    let start = Instant::now();
                    for part in all.chunks(WRITERS) {
                        store.put_many(part).unwrap();
                    }
                    micros(start, puts())
                },
                &|| {
                    at_once(&fresh(puts()), |block| {
                        bare.put_many(&entries(std::slice::from_ref(block)), true);
                    })
                },
                &|| hand_off(1000),
            ],
        );
        let goal = 1.5 * batch + hand_off;
        let commits = commits.get() as f64 / (turns.get() * puts()) as f64;
        let [writers, batch, bare, hand_off, goal] =
            [writers, batch, bare, hand_off, goal].map(|us| format!("{us:.1}"));
        let commits = format!("{commits:.3}");
        table.row([
            kind.name(),
            &writers,
            &commits,
            &batch,
            &bare,
            &hand_off,
            &goal,
        ]);
    }
    if any {
        println!("{table}");
    }
}

/// What all writers put in one turn.
fn puts() -> u64 {
    (WRITERS * EACH) as u64
}

fn micros(start: Instant, calls: u64) -> f64 {
    start.elapsed().as_secs_f64() * 1e6 / calls as f64
}

fn entries(blocks: &[Block]) -> Vec<(Vec<u8>, bytes::Bytes)> {
    let entry = |block: &Block| (key(block), block.data().clone());
    blocks.iter().map(entry).collect()
}

/// Microseconds a put, where each writer has its part of `all`.
fn at_once(all: &[Block], put: impl Fn(&Block) + Sync) -> f64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for part in all.chunks(EACH) {
            let put = &put;
            scope.spawn(move || part.iter().for_each(put));
        }
    });
    micros(start, all.len() as u64)
}
