//! Wrappers around the engines: what they keep is found again by a later process.

use std::time::Duration;

use datastore::{Datastore, Error, MemStore};
use persistent::wrappers::tiered::Limits;
use persistent::wrappers::{Bloom, Cache, Mount, ReadOnly, Tiered, Ttl};
use persistent::{Config, Durability, Kind, Persistent};

use crate::{Clock, all, block, key};

#[test]
fn what_wrappers_keep_on_an_engine_is_found_again() {
    for kind in Kind::built().filter(|kind| kind.is_on_disk()) {
        let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::default());
        let config = Config::new(kind)
            .with_path(dir.path().join("store"))
            .with_min_free(0)
            .with_durability(Durability::Batch);
        for round in 0..2 {
            let store = Persistent::open(&config).unwrap();
            let limits = Limits {
                bytes: 500,
                idle: None,
            };
            // What is hot is in memory here, and settled before the end.
            type Any<'a> = Box<dyn Datastore + 'a>;
            let hot: Any<'_> = Box::new(MemStore::new());
            let tiers = Tiered::open(vec![(hot, limits)], Box::new(&store) as Any<'_>).unwrap();
            let top = Cache::new(
                Ttl::new(&tiers, Some(Duration::from_secs(60))).with_clock(clock.read()),
                1 << 20,
            );
            if round == 0 {
                for n in 0..40 {
                    top.put(&block(n), &[n as u8; 50]).unwrap();
                }
                top.put(&key("/name"), b"x").unwrap();
                // Pushes what is hot into the engine.
                for n in 100..110 {
                    top.put(&block(n), &[0; 50]).unwrap();
                }
                top.sync().unwrap();
            } else {
                assert_eq!(top.get(&key("/name")).unwrap().unwrap(), "x", "{kind}");
                for n in 0..40 {
                    let value = top.get(&block(n)).unwrap().unwrap();
                    assert_eq!(value, [n as u8; 50][..], "{kind}: block {n}");
                }
                clock.pass(60);
                let ttl = Ttl::new(&store, None).with_clock(clock.read());
                assert_eq!(all(&ttl), [], "{kind}: everything has expired");
                assert!(ttl.sweep().unwrap() > 40, "{kind}");
            }
            drop(top);
            store.close().unwrap();
        }
    }
}

#[test]
fn a_filter_and_a_refusal_work_on_every_engine() {
    for kind in Kind::built() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::new(kind).with_min_free(0);
        if kind.is_on_disk() {
            config = config.with_path(dir.path().join("store"));
        }
        let store = Persistent::open(&config).unwrap();
        store.put(&block(1), b"x").unwrap();
        let bloom = Bloom::new(Mount::new(&store));
        bloom.build(10).unwrap().finish().unwrap();
        assert!(bloom.has(&block(1)).unwrap() && !bloom.has(&block(2)).unwrap());
        let reader = ReadOnly::new(&store, "here", "for reading");
        let refused = reader.put(&block(2), b"y").unwrap_err();
        assert!(
            matches!(refused, Error::ReadOnly { .. }),
            "{kind}: {refused:?}"
        );
        store.close().unwrap();
        let closed = reader.put(&block(2), b"y").unwrap_err();
        assert!(matches!(closed, Error::Closed), "{kind}: {closed:?}");
    }
}
