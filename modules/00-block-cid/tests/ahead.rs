//! Batches that are hashed ahead of the store.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use block_cid::{Block, Blocks, Blockstore, Cid, Cids, Error, Result, put_batches};
use datastore::MemStore;

/// A block of these bytes as it comes from outside.
fn claimed(n: u32) -> Block {
    let block = Block::raw(format!("block number {n}"));
    Block::claimed(*block.cid(), block.data().clone())
}

fn batch(n: u32) -> Vec<Block> {
    (10 * n..10 * n + 10).map(claimed).collect()
}

#[test]
fn all_are_put_and_counted() {
    let store = Blocks::new(MemStore::new());
    assert_eq!(put_batches(&store, (0..7).map(batch)).unwrap(), 70);
    for n in 0..70 {
        assert!(store.has(claimed(n).cid()).unwrap(), "{n}");
    }
    assert_eq!(put_batches(&store, std::iter::empty()).unwrap(), 0);
}

#[test]
fn of_a_wrong_batch_nothing_is_kept_and_of_those_before_it_all() {
    let store = Blocks::new(MemStore::new());
    let liar = Block::claimed(*claimed(1).cid(), "something else");
    let batches = (0..5).map(|n| {
        let mut batch = batch(n);
        if n == 2 {
            batch.push(liar.clone());
        }
        batch
    });
    let error = put_batches(&store, batches).unwrap_err();
    assert!(matches!(error, Error::WrongCid { .. }), "{error}");
    assert_eq!(store.cids().unwrap().count(), 20);
}

/// A store that takes one batch, and only once it is told to; the next it refuses.
struct Slow {
    told: Mutex<Receiver<()>>,
    taken: Mutex<u32>,
}

impl Blockstore for Slow {
    fn get(&self, _: &Cid) -> Result<Option<Block>> {
        Ok(None)
    }
    fn put(&self, block: &Block) -> Result<()> {
        self.put_many(std::slice::from_ref(block))
    }
    fn size(&self, _: &Cid) -> Result<Option<u64>> {
        Ok(None)
    }
    fn delete(&self, _: &Cid) -> Result<()> {
        Ok(())
    }
    fn cids(&self) -> Result<Cids<'_>> {
        Ok(Box::new(std::iter::empty()))
    }
    fn sync(&self) -> Result<()> {
        Ok(())
    }
    fn put_many(&self, blocks: &[Block]) -> Result<()> {
        assert!(blocks.iter().all(Block::is_proven));
        let told = self.told.lock().unwrap();
        let told = told.recv_timeout(Duration::from_secs(30));
        told.expect("the next batch is made while this one is written");
        let mut taken = self.taken.lock().unwrap();
        *taken += 1;
        match *taken {
            1 => Ok(()),
            _ => Err(datastore::Error::Closed.into()),
        }
    }
}

#[test]
fn the_next_batch_is_hashed_meanwhile_and_none_after_a_refusal() {
    let (tell, told) = channel();
    let store = Slow {
        told: Mutex::new(told),
        taken: Mutex::new(0),
    };
    // Without an end: it has to be the store that ends it.
    let batches = (0..).map(|n| {
        if n > 0 {
            tell.send(()).unwrap();
        }
        batch(n % 100)
    });
    let error = put_batches(&store, batches).unwrap_err();
    assert!(matches!(error, Error::Store(datastore::Error::Closed)));
    assert_eq!(*store.taken.lock().unwrap(), 2);
}
