//! Hostile DAGs cost what their blocks cost, and not what their paths would.

use dag_ipld::{Cid, Codec, Dag, Error, Next, Order, Walk};

use crate::random::Made;
use crate::stores::Counted;

/// 64 layers of which each links twice to the next: 2⁶⁴ paths.
fn bomb(leaf: u64) -> Made {
    let mut made = Made::default();
    let mut cid = made.add(Codec::Raw, leaf, &[]);
    for _ in 0..64 {
        cid = made.add(Codec::DagCbor, 0, &[cid, cid]);
    }
    made
}

#[test]
fn two_to_the_64_paths_are_65_blocks() {
    let made = bomb(0);
    for order in [Order::Pre, Order::Post, Order::Level] {
        let dag = Dag::new(Counted::new(made.store()));
        let mut blocks = 0;
        let walk = Walk::default().with_order(order);
        dag.walk(&[made.root()], &walk, |_| {
            blocks += 1;
            Ok::<_, Error>(Next::Enter)
        })
        .unwrap();
        // In post-order, blocks with links are read twice.
        let most = if order == Order::Post { 129 } else { 65 };
        let reads = dag.blocks().reads();
        assert_eq!((blocks, reads), (65, most), "{order:?}");
    }
    let stat = Dag::new(made.store()).stat(&[made.root()], &Walk::default());
    let stat = stat.unwrap();
    assert_eq!((stat.unique.blocks, stat.depth), (65, 64));
    // One more than fits: 2⁶⁵ - 1.
    assert_eq!(stat.paths.blocks, u64::MAX);
    assert!(stat.dedup_ratio().unwrap() > 1e14);
}

#[test]
fn two_bombs_are_compared_in_their_layers() {
    let mut made = bomb(0);
    let before = made.root();
    let other = bomb(1);
    made.blocks.extend(other.blocks.clone());
    let dag = Dag::new(Counted::new(made.store()));
    let mut changes = Vec::new();
    dag.diff(&before, &other.root(), &Walk::default(), |change| {
        changes.push(change.path.len());
        Ok::<_, Error>(())
    })
    .unwrap();
    // The leaf, by its first path: list/0 for each layer.
    assert_eq!(changes, [128]);
    assert_eq!(dag.blocks().reads(), 2 * 65);
    let overlap = dag
        .overlap(&before, &other.root(), &Walk::default())
        .unwrap();
    assert_eq!(overlap.shared.blocks, 0);
}

/// A block of 10,000 links to one other, 20 layers deep.
#[test]
fn links_to_the_same_block_are_dropped_when_they_come_up() {
    let mut made = Made::default();
    let mut cid = made.add(Codec::Raw, 7, &[]);
    for _ in 0..20 {
        let links: Vec<Cid> = vec![cid; 10_000];
        cid = made.add(Codec::DagCbor, 0, &links);
    }
    let dag = Dag::new(Counted::new(made.store()));
    let mut links = 0;
    dag.walk(&[cid], &Walk::default(), |visit| {
        links += visit.whole()?.1.len();
        Ok::<_, Error>(Next::Enter)
    })
    .unwrap();
    assert_eq!((links, dag.blocks().reads()), (200_000, 21));
}

/// A chain is as deep as it is long.
#[test]
fn a_chain_of_10_000_blocks_takes_no_stack() {
    let mut made = Made::default();
    let mut cid = made.add(Codec::Raw, 0, &[]);
    for _ in 0..10_000 {
        cid = made.add(Codec::DagCbor, 0, &[cid]);
    }
    let dag = Dag::new(made.store());
    let small = std::thread::Builder::new().stack_size(256 << 10);
    let walked = small.spawn(move || {
        for order in [Order::Pre, Order::Post, Order::Level] {
            let (mut blocks, mut last) = (0, 0);
            let walk = Walk::default().with_order(order).with_in_flight(1);
            dag.walk(&[cid], &walk, |visit| {
                blocks += 1;
                last = visit.depth;
                Ok::<_, Error>(Next::Enter)
            })
            .unwrap();
            let end = if order == Order::Post { 0 } else { 10_000 };
            assert_eq!((blocks, last), (10_001, end));
        }
        dag.stat(&[cid], &Walk::default()).unwrap().depth
    });
    assert_eq!(walked.unwrap().join().unwrap(), 10_000);
}
