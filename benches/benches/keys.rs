//! Keys of blocks in binary or in base32: what the text costs.
//!
//! `cargo bench -p benches -- keys`. Kubo's datastore keys are base32 text; ours are the
//! multihash itself, 34 bytes instead of 55. Measured in a redb table of 20,000 blocks of 256 B:
//! bulk put, get, and the size of the file.
#![allow(clippy::unwrap_used, missing_docs)]

mod short;

use benches::{Selection, blocks, key, raw};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use demo::Data;
use persistent::Kind;

fn keys(c: &mut Criterion) {
    const COUNT: u64 = 20_000;
    if !Selection::from_args().wants("keys") {
        return;
    }
    let all = blocks(&Data::new(4), 0, COUNT, 256);
    let binary: Vec<Vec<u8>> = all.iter().map(key).collect();
    let text: Vec<Vec<u8>> = binary
        .iter()
        .map(|k| data_encoding::BASE32_NOPAD.encode(k).into_bytes())
        .collect();
    let mut group = c.benchmark_group("keys");
    for (name, keys) in [("binary", &binary), ("base32", &text)] {
        let entries = || {
            keys.iter()
                .zip(&all)
                .map(|(k, b)| (k.clone(), b.data().clone()))
                .collect()
        };
        group.bench_function(format!("fill-20000/{name}"), |b| {
            b.iter_batched(
                || {
                    let dir = tempfile::tempdir().unwrap();
                    let store = raw::open(Kind::Redb, dir.path(), 64 << 20).unwrap();
                    (dir, store, entries())
                },
                |(dir, store, entries): (_, _, Vec<_>)| {
                    store.put_many(&entries, false);
                    (dir, store)
                },
                BatchSize::PerIteration,
            )
        });
        let dir = tempfile::tempdir().unwrap();
        let store = raw::open(Kind::Redb, dir.path(), 64 << 20).unwrap();
        store.put_many(&entries(), true);
        let mut at = 0;
        group.bench_function(format!("read/{name}"), |b| {
            b.iter(|| {
                at = (at + 7919) % keys.len();
                store.get(keys.get(at).unwrap())
            })
        });
        let bytes = std::fs::metadata(dir.path().join("raw.redb"))
            .unwrap()
            .len();
        println!(
            "keys/{name}: {} bytes in the file for {COUNT} blocks of 256 B",
            bytes
        );
    }
}

criterion_group! {
    name = benches;
    config = short::seconds(2);
    targets = keys
}
criterion_main!(benches);
