//! `get` through our whole wrapper beside the bare engine: goal S2.
//!
//! `cargo bench -p benches -- get` measures every engine of the build, and `-- get/redb` one. `get/ENGINE/BYTES/raw | ours | ours+hash | sha2-256` is one block, warm.
#![allow(clippy::unwrap_used, missing_docs)]

mod short;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use benches::{CACHE, Selection, blocks, disk_engines, entries, key, open, raw};
use block_cid::{Blocks, Blockstore, Verify};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use demo::Data;
use persistent::Durability;

/// Bytes of a block.
const SIZES: [usize; 4] = [256, 4 << 10, 256 << 10, 1 << 20];

fn get(c: &mut Criterion) {
    let selection = Selection::from_args();
    let data = Data::new(2);
    for kind in disk_engines() {
        for len in SIZES {
            if !selection.wants(&format!("get/{kind}/{len}")) {
                continue;
            }
            // 64 MiB at most: warm, as the cache is larger.
            let count = (64 << 20) / len.max(4 << 10) as u64;
            let all = blocks(&data, 0, count, len);
            let dir = tempfile::tempdir().unwrap();
            let bare = raw::open(kind, dir.path(), CACHE).unwrap();
            let ours = open(kind, &dir.path().join("store"), Durability::Batch).unwrap();
            for part in all.chunks(512) {
                bare.put_many(&entries(part), false);
                ours.blocks().put_many(part).unwrap();
            }
            let mut group = c.benchmark_group(format!("get/{kind}/{len}"));
            group.throughput(Throughput::Bytes(len as u64));
            // Random order without the cost of making it: an odd stride through the blocks.
            let at = AtomicU64::new(0);
            let pick = || {
                all.get((at.fetch_add(7919, Relaxed) % count) as usize)
                    .unwrap()
            };
            group.bench_function("raw", |b| b.iter(|| bare.get(&key(pick()))));
            let trusting = Blocks::new(&ours).with_verify(Verify::Never);
            group.bench_function("ours", |b| {
                b.iter(|| trusting.get(pick().cid()).unwrap().unwrap())
            });
            let proving = Blocks::new(&ours).with_verify(Verify::Always);
            group.bench_function("ours+hash", |b| {
                b.iter(|| proving.get(pick().cid()).unwrap().unwrap())
            });
            group.bench_function("sha2-256", |b| {
                b.iter(|| block_cid::hash::sha2_256(pick().data()))
            });
            group.finish();
        }
    }
}

criterion_group! {
    name = benches;
    config = short::seconds(2);
    targets = get
}
criterion_main!(benches);
