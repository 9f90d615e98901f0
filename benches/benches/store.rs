//! Our wrapper beside the bare engines: goals S1, S2 and S3.
//!
//! `cargo bench -p benches --bench store` measures every engine of the build; a word behind `--`
//! picks what contains it, as in `-- get/redb`, and `CAIRN_KINDS=redb,file` keeps the others from
//! being filled for nothing. What each name means:
//!
//! - `put_many/ENGINE/BYTES/raw`: the bare engine, one batch, not flushed
//! - `…/ours`: the same blocks, already proven, through `Blocks::put_many`
//! - `…/ours+hash`: the same, not proven, so hashed on the way in
//! - `…/sha2-256`: the hash of the same bytes on one core, alone
//! - `get/ENGINE/BYTES/raw | ours | ours+hash | sha2-256`: one block, warm
//! - `each/ENGINE/64-writers`: one durable put of 256 B, 64 threads at once
//! - `each/ENGINE/batch-of-64`: one durable batch of 64 from one thread, per put
//! - `each/hand-off`: one wake-up of another thread and back
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use benches::{blocks, key, raw};
use block_cid::{Block, Blocks, Blockstore, Verify};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use demo::Data;
use persistent::{Config, Durability, Kind, Persistent};

const CACHE: u64 = 256 << 20;

/// Bytes of a block, and blocks of a batch.
const SIZES: [(usize, u64); 4] = [(256, 1024), (4 << 10, 256), (256 << 10, 16), (1 << 20, 8)];

fn disk_engines() -> impl Iterator<Item = Kind> {
    let only = std::env::var("CAIRN_KINDS").ok();
    Kind::built().filter(move |kind| {
        let chosen = |only: &String| only.split(',').any(|name| name == kind.name());
        kind.is_on_disk() && only.as_ref().is_none_or(chosen)
    })
}

fn open(kind: Kind, dir: &tempfile::TempDir, durability: Durability) -> Persistent {
    let config = Config::new(kind)
        .with_path(dir.path().join("store"))
        .with_cache(CACHE)
        .with_durability(durability);
    Persistent::open(&config).unwrap()
}

fn entries(blocks: &[Block]) -> Vec<(Vec<u8>, bytes::Bytes)> {
    blocks
        .iter()
        .map(|block| (key(block), block.data().clone()))
        .collect()
}

fn claimed(blocks: &[Block]) -> Vec<Block> {
    blocks
        .iter()
        .map(|b| Block::claimed(*b.cid(), b.data().clone()))
        .collect()
}

fn put_many(c: &mut Criterion) {
    let data = Data::new(1);
    let next = AtomicU64::new(0);
    for kind in disk_engines() {
        for (len, count) in SIZES {
            let mut group = c.benchmark_group(format!("put_many/{kind}/{len}"));
            group.throughput(Throughput::Bytes(len as u64 * count));
            let fresh = || blocks(&data, next.fetch_add(count, Relaxed), count, len);
            let dir = tempfile::tempdir().unwrap();
            let store = raw::open(kind, dir.path(), CACHE).unwrap();
            group.bench_function("raw", |b| {
                b.iter_batched(
                    fresh,
                    |b| store.put_many(&entries(&b), false),
                    BatchSize::PerIteration,
                )
            });
            drop(store);
            let dir = tempfile::tempdir().unwrap();
            let store = open(kind, &dir, Durability::Batch).into_blocks();
            group.bench_function("ours", |b| {
                b.iter_batched(
                    fresh,
                    |b| store.put_many(&b).unwrap(),
                    BatchSize::PerIteration,
                )
            });
            drop(store);
            let dir = tempfile::tempdir().unwrap();
            let store = open(kind, &dir, Durability::Batch).into_blocks();
            group.bench_function("ours+hash", |b| {
                b.iter_batched(
                    || claimed(&fresh()),
                    |b| store.put_many(&b).unwrap(),
                    BatchSize::PerIteration,
                )
            });
            group.bench_function("sha2-256", |b| {
                b.iter_batched(
                    fresh,
                    |blocks| {
                        for block in &blocks {
                            std::hint::black_box(block_cid::hash::sha2_256(block.data()));
                        }
                    },
                    BatchSize::PerIteration,
                )
            });
            group.finish();
        }
    }
}

fn get(c: &mut Criterion) {
    let data = Data::new(2);
    for kind in disk_engines() {
        for (len, _) in SIZES {
            // 64 MiB at most: warm, as the cache is larger.
            let count = (64 << 20) / len.max(4 << 10) as u64;
            let all = blocks(&data, 0, count, len);
            let dir = tempfile::tempdir().unwrap();
            let bare = raw::open(kind, dir.path(), CACHE).unwrap();
            let ours = open(kind, &dir, Durability::Batch);
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

const WRITERS: u64 = 64;

fn each(c: &mut Criterion) {
    let data = Data::new(3);
    let next = AtomicU64::new(0);
    for kind in disk_engines() {
        let mut group = c.benchmark_group(format!("each/{kind}"));
        let dir = tempfile::tempdir().unwrap();
        let store = open(kind, &dir, Durability::Each).into_blocks();
        let puts = AtomicU64::new(0);
        group.bench_function("64-writers", |b| {
            b.iter_custom(|puts_wanted| {
                // Each writes long enough that the first group, which is one writer, does not count.
                let each = puts_wanted.div_ceil(WRITERS).max(32);
                let all = blocks(
                    &data,
                    next.fetch_add(each * WRITERS, Relaxed),
                    each * WRITERS,
                    256,
                );
                puts.fetch_add(each * WRITERS, Relaxed);
                let start = Instant::now();
                thread::scope(|scope| {
                    for part in all.chunks(each as usize) {
                        let store = &store;
                        scope.spawn(move || part.iter().for_each(|b| store.put(b).unwrap()));
                    }
                });
                scale(start.elapsed(), puts_wanted, each * WRITERS)
            })
        });
        let commits = store.store().commits();
        let puts = puts.into_inner().max(1);
        println!(
            "{kind}: {commits} commits for {puts} puts: {:.3} a put",
            commits as f64 / puts as f64
        );
        group.bench_function("batch-of-64", |b| {
            b.iter_custom(|puts_wanted| {
                let rounds = puts_wanted.div_ceil(WRITERS);
                let all = blocks(
                    &data,
                    next.fetch_add(rounds * WRITERS, Relaxed),
                    rounds * WRITERS,
                    256,
                );
                let start = Instant::now();
                for part in all.chunks(WRITERS as usize) {
                    store.put_many(part).unwrap();
                }
                scale(start.elapsed(), puts_wanted, rounds * WRITERS)
            })
        });
        group.finish();
    }
    c.bench_function("each/hand-off", |b| {
        b.iter_custom(|rounds| {
            let (to, from) = std::sync::mpsc::sync_channel::<()>(0);
            let (back, answer) = std::sync::mpsc::sync_channel::<()>(0);
            let echo = thread::spawn(move || while from.recv().is_ok() && back.send(()).is_ok() {});
            let start = Instant::now();
            for _ in 0..rounds {
                to.send(()).unwrap();
                answer.recv().unwrap();
            }
            let took = start.elapsed();
            drop(to);
            echo.join().unwrap();
            took
        })
    });
}

/// The time for `wanted` puts, where `done` were made.
fn scale(took: Duration, wanted: u64, done: u64) -> Duration {
    took.mul_f64(wanted as f64 / done as f64)
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    targets = put_many, get, each
}
criterion_main!(benches);
