//! A wrapper forwards every method that it does not change, the defaulted ones too.
//!
//! Each is called on each wrapper around a store that notes what arrives. What does not arrive as
//! itself stands in the table, with the reason.

use std::ops::Range;
use std::time::Duration;

use block_cid::Verify;
use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, Result};
use persistent::guard::Cost;
use persistent::wrappers::tiered::Limits;
use persistent::wrappers::{
    Bloom, Cache, Faulty, Guard, Measure, Mount, Namespace, ReadOnly, Tiered, Ttl, Verified,
};

use crate::key;
use crate::recorder::{Recorder, lost};

type Make = fn(Recorder) -> Box<dyn Datastore>;

/// Name, how it is made, and for blocks and for other keys what does not arrive, and why.
type Row = (
    &'static str,
    Make,
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str)],
);

const WHOLE: &str = "a hash covers the whole block, so all of it is read";
const BATCH: &str = "the value and its expiry are one batch";
const REFUSED: &str = "it is refused";
/// What `get_many` read is kept, and the delete and the batch that follow forget it.
const TABLE: &[Row] = &[
    ("cache", |s| Box::new(Cache::new(s, 1 << 20)), &[], &[]),
    ("bloom", |s| Box::new(Bloom::new(s)), &[], &[]),
    ("bloom, built", |s| Box::new(BuiltBloom::new(s)), &[], &[]),
    (
        "namespace",
        |s| Box::new(Namespace::new(s, key("/ns")).unwrap()),
        &[],
        &[],
    ),
    ("mount", |s| Box::new(Mount::new(s)), &[], &[]),
    (
        "tiered, cold alone",
        |s| Box::new(Tiered::open(Vec::new(), s).unwrap()),
        &[],
        &[],
    ),
    (
        "tiered, hot",
        |s| {
            let limits = Limits {
                bytes: 1 << 20,
                idle: None,
            };
            Box::new(Tiered::open(vec![(s, limits)], Recorder::default()).unwrap())
        },
        &[],
        &[
            ("put", COLD),
            ("get_range", COLD),
            ("size", COLD),
            ("has", COLD),
            ("get_many", COLD),
            ("delete", COLD),
            ("apply", COLD),
            ("get", COLD),
        ],
    ),
    (
        "ttl",
        |s| Box::new(Ttl::new(s, None)),
        &[("put", BATCH), ("delete", BATCH)],
        &[("put", BATCH), ("delete", BATCH)],
    ),
    (
        "ttl, with a lifetime",
        |s| Box::new(Ttl::new(s, Some(Duration::from_secs(9)))),
        &[("put", BATCH), ("delete", BATCH)],
        &[("put", BATCH), ("delete", BATCH)],
    ),
    ("measure", |s| Box::new(Measure::new(s)), &[], &[]),
    (
        "verify, off",
        |s| Box::new(Verified::new(s, Verify::Never)),
        &[],
        &[],
    ),
    ("faulty", |s| Box::new(Faulty::new(s)), &[], &[]),
    (
        "guard",
        |s| Box::new(Guard::new(s, std::env::temp_dir(), 0, None, Cost::PLAIN)),
        &[],
        &[],
    ),
];
const COLD: &str = "keys that are no blocks lie in the coldest store";

struct BuiltBloom;

impl BuiltBloom {
    #[allow(clippy::new_ret_no_self)]
    fn new(store: Recorder) -> Bloom<Recorder> {
        let bloom = Bloom::new(store);
        bloom.build(10).unwrap().finish().unwrap();
        bloom
    }
}

#[test]
fn every_call_arrives_as_itself_or_has_a_reason() {
    for (name, make, blocks, others) in TABLE {
        for (what, key, excused) in [
            ("a block", crate::block(1), blocks),
            ("another key", key("/a"), others),
        ] {
            let below = Recorder::default();
            let excused: Vec<&str> = excused.iter().map(|(call, _)| *call).collect();
            let lost = lost(&*make(below.clone()), &below, &key);
            assert_eq!(lost, excused, "{name}, {what}: what did not arrive");
        }
    }
}

#[test]
fn what_is_read_only_arrives_and_the_rest_is_refused() {
    let below = Recorder::default();
    let store = ReadOnly::new(below.clone(), "x", "no");
    let keys = [key("/a")];
    below.take();
    store.get(&keys[0]).unwrap();
    store.has(&keys[0]).unwrap();
    store.size(&keys[0]).unwrap();
    store.get_range(&keys[0], 0..1).unwrap();
    store.get_many(&keys).unwrap();
    drop(store.query(&keys[0]).unwrap());
    drop(store.keys(&keys[0]).unwrap());
    store.sync().unwrap();
    store.disk_usage().unwrap();
    store.close().unwrap();
    let arrived = [
        "get",
        "has",
        "size",
        "get_range",
        "get_many",
        "query",
        "keys",
        "sync",
        "disk_usage",
        "close",
    ];
    assert_eq!(below.take(), arrived, "{REFUSED}");
}

#[test]
fn verify_reads_all_of_a_block_of_which_a_part_is_asked_for() {
    let below = Recorder::default();
    let store = Verified::new(below.clone(), Verify::Always);
    let block = block_cid::Block::raw("bytes");
    let key = Key::block(&block.cid().hash().to_bytes()).unwrap();
    store.put(&key, block.data()).unwrap();
    below.take();
    assert_eq!(store.get_range(&key, 1..3).unwrap().unwrap(), "yt");
    assert_eq!(below.take(), ["get"], "{WHOLE}");
}

/// A wrapper that leaves out one method, for each that has a default.
struct Drops(Recorder, &'static str);

/// A store that has the defaults of the trait and nothing better.
struct Plain<'a>(&'a Recorder);

#[rustfmt::skip]
impl Datastore for Plain<'_> {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> { self.0.get(key) }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> { self.0.put(key, value) }
    fn delete(&self, key: &Key) -> Result<()> { self.0.delete(key) }
    fn query(&self, _: &Key) -> Result<Entries<'_>> { unreachable!() }
    fn sync(&self) -> Result<()> { self.0.sync() }
    fn disk_usage(&self) -> Result<u64> { self.0.disk_usage() }
    fn close(&self) -> Result<()> { self.0.close() }
}

#[rustfmt::skip]
impl Datastore for Drops {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> { self.0.get(key) }
    fn put(&self, key: &Key, value: &[u8]) -> Result<()> { self.0.put(key, value) }
    fn delete(&self, key: &Key) -> Result<()> { self.0.delete(key) }
    fn query(&self, prefix: &Key) -> Result<Entries<'_>> { self.0.query(prefix) }
    fn sync(&self) -> Result<()> { self.0.sync() }
    fn disk_usage(&self) -> Result<u64> { self.0.disk_usage() }
    fn close(&self) -> Result<()> { self.0.close() }
    fn has(&self, key: &Key) -> Result<bool> {
        if self.1 == "has" { Plain(&self.0).has(key) } else { self.0.has(key) }
    }
    fn size(&self, key: &Key) -> Result<Option<u64>> {
        if self.1 == "size" { Plain(&self.0).size(key) } else { self.0.size(key) }
    }
    fn get_range(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>> {
        if self.1 == "get_range" { Plain(&self.0).get_range(key, range) } else { self.0.get_range(key, range) }
    }
    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if self.1 == "get_many" { Plain(&self.0).get_many(keys) } else { self.0.get_many(keys) }
    }
    fn keys(&self, prefix: &Key) -> Result<Keys<'_>> {
        if self.1 != "keys" { return self.0.keys(prefix); }
        Ok(Box::new(self.query(prefix)?.map(|entry| entry.map(|(key, _)| key))))
    }
    fn apply(&self, batch: Batch) -> Result<()> {
        if self.1 == "apply" { Plain(&self.0).apply(batch) } else { self.0.apply(batch) }
    }
}

#[test]
fn a_wrapper_that_leaves_out_a_method_is_seen() {
    for dropped in ["", "has", "size", "get_range", "get_many", "keys", "apply"] {
        let below = Recorder::default();
        let lost = lost(&Drops(below.clone(), dropped), &below, &key("/a"));
        assert_eq!(lost.join(" "), dropped);
    }
}
