//! Folders: many small files, and many names: goal A5.
//!
//! `cargo bench -p benches -- folders` measures every engine of the build, and `-- folders/redb` one: 5,000
//! files of 1 KiB as `folders/machine/read` and `folders/ENGINE/bulk | add`. `folders/names` is a folder of
//! 100,000 names.
#![allow(clippy::unwrap_used, missing_docs)]

mod short;

use std::fs;
use std::hint::black_box;

use benches::{CACHE, Nowhere, Selection, blocks_of, disk_engines, entries, open, raw};
use block_cid::Block;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use demo::Data;
use persistent::Durability;
use unixfs_car::folder::Sharding;
use unixfs_car::import::{Importer, Options};
use unixfs_car::unixfs::Meta;
use unixfs_car::{Folder, Root, Source};

const FILES: u64 = 5_000;
const NAMES: u64 = 100_000;

fn small(c: &mut Criterion) {
    let selection = Selection::from_args();
    if !selection.wants("folders") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let data = Data::new(10);
    for n in 0..FILES {
        fs::write(dir.path().join(format!("{n:05}")), data.block(n, 1 << 10)).unwrap();
    }
    let mut group = c.benchmark_group("folders/machine");
    group.throughput(Throughput::Elements(FILES));
    group.bench_function("read", |b| {
        b.iter(|| {
            for entry in fs::read_dir(dir.path()).unwrap() {
                black_box(fs::read(entry.unwrap().path()).unwrap());
            }
        })
    });
    group.finish();
    let importer = Importer::new(Options::default()).unwrap();
    let batches = blocks_of(dir.path()).unwrap();
    for kind in disk_engines() {
        if !selection.wants(&format!("folders/{kind}")) {
            continue;
        }
        let mut group = c.benchmark_group(format!("folders/{kind}"));
        group.throughput(Throughput::Elements(FILES));
        group.bench_function("bulk", |b| {
            b.iter_batched(
                || {
                    let dir = tempfile::tempdir().unwrap();
                    let store = raw::open(kind, dir.path(), CACHE).unwrap();
                    (dir, store)
                },
                |(dir, store)| {
                    for batch in &batches {
                        store.put_many(&entries(batch), false);
                    }
                    (store, dir)
                },
                BatchSize::PerIteration,
            )
        });
        group.bench_function("add", |b| {
            b.iter_batched(
                || {
                    let dir = tempfile::tempdir().unwrap();
                    let store = open(kind, &dir.path().join("store"), Durability::None);
                    (dir, store.unwrap().into_blocks())
                },
                |(place, store)| {
                    importer
                        .add_source(Source::path(dir.path()), &store)
                        .unwrap();
                    (store, place)
                },
                BatchSize::PerIteration,
            )
        });
        group.finish();
    }
}

fn names(c: &mut Criterion) {
    if !Selection::from_args().wants("folders/names") {
        return;
    }
    let cid = *Block::raw("a file").cid();
    let (bytes, dag) = (6, 6);
    let mut group = c.benchmark_group("folders/names");
    group.throughput(Throughput::Elements(NAMES));
    group.bench_function("add", |b| {
        b.iter(|| {
            let mut folder = Folder::new(Meta::default());
            for n in 0..NAMES {
                let name = format!("file-{n:07}.txt");
                let child = Root { cid, bytes, dag };
                folder.push(name.as_bytes(), &child).unwrap();
            }
            folder.finish(&Sharding::default(), &mut Nowhere).unwrap()
        })
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = short::seconds(2);
    targets = small, names
}
criterion_main!(benches);
