//! What it costs to hash a block, one by one and many at once.
//!
//! `cargo bench -p benches -- hash`: `hash/NAME/BYTES`, and `hash/sha2-256-many/BYTES` of 256 blocks at
//! once, on one core where the processor hashes by itself and side by side where it does not.
#![allow(clippy::unwrap_used, missing_docs)]

mod short;

use std::hint::black_box;

use benches::Selection;
use block_cid::{Hash, hash};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use demo::Data;

/// Blocks of a batch.
const MANY: u64 = 256;

fn hashes(c: &mut Criterion) {
    if !Selection::from_args().wants("hash") {
        return;
    }
    let data = Data::new(8);
    let mut group = c.benchmark_group("hash");
    for len in [256, 4 << 10, 256 << 10] {
        let block = data.block(0, len);
        group.throughput(Throughput::Bytes(len as u64));
        for (name, code) in [("sha2-256", Hash::SHA2_256), ("blake3", Hash::BLAKE3)] {
            group.bench_function(format!("{name}/{len}"), |b| {
                b.iter(|| hash::hash(code, black_box(&block)).unwrap())
            });
        }
        let many: Vec<Vec<u8>> = (0..MANY).map(|n| data.block(n, len)).collect();
        group.throughput(Throughput::Bytes(MANY * len as u64));
        group.bench_function(format!("sha2-256-many/{len}"), |b| {
            b.iter(|| hash::hash_many(Hash::SHA2_256, black_box(&many)).unwrap())
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = short::seconds(1);
    targets = hashes
}
criterion_main!(benches);
