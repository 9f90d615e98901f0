//! Files in and out of a store, beside what the machine and the bare engine do: goals A1, A3 and A4.
//!
//! `cargo bench -p benches -- files` measures every engine of the build, and `-- files/redb` one. A file of
//! 32 MiB: `files/machine/read | read+sha2-256 | sha2-256 | sha2-256-two | only-hash`, and
//! `files/ENGINE/bulk | add | cat | range | export | import`. Nothing is flushed; each add, import and bulk
//! put is into a new store; a range is one byte.
#![allow(clippy::unwrap_used, missing_docs)]

mod short;

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, BufReader, Read};
use std::path::Path;

use benches::{CACHE, Selection, Unflushed, blocks_of, disk_engines, entries, open, raw};
use block_cid::hash::sha2_256;
use block_cid::{Block, Blocks};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use demo::Data;
use persistent::ops::Silent;
use persistent::{Durability, Kind, Persistent};
use tempfile::TempDir;
use unixfs_car::car::export::{Missing, export};
use unixfs_car::car::import::{Import, import};
use unixfs_car::car::index::Scratch;
use unixfs_car::car::{Version, Writer};
use unixfs_car::import::{Importer, Options};
use unixfs_car::{Cid, Reader, Source};

const LEN: usize = 32 << 20;
const LEAF: usize = 256 << 10;

fn files(c: &mut Criterion) {
    let selection = Selection::from_args();
    if !selection.wants("files") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    let data = Data::new(9);
    let bytes: Vec<u8> = (0..(LEN / LEAF) as u64)
        .flat_map(|n| data.block(n, LEAF))
        .collect();
    fs::write(&path, &bytes).unwrap();
    machine(c, &path, &bytes);
    let batches = blocks_of(&path).unwrap();
    for kind in disk_engines() {
        if selection.wants(&format!("files/{kind}")) {
            engine(c, kind, dir.path(), &batches);
        }
    }
}

/// What reads the file, a leaf at a time.
fn read(path: &Path, mut see: impl FnMut(&[u8])) {
    let mut file = File::open(path).unwrap();
    let mut buffer = vec![0; LEAF];
    while file.read_exact(&mut buffer).is_ok() {
        see(&buffer);
    }
}

fn machine(c: &mut Criterion, path: &Path, bytes: &[u8]) {
    let mut group = c.benchmark_group("files/machine");
    group.throughput(Throughput::Bytes(LEN as u64));
    group.bench_function("read", |b| {
        b.iter(|| {
            read(path, |leaf| {
                black_box(leaf);
            })
        })
    });
    let hash = |leaf: &[u8]| {
        black_box(sha2_256(leaf));
    };
    group.bench_function("read+sha2-256", |b| b.iter(|| read(path, hash)));
    group.bench_function("sha2-256", |b| b.iter(|| bytes.chunks(LEAF).for_each(hash)));
    group.bench_function("sha2-256-two", |b| {
        b.iter(|| {
            std::thread::scope(|scope| {
                for half in bytes.chunks(LEN / 2) {
                    scope.spawn(move || half.chunks(LEAF).for_each(hash));
                }
            })
        })
    });
    let importer = Importer::new(Options::default()).unwrap();
    group.bench_function("only-hash", |b| {
        b.iter(|| {
            let source = Source::path(path);
            importer.add(source, None, &(), &mut |_| Ok(())).unwrap()
        })
    });
    group.finish();
}

/// A new store, and its folder, which goes with it.
fn new(kind: Kind) -> (TempDir, Blocks<Persistent>) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(kind, &dir.path().join("store"), Durability::None).unwrap();
    (dir, store.into_blocks())
}

fn engine(c: &mut Criterion, kind: Kind, dir: &Path, batches: &[Vec<Block>]) {
    let mut group = c.benchmark_group(format!("files/{kind}"));
    group.throughput(Throughput::Bytes(LEN as u64));
    let file = dir.join("file");
    let importer = Importer::new(Options::default()).unwrap();
    let add =
        |store: &Blocks<Persistent>| importer.add_source(Source::path(&file), store).unwrap().cid;
    let bare = || {
        let dir = tempfile::tempdir().unwrap();
        let store = raw::open(kind, dir.path(), CACHE).unwrap();
        (dir, store)
    };
    // What is put may lie in memory when the time is over, and the end of a store is not measured.
    let once = BatchSize::PerIteration;
    group.bench_function("bulk", |b| {
        b.iter_batched(
            bare,
            |(dir, store)| {
                for batch in batches {
                    store.put_many(&entries(batch), false);
                }
                (store, dir)
            },
            once,
        )
    });
    group.bench_function("add", |b| {
        b.iter_batched(
            || new(kind),
            |(dir, store)| {
                add(&store);
                (store, dir)
            },
            once,
        )
    });

    let (_place, store) = new(kind);
    let root = add(&store);
    group.bench_function("cat", |b| {
        b.iter(|| {
            let mut reader = Reader::open(&store, &root).unwrap();
            assert_eq!(reader.copy_to(&mut io::sink()).unwrap(), LEN as u64);
        })
    });
    group.bench_function("export", |b| {
        b.iter(|| car(&store, &root, io::empty(), dir))
    });
    let path = dir.join("car");
    let out = io::BufWriter::new(File::create(&path).unwrap());
    car(&store, &root, out, dir);
    group.bench_function("import", |b| {
        b.iter_batched(
            || new(kind),
            |(dir, store)| {
                let input = BufReader::with_capacity(1 << 20, File::open(&path).unwrap());
                import(input, &Unflushed(&store), Import::default(), &Silent).unwrap();
                (store, dir)
            },
            once,
        )
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("range", |b| {
        b.iter(|| {
            let mut reader = Reader::open(&store, &root).unwrap();
            reader.seek_to(LEN as u64 / 2 + 1);
            reader.read_exact(&mut [0]).unwrap();
        })
    });
    group.finish();
}

fn car(store: &Blocks<Persistent>, root: &Cid, out: impl io::Write + io::Seek, dir: &Path) {
    let scratch = Scratch::new(dir.to_owned());
    let mut writer = Writer::new(out, &[*root], Version::V1, &scratch).unwrap();
    export(store, root, Missing::Refused, &mut writer, &Silent).unwrap();
    writer.finish().unwrap();
}

criterion_group! {
    name = benches;
    config = short::seconds(2);
    targets = files
}
criterion_main!(benches);
