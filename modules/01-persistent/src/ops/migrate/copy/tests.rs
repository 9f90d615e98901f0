#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use block_cid::Block;
use datastore::{Entries, MemStore, Op};

use super::*;
use crate::ops::Silent;

const BLOCKS: u64 = 50;

fn run(from: &dyn Datastore, to: &dyn Datastore, watch: &dyn Watch) -> Result<Migrated> {
    run_on(from, None, to, watch)
}

fn block(n: u64) -> (Key, Bytes) {
    let block = Block::raw(n.to_be_bytes().repeat(10));
    let key = Key::block(&block.cid().hash().to_bytes()).unwrap();
    (key, block.into_parts().1)
}

fn source() -> MemStore {
    let store = MemStore::new();
    for (key, value) in (0..BLOCKS).map(block) {
        store.put(&key, &value).unwrap();
    }
    store.put(&Key::new("/pins/a").unwrap(), b"pin").unwrap();
    store
}

/// A disk that does to each value that is written what it likes.
struct Bad<F> {
    inner: MemStore,
    largest: AtomicU64,
    seen: Mutex<Vec<Key>>,
    write: F,
}

impl<F: Fn(bool, Bytes) -> Option<Bytes> + Send + Sync> Bad<F> {
    fn new(write: F) -> Bad<F> {
        Bad {
            inner: MemStore::new(),
            largest: AtomicU64::new(0),
            seen: Mutex::new(Vec::new()),
            write,
        }
    }
}

impl<F: Fn(bool, Bytes) -> Option<Bytes> + Send + Sync> Datastore for Bad<F> {
    fn get(&self, key: &Key) -> datastore::Result<Option<Bytes>> {
        self.inner.get(key)
    }
    fn put(&self, key: &Key, value: &[u8]) -> datastore::Result<()> {
        self.inner.put(key, value)
    }
    fn delete(&self, key: &Key) -> datastore::Result<()> {
        self.inner.delete(key)
    }
    fn query(&self, prefix: &Key) -> datastore::Result<Entries<'_>> {
        self.inner.query(prefix)
    }
    fn apply(&self, batch: Batch) -> datastore::Result<()> {
        self.largest.fetch_max(batch.bytes(), SeqCst);
        for op in batch {
            let Op::Put(key, value) = op else { continue };
            let mut seen = self.seen.lock().unwrap();
            let again = seen.contains(&key);
            seen.push(key.clone());
            if let Some(value) = (self.write)(again, value) {
                self.inner.put(&key, &value)?;
            }
        }
        Ok(())
    }
    fn sync(&self) -> datastore::Result<()> {
        Ok(())
    }
    fn disk_usage(&self) -> datastore::Result<u64> {
        Ok(0)
    }
    fn close(&self) -> datastore::Result<()> {
        Ok(())
    }
}

#[test]
fn what_the_destination_lost_or_damaged_is_copied_again() {
    for lost in [None, Some(Bytes::from_static(b"other bytes"))] {
        // The first write of a key does not come out as it went in, the second does.
        let to = Bad::new(move |again, value: Bytes| match again || value == "pin" {
            true => Some(value),
            false => lost.clone(),
        });
        let done = run(&source(), &to, &Silent).unwrap();
        assert!(done.is_whole(), "{done:?}");
        assert_eq!((done.blocks, done.others), (BLOCKS, 1));
        for (key, value) in (0..BLOCKS).map(block) {
            assert_eq!(to.get(&key).unwrap(), Some(value));
        }
    }
}

#[test]
fn a_destination_that_keeps_nothing_is_an_error() {
    let to = Bad::new(|_, value| (value == "pin").then_some(value));
    let error = run(&source(), &to, &Silent).unwrap_err();
    assert!(error.to_string().contains("use another disk"), "{error}");
}

#[test]
fn a_lost_other_key_is_told() {
    let to = Bad::new(|_, value| (value != "pin").then_some(value));
    let done = run(&source(), &to, &Silent).unwrap();
    assert_eq!((done.blocks, done.others), (BLOCKS, 0));
    assert_eq!(done.different, [Key::new("/pins/a").unwrap()]);
}

#[test]
fn a_batch_has_at_most_8_mib_of_values() {
    let store = MemStore::new();
    for n in 0..12u8 {
        let block = Block::raw(vec![n; 3 << 20]);
        let key = Key::block(&block.cid().hash().to_bytes()).unwrap();
        store.put(&key, block.data()).unwrap();
    }
    let to = Bad::new(|_, value| Some(value));
    let done = run(&store, &to, &Silent).unwrap();
    assert_eq!((done.blocks, done.copied.blocks), (12, 12));
    let largest = to.largest.load(SeqCst);
    assert!((6 << 20..8 << 20).contains(&largest), "{largest}");
}

#[test]
fn what_is_there_is_not_written_again() {
    let (from, to) = (source(), Bad::new(|_, value| Some(value)));
    for (key, value) in (0..20).map(block) {
        to.put(&key, &value).unwrap();
    }
    let done = run(&from, &to, &Silent).unwrap();
    assert_eq!(done.copied.blocks, BLOCKS - 20);
    assert_eq!(to.seen.lock().unwrap().len() as u64, BLOCKS - 20 + 1);
    let again = run(&from, &to, &Silent).unwrap();
    assert_eq!((again.blocks, again.copied), (BLOCKS, Copied::default()));
}

#[test]
fn it_stops_between_two_keys_and_goes_on() {
    struct After(AtomicU64, u64);
    impl Watch for After {
        fn stops(&self) -> bool {
            self.0.fetch_add(1, SeqCst) >= self.1
        }
    }
    let (from, to) = (source(), MemStore::new());
    let mut stops = 0;
    for after in 0.. {
        match run(&from, &to, &After(AtomicU64::new(0), after)) {
            Err(crate::ops::Error::Stopped) => stops += 1,
            done => {
                assert_eq!(done.unwrap().blocks, BLOCKS);
                break;
            }
        }
    }
    assert_eq!(stops, 2 * (BLOCKS + 1));
}
