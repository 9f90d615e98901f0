//! A walk visits each block once, in its order, whatever is read when.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use block_cid::{Blockstore, Hash, Multihash};
use dag_ipld::{Cid, Codec, Dag, Error, Found, Next, Order, Path, Result, Walk};
use datastore::{Datastore, Key};
use proptest::prelude::*;

use crate::random::{Made, made};
use crate::stores::Counted;

fn visits<B: Blockstore>(dag: &Dag<B>, root: Cid, walk: &Walk<'_>) -> Result<Vec<(Cid, u32)>> {
    let mut visits = Vec::new();
    dag.walk(&[root], walk, |visit| {
        let found = (visit.cid, visit.depth);
        visit.whole()?;
        visits.push(found);
        Ok::<_, Error>(Next::Enter)
    })?;
    Ok(visits)
}

proptest! {
    #[test]
    fn each_order_is_the_naive_one_and_the_same_with_many_readers(made in made()) {
        // Slow enough to have blocks read ahead, and each in a time of its own.
        let slow = Duration::from_micros(200);
        let dag = Dag::new(Counted { slow, ..Counted::new(made.store()) });
        for readers in [1, 3, 8] {
            let of = |order| {
                let walk = Walk::default().with_order(order).with_in_flight(readers);
                visits(&dag, made.root(), &walk).unwrap()
            };
            prop_assert_eq!(of(Order::Pre), made.pre());
            prop_assert_eq!(of(Order::Level), made.level());
            let post: Vec<Cid> = of(Order::Post).iter().map(|(cid, _)| *cid).collect();
            prop_assert_eq!(post, made.post());
        }
    }

    #[test]
    fn a_limit_on_depth_leaves_out_what_is_farther_by_every_way(made in made(), depth in 0..4_u32) {
        let dag = Dag::new(made.store());
        let near: Vec<_> = made.level().into_iter().filter(|(_, d)| *d <= depth).collect();
        for order in [Order::Pre, Order::Level] {
            let walk = Walk::default().with_order(order).with_depth(depth);
            prop_assert_eq!(&visits(&dag, made.root(), &walk).unwrap(), &near);
        }
        let post = Walk::default().with_order(Order::Post).with_depth(depth);
        let error = visits(&dag, made.root(), &post).unwrap_err();
        prop_assert!(matches!(error, Error::DepthInPost));
    }

    /// The limit is met exactly: as many as there are pass, one fewer is an error, and nothing beyond
    /// it was visited.
    #[test]
    fn limits_are_kept_to_the_last_block_and_byte(made in made()) {
        let dag = Dag::new(made.store());
        let nodes = made.pre();
        let mut hashes: Vec<_> = nodes.iter().map(|(cid, _)| *cid.hash()).collect();
        hashes.sort();
        hashes.dedup();
        let size = |hash: &block_cid::Multihash| {
            made.blocks.values().find(|b| b.cid().hash() == hash).unwrap().len() as u64
        };
        let bytes: u64 = hashes.iter().map(size).sum();
        for order in [Order::Pre, Order::Post, Order::Level] {
            let walk = Walk::default().with_order(order).with_in_flight(3);
            let all = nodes.len() as u64;
            let fits = walk.clone().with_max_blocks(all).with_max_bytes(bytes);
            prop_assert_eq!(visits(&dag, made.root(), &fits).unwrap().len(), nodes.len());
            for (tight, what) in [
                (walk.clone().with_max_blocks(all - 1), "blocks"),
                (walk.clone().with_max_bytes(bytes - 1), "bytes"),
            ] {
                match visits(&dag, made.root(), &tight) {
                    Err(Error::Limit { what: of, .. }) => prop_assert_eq!(of, what),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
        }
    }
}

/// Missing, damaged, malformed, of a codec nobody knows: each is a visit that says so, and the walk
/// goes on.
#[test]
fn what_cannot_be_read_is_visited_as_what_it_is() {
    let mut made = Made::default();
    let whole = made.add(Codec::Raw, 1, &[]);
    let missing = made.add(Codec::Raw, 2, &[]);
    let damaged = made.add(Codec::Raw, 3, &[]);
    // The bytes of a raw block are no dag-cbor, and git is not read here.
    let malformed = Cid::new_v1(Codec::DagCbor.code(), *whole.hash());
    let git = Cid::new_v1(0x78, *whole.hash());
    let inline = block_cid::Block::new(Codec::Raw.code(), Hash::IDENTITY, "in").unwrap();
    // Kubo takes such links, too: a digest that is too short, and a hash that nobody here computes.
    let short = Cid::new_v1(0x55, Multihash::wrap(0x12, &[7; 10]).unwrap());
    let poseidon = Cid::new_v1(0x55, Multihash::wrap(0xb401, &[7; 32]).unwrap());
    let links = [
        short,
        whole,
        missing,
        poseidon,
        damaged,
        malformed,
        git,
        *inline.cid(),
    ];
    made.add(Codec::DagCbor, 0, &links);
    let store = made.store();
    store.delete(&missing).unwrap();
    let key = Key::block(&damaged.hash().to_bytes()).unwrap();
    store.store().put(&key, b"flipped").unwrap();

    let dag = Dag::new(store);
    let mut told = Vec::new();
    dag.walk(&[made.root()], &Walk::default(), |visit| {
        let what = match &visit.found {
            Found::Node { .. } => "node",
            Found::Opaque {
                error: Error::Codec { .. },
                ..
            } => "unknown codec",
            Found::Opaque { .. } => "malformed",
            Found::Damaged(_) => "damaged",
            Found::Refused(_) => "refused",
            Found::Missing => "missing",
        };
        told.push((visit.cid, what, visit.again));
        assert_eq!(visit.whole().is_ok(), what == "node");
        Ok::<_, Error>(Next::Enter)
    })
    .unwrap();
    let expected = [
        (made.root(), "node", false),
        (short, "refused", false),
        (whole, "node", false),
        (missing, "missing", false),
        (poseidon, "refused", false),
        (damaged, "damaged", false),
        (malformed, "malformed", true),
        (git, "unknown codec", true),
        (*inline.cid(), "node", false),
    ];
    assert_eq!(told, expected);
    let stat = dag.stat(&[made.root()], &Walk::default()).unwrap();
    assert_eq!((stat.missing, stat.faulty, stat.inline), (1, 5, 1));
    // A path says which block it is, too.
    for (at, cid) in [(0, short), (3, poseidon)] {
        let path = Path::new(made.root()).join("list").join(at.to_string());
        assert_eq!(dag.resolve(&path).unwrap().found().unwrap().cid, cid);
        let error = dag.get(&path).unwrap_err().to_string();
        let said = format!("block {cid} cannot be had: ");
        assert!(error.starts_with(&said), "{error}");
    }
}

/// A block read as raw first, and then as what it is: its links are not lost.
#[test]
fn what_was_met_as_raw_is_still_entered_as_what_it_is() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let inner = made.add(Codec::DagCbor, 2, &[leaf]);
    let raw = made.as_raw(&inner);
    made.add(Codec::DagCbor, 3, &[raw, inner]);
    let dag = Dag::new(made.store());
    let visited = visits(&dag, made.root(), &Walk::default()).unwrap();
    assert_eq!(visited, made.pre());
    assert!(visited.iter().any(|(cid, _)| *cid == leaf));
}

#[test]
fn a_walk_skips_and_stops_where_it_is_told_to() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let left = made.add(Codec::DagCbor, 2, &[leaf]);
    let right = made.add(Codec::DagPb, 3, &[]);
    let root = made.add(Codec::DagJson, 4, &[left, right]);
    let dag = Dag::new(made.store());
    let told = |at: Cid, next: Next| {
        let mut visited = Vec::new();
        dag.walk(&[root], &Walk::default(), |visit| {
            visited.push(visit.cid);
            Ok::<_, Error>(if visit.cid == at { next } else { Next::Enter })
        })
        .unwrap();
        visited
    };
    assert_eq!(told(left, Next::Enter), [root, left, leaf, right]);
    assert_eq!(told(left, Next::Skip), [root, left, right]);
    assert_eq!(told(left, Next::Stop), [root, left]);
}

#[test]
fn an_error_of_the_visitor_ends_the_walk_with_it() {
    let mut made = Made::default();
    let links: Vec<Cid> = (0..9).map(|n| made.add(Codec::Raw, n, &[])).collect();
    made.add(Codec::DagCbor, 0, &links);
    let mut left = 5;
    let end = Dag::new(made.store()).walk(&[made.root()], &Walk::default(), |_| {
        left -= 1;
        match left {
            0 => Err(anyhow::anyhow!("enough")),
            _ => Ok(Next::Enter),
        }
    });
    assert_eq!(end.unwrap_err().to_string(), "enough");
    assert_eq!(left, 0);
}

#[test]
fn progress_is_told_of_each_byte_once() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let inner = made.add(Codec::DagCbor, 2, &[leaf, leaf]);
    let raw = made.as_raw(&inner);
    made.add(Codec::DagPb, 3, &[inner, raw]);
    let dag = Dag::new(made.store());
    let size = |cid: &Cid| made.blocks[cid].len() as u64;
    let expected = size(&leaf) + size(&inner) + size(&made.root());
    for order in [Order::Pre, Order::Post, Order::Level] {
        let told = AtomicU64::new(0);
        let add = |bytes| {
            told.fetch_add(bytes, SeqCst);
        };
        let walk = Walk::default().with_order(order).with_progress(&add);
        visits(&dag, made.root(), &walk).unwrap();
        assert_eq!(told.load(SeqCst), expected, "{order:?}");
    }
}
