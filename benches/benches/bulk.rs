//! `put_many` through our whole wrapper beside the bare engine: goal S1.
//!
//! `cargo bench -p benches -- put_many`; `-- put_many/redb` picks an engine. Each turn puts as
//! many bytes as an engine holds in memory, so that what it does in the background falls into
//! every turn. Figures are medians of the turns, in MiB/s:
//!
//! - `bare`: the bare engine, batch by batch, not flushed
//! - `ours`: the same, of blocks already proven, through `Blocks::put_many`
//! - `with hash`: of blocks that are not proven, so hashed on the way in
//! - `write`: the same bytes written to one file, a batch with one call, and not flushed
//! - `sha2-256`: the hash of the same bytes on one core, alone
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs::File;
use std::io::{IoSlice, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use benches::{CACHE, Selection, blocks, disk_engines, entries, in_turns, open, raw};
use block_cid::{Block, Blockstore};
use demo::{Column, Data, Table};
use persistent::Durability;

const TURNS: usize = 9;

/// Bytes of a block, blocks of a batch, and batches of a turn: 32 MiB but for the smallest.
const SIZES: [(usize, u64, u64); 5] = [
    (256, 1024, 32),
    (4 << 10, 256, 32),
    (64 << 10, 64, 8),
    (256 << 10, 16, 8),
    (1 << 20, 8, 4),
];

fn main() {
    let selection = Selection::from_args();
    let data = Data::new(1);
    let next = AtomicU64::new(0);
    let mut table = Table::new([
        Column::left("put_many, MiB/s"),
        Column::right("bytes"),
        Column::right("bare"),
        Column::right("ours"),
        Column::right("ours / bare"),
        Column::right("with hash"),
        Column::right("write"),
        Column::right("sha2-256"),
    ]);
    let mut any = false;
    for kind in disk_engines() {
        for (len, count, batches) in SIZES {
            if !selection.wants(&format!("put_many/{kind}/{len}")) {
                continue;
            }
            any = true;
            let dir = tempfile::tempdir().unwrap();
            let bare = raw::open(kind, dir.path(), CACHE).unwrap();
            let store = |name| {
                let store = open(kind, &dir.path().join(name), Durability::Batch);
                store.unwrap().into_blocks()
            };
            // Each its own, so that none waits for what another left to the background.
            let (ours, hashing) = (store("ours"), store("hashing"));
            let fresh = || {
                let all = count * batches;
                blocks(&data, next.fetch_add(all, Relaxed), all, len)
            };
            // MiB/s of what `put` does with each batch of `all`.
            let rate = |all: &[Block], put: &dyn Fn(&[Block])| {
                let start = Instant::now();
                all.chunks(count as usize).for_each(put);
                (len * all.len()) as f64 / (1 << 20) as f64 / start.elapsed().as_secs_f64()
            };
            let plain = File::create(dir.path().join("plain")).unwrap();
            let [bare, trusted, hashed, written, sha2] = in_turns(
                TURNS,
                [
                    &|| rate(&fresh(), &|part| bare.put_many(&entries(part), false)),
                    &|| rate(&fresh(), &|part| ours.put_many(part).unwrap()),
                    &|| rate(&claimed(&fresh()), &|part| hashing.put_many(part).unwrap()),
                    &|| rate(&fresh(), &|part| write(&plain, part)),
                    &|| {
                        rate(&fresh(), &|part| {
                            for block in part {
                                std::hint::black_box(block_cid::hash::sha2_256(block.data()));
                            }
                        })
                    },
                ],
            );
            let [bare_, trusted_, hashed, written, sha2] =
                [bare, trusted, hashed, written, sha2].map(|rate| format!("{rate:.0}"));
            table.row([
                kind.name(),
                &len.to_string(),
                &bare_,
                &trusted_,
                &format!("{:.2}", trusted / bare),
                &hashed,
                &written,
                &sha2,
            ]);
        }
    }
    if any {
        println!("{table}");
    }
}

fn write(mut file: &File, blocks: &[Block]) {
    let mut parts: Vec<IoSlice<'_>> = blocks.iter().map(|b| IoSlice::new(b.data())).collect();
    let mut parts = &mut parts[..];
    while !parts.is_empty() {
        let written = file.write_vectored(parts).unwrap();
        IoSlice::advance_slices(&mut parts, written);
    }
}

fn claimed(blocks: &[Block]) -> Vec<Block> {
    let claim = |block: &Block| Block::claimed(*block.cid(), block.data().clone());
    blocks.iter().map(claim).collect()
}
