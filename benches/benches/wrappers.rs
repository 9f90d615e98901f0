//! What the wrappers cost: goals S5 and S9.
//!
//! `cargo bench -p benches -- wrappers`; `CAIRN_KINDS=redb,file` picks engines. What is
//! compared is measured in turns, and each figure is the median of its turns:
//!
//! - `has`: of an absent block among 100,000 of 256 B, warm: the bare engine, ours, and ours behind
//!   a filter and behind a cache
//! - `put`: what each wrapper adds to a put of 4 KiB, found by putting into a store that does
//!   nothing, beside such a put on each bare engine, not flushed
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use benches::{CACHE, Selection, blocks, disk_engines, key, open, raw};
use block_cid::{Block, Blockstore, Verify};
use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, Result};
use demo::{Column, Data, Table};
use persistent::Durability;
use persistent::guard::Cost;
use persistent::wrappers::{Bloom, Cache, Guard, Measure, Namespace, Verified};

const TURNS: usize = 9;

/// Nanoseconds a call of each case, which makes as many calls as it is told.
fn in_turns<const N: usize>(calls: usize, cases: [&dyn Fn(usize); N]) -> [f64; N] {
    let timed = cases.map(|case| {
        move || {
            let start = Instant::now();
            case(calls);
            start.elapsed().as_nanos() as f64 / calls as f64
        }
    });
    benches::in_turns(TURNS, timed.each_ref().map(|case| case as &dyn Fn() -> f64))
}

fn key_of(block: &Block) -> Key {
    Key::block(&key(block)).unwrap()
}

fn has() {
    const COUNT: u64 = 100_000;
    let data = Data::new(5);
    let mut table = Table::new([
        Column::left("has, absent"),
        Column::right("raw ns"),
        Column::right("ours ns"),
        Column::right("ours / raw"),
        Column::right("bloom ns"),
        Column::right("cache ns"),
    ]);
    let all = blocks(&data, 0, COUNT, 256);
    let absent: Vec<Block> = blocks(&data, COUNT, 20_000, 256);
    let bare_keys: Vec<Vec<u8>> = absent.iter().map(key).collect();
    let keys: Vec<Key> = absent.iter().map(key_of).collect();
    for kind in disk_engines() {
        let dir = tempfile::tempdir().unwrap();
        let bare = raw::open(kind, dir.path(), CACHE).unwrap();
        let ours = open(kind, &dir.path().join("store"), Durability::Batch).unwrap();
        for part in all.chunks(512) {
            let entries: Vec<_> = part.iter().map(|b| (key(b), b.data().clone())).collect();
            bare.put_many(&entries, false);
            ours.blocks().put_many(part).unwrap();
        }
        bare.put_many(&[], true);
        ours.sync().unwrap();
        let bloom = Bloom::new(&ours);
        bloom.build(COUNT).unwrap().finish().unwrap();
        let cache = Cache::new(&ours, CACHE);

        let ask = |store: &dyn Datastore, calls| {
            let asked = keys.iter().cycle().take(calls);
            assert!(asked.filter(|key| store.has(key).unwrap()).count() == 0);
        };
        let [raw, ours, bloom, cache] = in_turns(
            keys.len(),
            [
                &|calls| {
                    let asked = bare_keys.iter().cycle().take(calls);
                    assert!(asked.filter(|key| bare.has(key)).count() == 0);
                },
                &|calls| ask(&ours, calls),
                &|calls| ask(&bloom, calls),
                &|calls| ask(&cache, calls),
            ],
        );
        let row = [raw, ours, bloom, cache].map(|ns| format!("{ns:.0}"));
        let [raw_ns, ours_ns, bloom, cache] = row;
        let ratio = format!("{:.2}", ours / raw);
        table.row([kind.name(), &raw_ns, &ours_ns, &ratio, &bloom, &cache]);
    }
    println!("{table}");
}

/// A store that does nothing.
struct Nothing;

#[rustfmt::skip]
impl Datastore for Nothing {
    fn get(&self, _: &Key) -> Result<Option<Bytes>> { Ok(None) }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> { black_box((key, value)); Ok(()) }
    fn delete(&self, _: &Key) -> Result<()> { Ok(()) }
    fn query(&self, _: &Key) -> Result<Entries<'_>> { Ok(Box::new(std::iter::empty())) }
    fn has(&self, _: &Key) -> Result<bool> { Ok(false) }
    fn size(&self, _: &Key) -> Result<Option<u64>> { Ok(None) }
    fn get_range(&self, _: &Key, _: Range<u64>) -> Result<Option<Bytes>> { Ok(None) }
    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> { Ok(vec![None; keys.len()]) }
    fn keys(&self, _: &Key) -> Result<Keys<'_>> { Ok(Box::new(std::iter::empty())) }
    fn apply(&self, _: Batch) -> Result<()> { Ok(()) }
    fn sync(&self) -> Result<()> { Ok(()) }
    fn disk_usage(&self) -> Result<u64> { Ok(0) }
    fn close(&self) -> Result<()> { Ok(()) }
}

fn put() {
    const CALLS: usize = 2000;
    let data = Data::new(6);
    let all = blocks(&data, 0, (CALLS * (TURNS + 1)) as u64, 4096);
    let keys: Vec<Key> = all.iter().take(CALLS).map(key_of).collect();
    let value = all.first().unwrap().data().clone();
    let name = Key::new("/settings/name").unwrap();

    let mut fastest = f64::MAX;
    let mut table = Table::new([Column::left("put of 4 KiB"), Column::right("ns")]);
    for kind in disk_engines() {
        let dir = tempfile::tempdir().unwrap();
        let bare = raw::open(kind, dir.path(), CACHE).unwrap();
        let entries: Vec<_> = all.iter().map(|b| (key(b), b.data().clone())).collect();
        let at = AtomicUsize::new(0);
        let [ns] = in_turns(
            CALLS,
            [&|calls| {
                let from = at.fetch_add(calls, Relaxed);
                let part = entries.iter().skip(from).take(calls);
                part.for_each(|entry| bare.put_many(std::slice::from_ref(entry), false));
            }],
        );
        fastest = fastest.min(ns);
        table.row([format!("bare {kind}"), format!("{ns:.0}")]);
    }
    println!("{table}");

    let dir = tempfile::tempdir().unwrap();
    let guard = Guard::new(Nothing, dir.path().into(), 0, None, Cost::TWICE);
    let measure = Measure::new(Nothing);
    let namespace = Namespace::new(Nothing, Key::new("/apps/mail").unwrap()).unwrap();
    let verify = Verified::new(Nothing, Verify::Never);
    let blocks = |store: &dyn Datastore, calls| {
        for key in keys.iter().take(calls) {
            store.put(key, &value).unwrap();
        }
    };
    let [bare, guard, measure, namespace, named, verify] = in_turns(
        CALLS,
        [
            &|calls| blocks(&Nothing, calls),
            &|calls| blocks(&guard, calls),
            &|calls| blocks(&measure, calls),
            &|calls| blocks(&namespace, calls),
            &|calls| (0..calls).for_each(|_| namespace.put(&name, &value).unwrap()),
            &|calls| blocks(&verify, calls),
        ],
    );
    let mut table = Table::new([
        Column::left("adds to a put of 4 KiB"),
        Column::right("ns"),
        Column::right("% of the fastest"),
    ]);
    for (name, ns) in [
        ("guard", guard),
        ("measure", measure),
        ("namespace, a block", namespace),
        ("namespace, another key", named),
        ("verify, off", verify),
    ] {
        let added = (ns - bare).max(0.0);
        let part = 100.0 * added / fastest;
        table.row([name.into(), format!("{added:.0}"), format!("{part:.2}")]);
    }
    println!("{table}");
}

fn main() {
    let selection = Selection::from_args();
    if selection.wants("wrappers/has") {
        has();
    }
    if selection.wants("wrappers/adds") {
        put();
    }
}
