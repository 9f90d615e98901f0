//! What is counted is what is there.

use std::collections::BTreeMap;

use block_cid::{Block, Blockstore, Hash};
use dag_ipld::{Cid, Codec, Dag, Stat, Sum, Walk};
use proptest::prelude::*;

use crate::random::{Made, made};

fn stat(made: &Made) -> Stat {
    let dag = Dag::new(made.store());
    dag.stat(&[made.root()], &Walk::default()).unwrap()
}

proptest! {
    #[test]
    fn figures_are_those_of_the_naive_count(made in made()) {
        let stat = stat(&made);
        let nodes = made.pre();
        let mut unique: BTreeMap<_, (u64, Cid)> = BTreeMap::new();
        // In the order in which they are counted: the first codec of a block is the one it stands under.
        for cid in made.post() {
            unique.entry(cid.hash().to_bytes()).or_insert((made.blocks[&cid].len() as u64, cid));
        }
        let mut codecs: BTreeMap<u64, Sum> = BTreeMap::new();
        for (size, cid) in unique.values() {
            let sum = codecs.entry(cid.codec()).or_default();
            *sum = Sum { blocks: sum.blocks + 1, bytes: sum.bytes + size };
        }
        prop_assert_eq!(stat.unique.blocks, unique.len() as u64);
        prop_assert_eq!(stat.unique.bytes, unique.values().map(|(size, _)| size).sum::<u64>());
        prop_assert_eq!(&stat.codecs, &codecs);
        let links: usize = nodes.iter().map(|(cid, _)| made.links[cid].len()).sum();
        prop_assert_eq!(stat.links, links as u64);
        let (blocks, bytes, depth) = made.paths(&made.root());
        prop_assert_eq!((stat.paths.blocks, stat.paths.bytes, stat.depth), (blocks, bytes, depth));
        let ratio = bytes as f64 / stat.unique.bytes as f64;
        prop_assert!((stat.dedup_ratio().unwrap() - ratio).abs() < 1e-12);
        prop_assert!(stat.is_whole());
    }
}

#[test]
fn what_is_missing_or_in_its_cid_is_counted_apart() {
    let mut made = Made::default();
    let missing = made.add(Codec::Raw, 1, &[]);
    let leaf = made.add(Codec::Raw, 2, &[]);
    let inline = *Block::new(Codec::Raw.code(), Hash::IDENTITY, "in")
        .unwrap()
        .cid();
    let unread = Cid::new_v1(Codec::DagPb.code(), *leaf.hash());
    let root = made.add(Codec::DagCbor, 3, &[leaf, inline, unread, missing]);
    let store = made.store();
    store.delete(&missing).unwrap();
    let stat = Dag::new(store).stat(&[root], &Walk::default()).unwrap();
    let bytes = (made.blocks[&leaf].len() + made.blocks[&root].len()) as u64;
    assert_eq!(stat.unique, Sum { blocks: 2, bytes });
    assert_eq!((stat.inline, stat.missing, stat.faulty), (1, 1, 1));
    assert_eq!((stat.links, stat.depth), (4, 1));
    assert_eq!(stat.first_bad, Some(unread));
    assert!(!stat.is_whole());
}

#[test]
fn roots_that_share_are_counted_once_together() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let one = made.add(Codec::DagCbor, 2, &[leaf]);
    let two = made.add(Codec::DagCbor, 3, &[leaf, one]);
    let dag = Dag::new(made.store());
    let stat = dag.stat(&[one, two], &Walk::default()).unwrap();
    assert_eq!(
        (stat.unique.blocks, stat.paths.blocks, stat.depth),
        (3, 6, 2)
    );
    let none = dag.stat(&[], &Walk::default()).unwrap();
    assert_eq!(none, Stat::default());
    assert_eq!(none.dedup_ratio(), None);
}
