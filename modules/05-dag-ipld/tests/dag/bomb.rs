//! Hostile DAGs cost what their blocks cost, and not what their paths would.

use block_cid::Multihash;
use bytes::Bytes;
use dag_ipld::{Cid, Codec, Dag, Error, Ipld, Next, Order, Walk, links};

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
        changes.push(change.path.segments().len());
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

/// 100 maps within each other, each with a name of 1000 bytes, around a list.
fn deep(list: Vec<Ipld>) -> Ipld {
    let name = "n".repeat(1000);
    (0..100).fold(Ipld::List(list), |inner, _| {
        Ipld::from([(name.as_str(), inner)])
    })
}

/// 10,000 links below 100 KB of names: written out, their paths are 1 GB.
#[test]
fn paths_share_what_they_have_in_common() {
    let digest = |n: u32| Multihash::wrap(0, &n.to_be_bytes()).unwrap();
    let link = |n| Ipld::from(Cid::new_v1(0x55, digest(n)));
    let value = deep((0..10_000).map(link).collect());
    let block = Bytes::from(Codec::DagCbor.encode(&value).unwrap());
    let mut found = Vec::new();
    let used = allocation_counter::measure(|| found = links(Codec::DagCbor, &block).unwrap());
    assert_eq!(found.len(), 10_000);
    assert_eq!(found[9_999].path.segments().len(), 101);
    assert!(found[9_999].path.short(20).ends_with("nnnnn/9999"));
    assert!(used.bytes_max < 8 << 20, "{}", used.bytes_max);
}

/// As many changes below as many names, and pairs of links: each is told as soon as it is found.
#[test]
fn changes_share_their_paths_and_are_not_gathered() {
    let dag = Dag::new(Made::default().store());
    let add = |n: u64| {
        let link = Ipld::from(*block_cid::Block::raw(n.to_be_bytes().to_vec()).cid());
        let mut list = vec![link; 5_000];
        list.extend(vec![Ipld::Integer(n.into()); 5_000]);
        let hash = block_cid::Hash::SHA2_256;
        dag.add(Codec::DagCbor, hash, &deep(list)).unwrap()
    };
    let (before, after) = (add(1), add(2));
    let (mut changes, mut text) = (0, 0);
    let used = allocation_counter::measure(|| {
        dag.diff(&before, &after, &Walk::default(), |change| {
            changes += 1;
            text += change.path.short(200).len();
            Ok::<_, Error>(())
        })
        .unwrap();
    });
    // Each number, and the one pair that all links make.
    assert_eq!(changes, 5_001);
    assert!(text < 5_001 * 210, "{text}");
    assert!(used.bytes_max < 16 << 20, "{}", used.bytes_max);
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
