//! DAGs out of stores.

use std::io::Cursor;

use block_cid::{Block, Blocks, Blockstore, Cid, Hash, codec, to_v0};
use bytes::Bytes;
use dag_ipld::pb::{Link, Node};
use datastore::MemStore;
use persistent::ops::{Silent, Watch};
use unixfs_car::car::export::{Missing, export};
use unixfs_car::car::{Error, Result, Version, Writer};

use crate::made::{VERSIONS, car, read, tight};

pub fn store() -> Blocks<MemStore> {
    Blocks::new(MemStore::new())
}

/// The CAR that an export writes.
pub fn exported(store: &dyn Blockstore, root: &Cid) -> Result<Vec<u8>> {
    exported_as(Version::V1, store, root, &Silent)
}

fn exported_as(
    version: Version,
    store: &dyn Blockstore,
    root: &Cid,
    watch: &dyn Watch,
) -> Result<Vec<u8>> {
    let mut writer = Writer::new(Cursor::new(Vec::new()), &[*root], version, &tight())?;
    let copied = export(store, root, Missing::Refused, &mut writer, watch)?;
    let bytes = writer.finish()?.into_inner();
    let (blocks, end) = read(&bytes);
    end.unwrap();
    let len: usize = blocks.iter().map(Block::len).sum();
    assert_eq!(
        (copied.blocks, copied.bytes),
        (blocks.len() as u64, len as u64)
    );
    Ok(bytes)
}

/// A node of dag-pb with links to these.
fn node(links: &[Cid], data: &str) -> Block {
    let link = |cid: &Cid| Link {
        cid: *cid,
        name: None,
        size: None,
    };
    let node = Node {
        links: links.iter().map(link).collect(),
        data: Some(Bytes::copy_from_slice(data.as_bytes())),
    };
    Block::new(codec::DAG_PB, Hash::SHA2_256, node.encode()).unwrap()
}

/// a -> b, c, b;  b -> d, leaf;  c -> d, an identity, the identity again;  d is version 0.
fn dag() -> Vec<Block> {
    let leaf = Block::raw("leaf");
    let inline = Block::new(codec::RAW, Hash::IDENTITY, "inline").unwrap();
    let d = node(&[], "d");
    let d = Block::checked(to_v0(d.cid()).unwrap(), d.data().clone()).unwrap();
    let b = node(&[*d.cid(), *leaf.cid()], "b");
    let c = node(&[*d.cid(), *inline.cid(), *inline.cid()], "c");
    let a = node(&[*b.cid(), *c.cid(), *b.cid()], "a");
    vec![a, b, d, leaf, c, inline]
}

#[test]
fn the_walk_goes_deep_in_the_order_of_links_and_writes_each_cid_once() {
    let dag = dag();
    let store = store();
    store.put_many(&dag).unwrap();
    let root = *dag[0].cid();
    for version in VERSIONS {
        let bytes = exported_as(version, &store, &root, &Silent).unwrap();
        assert!(bytes == car(version, &[root], &dag), "{version:?}");
    }
    // A leaf is a DAG, and so is what is in its CID.
    for block in [&dag[3], &dag[5]] {
        let bytes = exported(&store, block.cid()).unwrap();
        assert!(bytes == car(Version::V1, &[*block.cid()], std::slice::from_ref(block)));
    }
}

/// As Kubo has it: what is linked to as version 0 and 1 is written under both.
#[test]
fn two_cids_of_one_block_are_two_sections() {
    let v1 = node(&[], "twice");
    let v0 = Block::checked(to_v0(v1.cid()).unwrap(), v1.data().clone()).unwrap();
    let raw = Block::checked(Cid::new_v1(codec::RAW, *v1.cid().hash()), v1.data().clone()).unwrap();
    let root = node(&[*v0.cid(), *raw.cid(), *v1.cid(), *v0.cid()], "");
    let store = store();
    store.put_many(&[root.clone(), v1.clone()]).unwrap();
    let wanted = [root.clone(), v0, raw, v1];
    assert!(exported(&store, root.cid()).unwrap() == car(Version::V1, &[*root.cid()], &wanted));
}

/// The error names the block, and how the walk came there.
#[test]
fn a_missing_block_is_named_with_the_way_to_it() {
    let dag = dag();
    for missing in [0, 1, 2, 3, 4] {
        let store = store();
        let there = dag.iter().enumerate().filter(|(n, _)| *n != missing);
        there.for_each(|(_, block)| store.put(block).unwrap());
        let error = exported(&store, dag[0].cid()).unwrap_err();
        let Error::Missing { cid, way } = &error else {
            panic!("{error}");
        };
        assert_eq!(&**cid, dag[missing].cid());
        let parents = [&[][..], &[0], &[0, 1], &[0, 1], &[0]][missing];
        let wanted = parents
            .iter()
            .chain([&missing])
            .map(|n: &usize| *dag[*n].cid());
        assert!(way.cids().eq(wanted), "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("block {} is not in the store", dag[missing].cid())));
    }
}

#[test]
fn what_cannot_be_decoded_is_an_error_as_in_kubo() {
    let store = store();
    let bad = Block::new(codec::DAG_PB, Hash::SHA2_256, "no dag-pb").unwrap();
    let unknown = Block::new(0x78, Hash::SHA2_256, "git").unwrap();
    for (below, why) in [(bad, "the bytes are no dag-pb"), (unknown, "git-raw")] {
        let root = node(&[*below.cid()], "");
        store.put_many(&[root.clone(), below.clone()]).unwrap();
        let error = exported(&store, root.cid()).unwrap_err();
        let Error::Node { cid, source, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(&**cid, below.cid());
        assert!(source.to_string().contains(why), "{source}");
    }
}

#[test]
fn a_damaged_block_is_not_written() {
    use datastore::{Datastore, Key};
    let dag = dag();
    let store = store();
    store.put_many(&dag).unwrap();
    let key = Key::block(&dag[3].cid().hash().to_bytes()).unwrap();
    store.store().put(&key, b"something else").unwrap();
    let error = exported(&store, dag[0].cid()).unwrap_err();
    assert!(
        matches!(&error, Error::Node { cid, .. } if **cid == *dag[3].cid()),
        "{error}"
    );
}

/// Sixteen layers of two nodes that both link to both nodes of the next: 33 blocks, and 65,536 ways.
#[test]
fn a_dag_bomb_is_as_large_as_its_blocks() {
    let store = store();
    let mut layer = vec![*Block::raw("bottom").cid()];
    store.put(&Block::raw("bottom")).unwrap();
    for _ in 0..16 {
        let nodes = ["left", "right"].map(|data| node(&layer, data));
        store.put_many(&nodes).unwrap();
        layer = nodes.iter().map(|node| *node.cid()).collect();
    }
    let root = node(&layer, "top");
    store.put(&root).unwrap();
    let bytes = exported(&store, root.cid()).unwrap();
    assert_eq!(read(&bytes).0.len(), 1 + 32 + 1);
}

struct Stop;

impl Watch for Stop {
    fn stops(&self) -> bool {
        true
    }
}

#[test]
fn an_export_is_stopped() {
    let dag = dag();
    let store = store();
    store.put_many(&dag).unwrap();
    let end = exported_as(Version::V1, &store, dag[0].cid(), &Stop);
    assert!(matches!(end, Err(Error::Stopped)), "{end:?}");
}
