//! What it costs to read and write a CID.
//!
//! `cargo bench -p benches -- cid`: `cid/parse` and `cid/display` are of text in base32,
//! `cid/decode` of bytes, `cid/of-block` of a block of 256 B, and so with its hash.
#![allow(clippy::unwrap_used, missing_docs)]

mod short;

use std::hint::black_box;

use benches::Selection;
use block_cid::{Block, binary, text};
use criterion::{Criterion, criterion_group, criterion_main};
use demo::Data;

fn cids(c: &mut Criterion) {
    if !Selection::from_args().wants("cid") {
        return;
    }
    let bytes = Data::new(9).block(0, 256);
    let cid = *Block::raw(bytes.clone()).cid();
    let words = cid.to_string();
    let encoded = cid.to_bytes();
    let mut group = c.benchmark_group("cid");
    group.bench_function("parse", |b| {
        b.iter(|| text::parse(black_box(&words)).unwrap())
    });
    group.bench_function("display", |b| {
        b.iter(|| text::display(black_box(&cid), None).unwrap())
    });
    group.bench_function("decode", |b| {
        b.iter(|| binary::decode(black_box(&encoded)).unwrap())
    });
    group.bench_function("of-block", |b| {
        b.iter(|| *Block::raw(black_box(bytes.clone())).cid())
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = short::seconds(1);
    targets = cids
}
criterion_main!(benches);
