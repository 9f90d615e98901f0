//! No wrapper can be told from the store that it wraps: random histories, each step compared with
//! a plain store in memory.

use std::collections::BTreeMap;

use bytes::Bytes;
use datastore::{Batch, Datastore, Key, MemStore};
use persistent::wrappers::{Bloom, Cache, Measure, Tiered};
use proptest::prelude::*;

use crate::contract::{built, expiring, in_namespace, mounted, tiers};
use crate::{block, key};

#[derive(Clone, Debug)]
enum Step {
    Put(u8, Vec<u8>),
    Delete(u8),
    Apply(Vec<(u8, Option<Vec<u8>>)>),
    Get(u8),
    Part(u8, u64, u64),
    GetMany(Vec<u8>),
    Query(u8),
    Tend,
}

const NAMES: [&str; 8] = [
    "/a", "/foo", "/foo/a", "/foo/a/b", "/foobar", "/m", "/m/2", "/z",
];

fn named(n: u8) -> Key {
    match n % 14 {
        n @ 0..8 => key(NAMES[n as usize]),
        n => block(n.into()),
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = || prop::collection::vec(any::<u8>(), 0..400);
    let n = any::<u8>;
    prop::collection::vec(
        prop_oneof![
            4 => (n(), value()).prop_map(|(n, v)| Step::Put(n, v)),
            2 => n().prop_map(Step::Delete),
            2 => prop::collection::vec((n(), prop::option::of(value())), 0..6).prop_map(Step::Apply),
            4 => n().prop_map(Step::Get),
            1 => (n(), 0..500u64, 0..500u64).prop_map(|(n, a, b)| Step::Part(n, a, b)),
            2 => prop::collection::vec(n(), 0..6).prop_map(Step::GetMany),
            1 => n().prop_map(Step::Query),
            1 => Just(Step::Tend),
        ],
        1..60,
    )
}

/// What a store shows below `prefix`: other keys in their order, blocks in any.
fn shown(store: &dyn Datastore, prefix: &Key) -> (Vec<(Key, Bytes)>, BTreeMap<Key, Bytes>) {
    let all: Vec<_> = store.query(prefix).unwrap().map(|e| e.unwrap()).collect();
    let keys: Vec<Key> = store.keys(prefix).unwrap().map(|k| k.unwrap()).collect();
    assert_eq!(keys.len(), all.len(), "keys and query below {prefix}");
    let (blocks, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|e| e.0.as_block().is_some());
    let count = blocks.len();
    let blocks: BTreeMap<_, _> = blocks.into_iter().collect();
    assert_eq!(blocks.len(), count, "a block came twice");
    (others, blocks)
}

fn check(store: &dyn Datastore, tend: &dyn Fn(), steps: &[Step]) {
    let model = MemStore::new();
    for step in steps {
        match step {
            Step::Put(n, value) => {
                store.put(&named(*n), value).unwrap();
                model.put(&named(*n), value).unwrap();
            }
            Step::Delete(n) => {
                store.delete(&named(*n)).unwrap();
                model.delete(&named(*n)).unwrap();
            }
            Step::Apply(ops) => {
                let mut batch = Batch::new();
                for (n, value) in ops {
                    match value {
                        Some(value) => batch.put(named(*n), value.clone()),
                        None => batch.delete(named(*n)),
                    }
                }
                store.apply(batch.clone()).unwrap();
                model.apply(batch).unwrap();
            }
            Step::Get(n) => {
                let key = named(*n);
                assert_eq!(store.has(&key).unwrap(), model.has(&key).unwrap(), "{key}");
                assert_eq!(
                    store.size(&key).unwrap(),
                    model.size(&key).unwrap(),
                    "{key}"
                );
                assert_eq!(store.get(&key).unwrap(), model.get(&key).unwrap(), "{key}");
            }
            Step::Part(n, a, b) => {
                let (key, range) = (named(*n), *a.min(b)..*a.max(b));
                assert_eq!(
                    store.get_range(&key, range.clone()).unwrap(),
                    model.get_range(&key, range).unwrap(),
                    "{key}"
                );
            }
            Step::GetMany(ns) => {
                let keys: Vec<Key> = ns.iter().map(|n| named(*n)).collect();
                assert_eq!(
                    store.get_many(&keys).unwrap(),
                    model.get_many(&keys).unwrap()
                );
            }
            Step::Query(n) => {
                let prefix = match n % 4 {
                    0 => Key::root(),
                    1 => Key::blocks(),
                    _ => named(*n),
                };
                assert_eq!(shown(store, &prefix), shown(&model, &prefix), "{prefix}");
            }
            Step::Tend => tend(),
        }
    }
    assert_eq!(shown(store, &Key::root()), shown(&model, &Key::root()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(testkit::run::count("CAIRN_MIRROR", 64, 4000) as u32))]

    #[test]
    fn a_cache(steps in steps(), bytes in 0u64..8000) {
        check(&Cache::new(MemStore::new(), bytes), &|| {}, &steps);
    }

    #[test]
    fn a_bloom_filter(steps in steps(), keys in 0u64..20) {
        let store = Bloom::new(MemStore::new());
        check(&store, &|| store.build(keys).unwrap().finish().unwrap(), &steps);
        check(&built(keys), &|| {}, &steps);
    }

    #[test]
    fn a_namespace_and_a_mount(steps in steps()) {
        check(&in_namespace(), &|| {}, &steps);
        check(&mounted(), &|| {}, &steps);
    }

    #[test]
    fn tiers_of_any_size(steps in steps(), bytes in 0u64..3000) {
        let store = tiers(bytes);
        let tend = || {
            store.settle().unwrap();
            let held: Vec<u64> = store.bytes();
            assert!(held[0] <= bytes && held[1] <= bytes * 4, "{held:?} of {bytes}");
        };
        check(&store, &tend, &steps);
    }

    #[test]
    fn values_that_live_long_enough(steps in steps()) {
        let store = expiring();
        check(&store, &|| assert_eq!(store.sweep().unwrap(), 0), &steps);
    }

    #[test]
    fn one_around_the_other(steps in steps(), bytes in 0u64..3000) {
        let below: Tiered<MemStore> = tiers(bytes);
        let store = Measure::new(Bloom::new(Cache::new(&below, bytes)));
        let tend = || {
            store.inner().build(3).unwrap().finish().unwrap();
            below.settle().unwrap();
        };
        check(&store, &tend, &steps);
    }
}
