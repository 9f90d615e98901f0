//! No engine can be told from the model in memory, whatever is done to both.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use datastore::{Batch, Datastore, Key, MemStore};
use persistent::{Durability, Kind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestCaseError, TestError, TestRunner};
use testkit::{report, run};

/// Something that is done to both stores, and has to have one answer.
#[derive(Clone, Debug)]
enum Act {
    Put(Key, Bytes),
    Delete(Key),
    Get(Key),
    Has(Key),
    Size(Key),
    Range(Key, u64, u64),
    Batch(Vec<(Key, Option<Bytes>)>),
    GetMany(Vec<Key>),
    Query(Key),
    Keys(Key),
    Sync,
    Reopen,
}

/// Few keys, so that acts meet: eight blocks with digests from 1 to 128 bytes, and
/// names that are each other's parents, siblings and beginnings.
fn key() -> impl Strategy<Value = Key> {
    let hash = |n: u8| {
        [
            &[0x12, 0x20][..],
            &vec![n; [32, 32, 32, 1, 20, 48, 64, 128][n as usize % 8]],
        ]
        .concat()
    };
    let text = prop::sample::select(vec![
        "/a",
        "/a/b",
        "/a/b/c",
        "/ab",
        "/a.b",
        "/z/é",
        "/block",
        "/blocksize",
    ]);
    prop_oneof![
        3 => (0..8u8).prop_map(move |n| Key::block(&hash(n)).unwrap()),
        2 => text.prop_map(|text| Key::new(text).unwrap()),
    ]
}

fn prefix() -> impl Strategy<Value = Key> {
    prop_oneof![Just(Key::root()), Just(Key::blocks()), key()]
}

/// Lengths around those at which engines change their ways.
fn value() -> impl Strategy<Value = Bytes> {
    let len = prop_oneof![
        0..40usize,
        1000..1100usize,
        4000..4200usize,
        Just(70_000usize)
    ];
    (len, any::<u8>()).prop_map(|(len, byte)| {
        let value: Vec<u8> = (0..len).map(|i| (i % 251) as u8 ^ byte).collect();
        value.into()
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (key(), value()).prop_map(|(key, value)| Act::Put(key, value)),
        3 => key().prop_map(Act::Delete),
        2 => key().prop_map(Act::Get),
        1 => key().prop_map(Act::Has),
        1 => key().prop_map(Act::Size),
        1 => (key(), 0..5000u64, 0..80_000u64).prop_map(|(key, a, b)| Act::Range(key, a, b)),
        2 => vec((key(), prop::option::weighted(0.7, value())), 0..8).prop_map(Act::Batch),
        1 => vec(key(), 0..6).prop_map(Act::GetMany),
        1 => prefix().prop_map(Act::Query),
        1 => prefix().prop_map(Act::Keys),
        1 => Just(Act::Sync),
        1 => Just(Act::Reopen),
    ]
}

/// Does one thing, and says what came of it.
fn answer(store: &dyn Datastore, act: &Act) -> datastore::Result<String> {
    let short = |value: Option<Bytes>| {
        value.map(|v| {
            format!(
                "{} bytes, sum {}",
                v.len(),
                v.iter().map(|b| u64::from(*b)).sum::<u64>()
            )
        })
    };
    Ok(match act {
        Act::Put(key, value) => format!("{:?}", store.put(key, value)?),
        Act::Delete(key) => format!("{:?}", store.delete(key)?),
        Act::Get(key) => format!("{:?}", short(store.get(key)?)),
        Act::Has(key) => format!("{:?}", store.has(key)?),
        Act::Size(key) => format!("{:?}", store.size(key)?),
        Act::Range(key, from, to) => format!("{:?}", short(store.get_range(key, *from..*to)?)),
        Act::Batch(ops) => {
            let mut batch = Batch::new();
            for (key, value) in ops {
                match value {
                    Some(value) => batch.put(key.clone(), value.clone()),
                    None => batch.delete(key.clone()),
                }
            }
            format!("{:?}", store.apply(batch)?)
        }
        Act::GetMany(keys) => {
            let values = store.get_many(keys)?;
            format!("{:?}", values.into_iter().map(short).collect::<Vec<_>>())
        }
        Act::Query(prefix) => {
            let entries: Vec<_> = store.query(prefix)?.collect::<datastore::Result<_>>()?;
            let keys = entries.iter().map(|(key, _)| key.clone()).collect();
            let values: BTreeMap<Key, _> = entries
                .into_iter()
                .map(|(key, value)| (key, short(Some(value))))
                .collect();
            format!("{} {values:?}", ordered(keys))
        }
        Act::Keys(prefix) => ordered(store.keys(prefix)?.collect::<datastore::Result<_>>()?),
        Act::Sync => format!("{:?}", store.sync()?),
        Act::Reopen => String::new(),
    })
}

/// Keys in the order that is promised: blocks may come in any.
fn ordered(mut keys: Vec<Key>) -> String {
    let blocks = keys
        .iter()
        .position(|key| key.as_block().is_some())
        .unwrap_or(keys.len());
    keys[blocks..].sort();
    format!("{keys:?}")
}

/// Opens a store anew, after its predecessor, if there is one, was closed.
type Opener<'a> = dyn Fn() -> Box<dyn Datastore> + 'a;

/// Does all of `acts` to a new store and to the model; what differs first is the error.
fn compare(acts: &[Act], opener: &Opener<'_>) -> Result<(), TestCaseError> {
    let model = MemStore::new();
    let mut store = opener();
    let end = [Act::Reopen, Act::Query(Key::root())];
    for (n, act) in acts.iter().chain(&end).enumerate() {
        if matches!(act, Act::Reopen) {
            store.close().unwrap();
            drop(store);
            store = opener();
        }
        let wanted = answer(&model, act).unwrap();
        let got = answer(&*store, act)
            .map_err(|e| TestCaseError::fail(format!("act {n}, {act:?}: {}", crate::chain(&e))))?;
        prop_assert_eq!(got, wanted, "act {}, {:?}", n, act);
    }
    Ok(())
}

fn cases(count: u32) -> TestRunner {
    TestRunner::new(Cases {
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Cases::with_cases(count)
    })
}

fn mirror(kind: Kind, durability: Durability, count: u32) {
    let begun = Instant::now();
    let result = cases(count).run(&vec(act(), 1..40), |acts| {
        let dir = tempfile::tempdir().unwrap();
        let config = crate::config(kind, dir.path()).with_durability(durability);
        compare(&acts, &|| {
            Box::new(crate::open(&config)) as Box<dyn Datastore>
        })
    });
    if let Err(error) = result {
        panic!("{kind} {durability:?}: {error}");
    }
    report(&format!(
        "mirror {kind} {durability:?}: {count} cases agree with the model, in {:.0?}",
        begun.elapsed()
    ));
}

#[test]
fn no_engine_can_be_told_from_the_model() {
    let count = run::count("CAIRN_CASES", 60, 2_000) as u32;
    for kind in crate::kinds() {
        mirror(kind, Durability::Each, count / 2);
        mirror(kind, Durability::Batch, count);
    }
}

/// The comparison finds a store that is wrong only after it was opened again, and shrinks what it
/// did to the acts that matter.
#[test]
fn a_store_that_forgets_a_delete_when_reopened_is_told_from_the_model() {
    /// Loses each delete at the next open.
    struct Forgetful(Arc<MemStore>, Mutex<Vec<(Key, Bytes)>>);
    impl Datastore for Forgetful {
        fn get(&self, key: &Key) -> datastore::Result<Option<Bytes>> {
            self.0.get(key)
        }
        fn put(&self, key: &Key, value: &[u8]) -> datastore::Result<()> {
            self.1.lock().unwrap().retain(|(gone, _)| gone != key);
            self.0.put(key, value)
        }
        fn delete(&self, key: &Key) -> datastore::Result<()> {
            if let Some(value) = self.0.get(key)? {
                self.1.lock().unwrap().push((key.clone(), value));
            }
            self.0.delete(key)
        }
        fn query(&self, prefix: &Key) -> datastore::Result<datastore::Entries<'_>> {
            self.0.query(prefix)
        }
        fn sync(&self) -> datastore::Result<()> {
            Ok(())
        }
        fn disk_usage(&self) -> datastore::Result<u64> {
            Ok(1)
        }
        fn close(&self) -> datastore::Result<()> {
            for (key, value) in self.1.lock().unwrap().drain(..) {
                self.0.put(&key, &value)?;
            }
            Ok(())
        }
    }
    let result = cases(500).run(&vec(act(), 1..40), |acts| {
        let inner = Arc::new(MemStore::new());
        compare(&acts, &|| {
            Box::new(Forgetful(Arc::clone(&inner), Mutex::default()))
        })
    });
    let Err(TestError::Fail(_, acts)) = result else {
        panic!("the comparison found nothing wrong: {result:?}");
    };
    assert!(
        acts.len() <= 4,
        "it should shrink to a put and a delete: {acts:?}"
    );
}
