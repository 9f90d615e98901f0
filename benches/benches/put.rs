//! `put` of one block, not flushed, through our whole wrapper beside the bare engine.
//!
//! `cargo bench -p benches -- put/` measures every engine of the build, and `-- put/redb` one;
//! `put/ENGINE/BYTES/raw | ours` is one block that is new.
#![allow(clippy::unwrap_used, missing_docs)]

mod short;

use benches::{CACHE, Selection, blocks, disk_engines, key, open, raw};
use block_cid::Blockstore;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use demo::Data;
use persistent::Durability;

/// Bytes of a block.
const SIZES: [usize; 3] = [256, 4 << 10, 256 << 10];

fn put(c: &mut Criterion) {
    let selection = Selection::from_args();
    let data = Data::new(7);
    for kind in disk_engines() {
        for len in SIZES {
            if !selection.wants(&format!("put/{kind}/{len}")) {
                continue;
            }
            let dir = tempfile::tempdir().unwrap();
            let bare = raw::open(kind, dir.path(), CACHE).unwrap();
            let ours = open(kind, &dir.path().join("store"), Durability::None).unwrap();
            let ours = ours.into_blocks();
            let mut next = 0;
            let mut fresh = || {
                next += 1;
                blocks(&data, next, 1, len).remove(0)
            };
            let mut group = c.benchmark_group(format!("put/{kind}/{len}"));
            group.throughput(Throughput::Bytes(len as u64));
            group.bench_function("raw", |b| {
                b.iter_batched(
                    &mut fresh,
                    |block| bare.put_many(&[(key(&block), block.data().clone())], false),
                    BatchSize::SmallInput,
                )
            });
            group.bench_function("ours", |b| {
                b.iter_batched(
                    &mut fresh,
                    |block| ours.put(&block).unwrap(),
                    BatchSize::SmallInput,
                )
            });
            group.finish();
        }
    }
}

criterion_group! {
    name = benches;
    config = short::seconds(1);
    targets = put
}
criterion_main!(benches);
