//! A copy has the whole DAG, puts children before parents, and goes on where one before it ended.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use block_cid::{Block, Blocks, Blockstore, Cid, Cids, Multihash, Result};
use dag_ipld::{Codec, Copied, Dag, Error, Next, Sum, Walk};
use datastore::{Datastore, Key, MemStore};
use proptest::prelude::*;

use crate::random::{Made, made};

/// Fails after some puts, checks that what a block links to is there before it, under every codec that
/// it is linked to by, and writes down what was asked of it.
struct Strict {
    inner: Blocks<MemStore>,
    links: HashMap<Multihash, Vec<Cid>>,
    left: AtomicUsize,
    told: Mutex<Vec<String>>,
}

impl Strict {
    fn new(inner: Blocks<MemStore>, made: &Made, puts: usize) -> Strict {
        let mut links: HashMap<_, Vec<Cid>> = HashMap::new();
        for (cid, _) in made.pre() {
            links
                .entry(*cid.hash())
                .or_default()
                .extend(&made.links[&cid]);
        }
        Strict {
            inner,
            links,
            left: AtomicUsize::new(puts),
            told: Mutex::default(),
        }
    }

    fn tell(&self, what: String) {
        self.told.lock().unwrap().push(what);
    }
}

impl Blockstore for Strict {
    fn get(&self, cid: &Cid) -> Result<Option<Block>> {
        self.inner.get(cid)
    }
    fn put(&self, block: &Block) -> Result<()> {
        let full = || std::io::Error::other("no more");
        if self
            .left
            .fetch_update(SeqCst, SeqCst, |n| n.checked_sub(1))
            .is_err()
        {
            return Err(datastore::Error::io("put", "there", full()).into());
        }
        for link in &self.links[block.cid().hash()] {
            assert!(
                self.inner.has(link)?,
                "{} was put before {link}",
                block.cid()
            );
        }
        self.tell(format!("put {}", block.cid()));
        self.inner.put(block)
    }
    fn size(&self, cid: &Cid) -> Result<Option<u64>> {
        self.inner.size(cid)
    }
    fn delete(&self, cid: &Cid) -> Result<()> {
        self.inner.delete(cid)
    }
    fn cids(&self) -> Result<Cids<'_>> {
        self.inner.cids()
    }
    fn sync(&self) -> Result<()> {
        self.tell("sync".into());
        self.inner.sync()
    }
}

fn copy(made: &Made, to: &impl Blockstore) -> dag_ipld::Result<Copied> {
    Dag::new(made.store()).copy(&[made.root()], to, &Walk::default())
}

/// The unique blocks below the root.
fn all(made: &Made) -> Sum {
    let stat = Dag::new(made.store()).stat(&[made.root()], &Walk::default());
    stat.unwrap().unique
}

fn is_whole(made: &Made, store: &impl Blockstore) -> bool {
    let dag = Dag::new(store);
    let end = dag.walk(&[made.root()], &Walk::default(), |visit| {
        visit.whole().map(|_| Next::Enter)
    });
    end.is_ok()
}

fn plus(a: Sum, b: Sum) -> Sum {
    Sum {
        blocks: a.blocks + b.blocks,
        bytes: a.bytes + b.bytes,
    }
}

proptest! {
    /// Whatever is there before, and wherever it ends: no block stands without what it links to, and
    /// the next copy puts only what is left.
    #[test]
    fn a_copy_that_ended_early_goes_on(
        made in made(),
        there in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        puts in 0..10_usize,
    ) {
        let store = Blocks::new(MemStore::new());
        // Leaves are whole DAGs of their own, so that they may be there.
        for at in there {
            let cid = made.cids[at.index(made.cids.len())];
            if made.links[&cid].is_empty() {
                store.put(&made.blocks[&cid]).unwrap();
            }
        }
        let first = Strict::new(store, &made, puts);
        let ended = copy(&made, &first);
        prop_assert_eq!(ended.is_ok(), is_whole(&made, &first.inner));
        let before = first.inner.cids().unwrap().count() as u64;
        let second = Strict::new(first.inner, &made, usize::MAX);
        let copied = copy(&made, &second).unwrap();
        prop_assert!(is_whole(&made, &second.inner));
        prop_assert_eq!(plus(copied.put, copied.there), all(&made));
        let after = second.inner.cids().unwrap().count() as u64;
        prop_assert_eq!(copied.put.blocks, after - before);
        let third = copy(&made, &second).unwrap();
        prop_assert_eq!(third, Copied { put: Sum::default(), there: all(&made) });
    }
}

#[test]
fn a_root_is_put_after_a_flush_of_all_else() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let inner = made.add(Codec::DagCbor, 2, &[leaf]);
    let root = made.add(Codec::DagPb, 3, &[inner, leaf]);
    let to = Strict::new(Blocks::new(MemStore::new()), &made, usize::MAX);
    let roots = [root, inner];
    Dag::new(made.store())
        .copy(&roots, &to, &Walk::default())
        .unwrap();
    let put = |cid| format!("put {cid}");
    let sync = || "sync".to_owned();
    let expected = [put(leaf), sync(), put(inner), sync(), put(root), sync()];
    assert_eq!(*to.told.lock().unwrap(), expected);
}

/// A leaf waits for others to be put with it; met again as what it is, it is the same block.
#[test]
fn a_block_under_two_codecs_is_put_once() {
    let mut made = Made::default();
    let inner = made.add(Codec::DagPb, 1, &[]);
    let raw = made.as_raw(&inner);
    made.add(Codec::DagCbor, 2, &[raw, inner]);
    let copied = copy(&made, &Blocks::new(MemStore::new())).unwrap();
    assert_eq!(copied.put, all(&made));
}

/// As raw it links to nothing, and yet what it links to as what it is comes before it; a root comes after
/// a flush, whatever it is met as first.
#[test]
fn a_block_that_is_met_as_raw_is_put_after_what_it_links_to() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let child = made.add(Codec::DagCbor, 2, &[leaf]);
    let inner = made.add(Codec::DagCbor, 3, &[child]);
    let raw = made.as_raw(&inner);
    let folder = made.add(Codec::DagPb, 4, &[raw]);
    made.add(Codec::DagCbor, 5, &[folder, inner]);
    let put = |cid| format!("put {cid}");
    let sync = || "sync".to_owned();
    let told = |roots: &[Cid]| {
        let to = Strict::new(Blocks::new(MemStore::new()), &made, usize::MAX);
        Dag::new(made.store())
            .copy(roots, &to, &Walk::default())
            .unwrap();
        to.told.into_inner().unwrap()
    };
    let below = [put(leaf), put(child)];
    let whole = [put(raw), put(folder), sync(), put(made.root()), sync()];
    assert_eq!(told(&[made.root()]), [&below[..], &whole].concat());
    let roots = [sync(), put(raw), sync(), put(folder), sync()];
    assert_eq!(told(&[folder, inner]), [&below[..], &roots].concat());
}

/// A link whose hash the store refuses ends a copy, and the error names it.
#[test]
fn what_cannot_be_had_is_named() {
    let mut made = Made::default();
    let poseidon = Cid::new_v1(0x55, Multihash::wrap(0xb401, &[7; 32]).unwrap());
    made.add(Codec::DagCbor, 1, &[poseidon]);
    let to = Blocks::new(MemStore::new());
    let error = copy(&made, &to).unwrap_err();
    assert!(matches!(&error, Error::Refused { cid, .. } if **cid == poseidon));
    assert!(error.to_string().contains(&poseidon.to_string()), "{error}");
}

#[test]
fn a_damaged_block_in_the_copy_is_replaced() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let inner = made.add(Codec::DagCbor, 2, &[leaf]);
    let root = made.add(Codec::DagCbor, 3, &[inner]);
    let to = Blocks::new(MemStore::new());
    copy(&made, &to).unwrap();
    for damaged in [leaf, inner, root] {
        let key = Key::block(&damaged.hash().to_bytes()).unwrap();
        to.store().put(&key, b"flipped").unwrap();
        assert!(!is_whole(&made, &to));
        let copied = copy(&made, &to).unwrap();
        assert_eq!(
            (copied.put.blocks, copied.there.blocks),
            (1, 2),
            "{damaged}"
        );
        assert!(is_whole(&made, &to));
    }
}

/// What is there is read there: the source need not have it.
#[test]
fn the_source_is_asked_only_for_what_is_not_there() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let root = made.add(Codec::DagCbor, 2, &[leaf]);
    let to = Blocks::new(MemStore::new());
    to.put(&made.blocks[&leaf]).unwrap();
    let source = made.store();
    source.delete(&leaf).unwrap();
    let copied = Dag::new(&source)
        .copy(&[root], &to, &Walk::default())
        .unwrap();
    assert_eq!((copied.put.blocks, copied.there.blocks), (1, 1));
    // And in neither store, it is named.
    to.delete(&leaf).unwrap();
    to.delete(&root).unwrap();
    let error = Dag::new(&source)
        .copy(&[root], &to, &Walk::default())
        .unwrap_err();
    assert!(matches!(error, Error::Missing { cid } if *cid == leaf));
    assert!(!to.has(&root).unwrap());
}
