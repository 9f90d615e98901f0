//! What the page of a DAG holds, whatever the DAG.

use block_cid::{Block, Blockstore, Hash};
use bytes::Bytes;
use dag_ipld::explore::{Bounds, Model, State, page};
use dag_ipld::{Cid, Codec, Dag, Walk, pb};

use crate::random::Made;

/// A block whatever it is called: as CIDv0 or CIDv1 one entry; as raw bytes another, and the same bytes.
#[test]
fn what_is_shared_goes_by_the_hash() {
    let pb = |links: Vec<pb::Link>| {
        let node = pb::Node { links, data: None };
        Block::new(Codec::DagPb.code(), Hash::SHA2_256, node.encode()).unwrap()
    };
    let leaf = pb(vec![]);
    let v1 = *leaf.cid();
    let names = [
        block_cid::to_v0(&v1).unwrap(),
        v1,
        Cid::new_v1(Codec::Raw.code(), *v1.hash()),
    ];
    let link = |cid: &Cid| pb::Link {
        cid: *cid,
        name: Some(Bytes::from("x")),
        size: None,
    };
    let store = Made::default().store();
    store.put(&leaf).unwrap();
    let roots = [[0, 1], [1, 2], [2, 2]].map(|at| {
        let root = pb(at.map(|n| link(&names[n])).to_vec());
        store.put(&root).unwrap();
        *root.cid()
    });
    let dag = Dag::new(store);
    let of = |roots: &[Cid]| {
        let mut model = Model::default();
        for root in roots {
            model
                .add("it", &dag, &[*root], &Bounds::default(), &Walk::default())
                .unwrap();
        }
        model
    };
    let one = of(&roots[..1]);
    assert_eq!(one.blocks.len(), 2);
    assert!(one.blocks.iter().all(|block| block.state == State::Whole));
    let json = of(&[roots[0], roots[2]]).json();
    assert_eq!(json["shared"]["blocks"], 1);
    assert_eq!(json["shared"]["bytes"], leaf.len());
}

/// Long names, many links, escapes: the page stays one that a browser opens.
#[test]
fn a_page_is_bounded_whatever_the_blocks() {
    let store = Made::default().store();
    let mut roots = Vec::new();
    for n in 0..40_u32 {
        let link = |at: u32| {
            let far = Cid::new_v1(
                Codec::Raw.code(),
                block_cid::hash::sha2_256(&(n << 16 | at).to_be_bytes()),
            );
            pb::Link {
                cid: far,
                name: Some(Bytes::from("\u{1}".repeat(150))),
                size: None,
            }
        };
        let node = pb::Node {
            links: (0..2_000).map(link).collect(),
            data: None,
        };
        let block = Block::new(Codec::DagPb.code(), Hash::SHA2_256, node.encode()).unwrap();
        store.put(&block).unwrap();
        roots.push(*block.cid());
    }
    let mut model = Model::default();
    model
        .add(
            "it",
            &Dag::new(store),
            &roots,
            &Bounds::default(),
            &Walk::default(),
        )
        .unwrap();
    let shown: usize = model.blocks.iter().map(|block| block.links.len()).sum();
    let more: usize = model.blocks.iter().map(|block| block.more).sum();
    assert_eq!(shown + more, 80_000, "what is left out is counted");
    assert!(shown > 5_000);
    let len = page(&model).len();
    assert!(len < 25 << 20, "{len} bytes");
}
