#![allow(clippy::unwrap_used)]

use block_cid::{Block, Blocks, Blockstore, Hash, codec};
use datastore::MemStore;
use testkit::Rng;

use super::*;
use crate::hamt::Fanout;
use crate::unixfs::Mtime;
use crate::{Cid, Dir};

struct Store(Blocks<MemStore>);

impl Sink for Store {
    fn node(&mut self, block: Vec<u8>) -> Result<Cid> {
        let block = Block::new(codec::DAG_PB, Hash::SHA2_256, block)?;
        self.0.put(&block)?;
        Ok(*block.cid())
    }
}

fn store() -> Store {
    Store(Blocks::new(MemStore::new()))
}

fn child() -> Root {
    Root {
        cid: *Block::raw("x").cid(),
        bytes: 1,
        dag: 1,
    }
}

/// A folder of these names; each leads to the same 36 bytes of a CID.
fn folder<'a>(names: impl IntoIterator<Item = &'a [u8]>, meta: Meta) -> Folder {
    let mut folder = Folder::new(meta);
    for name in names {
        folder.push(name, &child()).unwrap();
    }
    folder
}

fn small(estimate: Estimate, threshold: u64) -> Sharding {
    Sharding {
        threshold,
        estimate,
        ..Sharding::default()
    }
}

#[test]
fn a_folder_at_the_limit_is_one_node_and_one_byte_above_it_is_a_trie() {
    let meta = Meta {
        mode: Some(0o755),
        mtime: Some(Mtime::new(1_600_000_000, 7)),
    };
    let names = [&b"a"[..], b"bc"];
    let block = folder(names, meta).finish(&small(Estimate::Disabled, 1), &mut store());
    let len = block.unwrap().dag - 2;
    for (estimate, size) in [(Estimate::Links, 36 + 1 + 36 + 2), (Estimate::Block, len)] {
        for (threshold, sharded) in [
            (size, false),
            (size - 1, true),
            (size + 1, false),
            (0, false),
        ] {
            let is = folder(names, meta).is_sharded(&small(estimate, threshold));
            assert_eq!(is, sharded, "{estimate} {threshold}");
        }
    }
    assert!(!folder([], meta).is_sharded(&small(Estimate::Block, 1)));
}

#[test]
fn a_folder_of_more_entries_than_allowed_is_a_trie() {
    for estimate in [Estimate::Links, Estimate::Block, Estimate::Disabled] {
        let sharding = Sharding {
            max_links: 2,
            ..small(estimate, 1 << 20)
        };
        let names: [&[u8]; 3] = [b"a", b"b", b"c"];
        assert!(folder(names, Meta::default()).is_sharded(&sharding));
        let two = names.into_iter().take(2);
        assert!(!folder(two, Meta::default()).is_sharded(&sharding));
        assert_eq!(estimate.to_string().parse::<Estimate>().unwrap(), estimate);
    }
}

#[test]
fn what_is_put_in_is_found_in_whatever_order_it_came() {
    let mut rng = Rng::new(1);
    let mut names: Vec<Vec<u8>> = (0..2000_u32)
        .map(|n| format!("{n} é").into_bytes())
        .collect();
    names.push(b"not \xff UTF-8".to_vec());
    let meta = Meta {
        mode: None,
        mtime: Some(Mtime::new(-5, 0)),
    };
    for fanout in [8, 16, 256, 1024] {
        for threshold in [0, 1] {
            let sharding = Sharding {
                fanout: Fanout::new(fanout).unwrap(),
                ..small(Estimate::Links, threshold)
            };
            let mut roots = Vec::new();
            let mut store = store();
            for _ in 0..2 {
                names.sort_by_cached_key(|_| rng.next());
                let folder = folder(names.iter().map(Vec::as_slice), meta);
                roots.push(folder.finish(&sharding, &mut store).unwrap());
            }
            assert_eq!(roots.first(), roots.last());
            let dir = Dir::open(&store.0, &roots.pop().unwrap().cid).unwrap();
            assert_eq!((dir.is_sharded(), dir.meta()), (threshold == 1, meta));
            assert_eq!(dir.entries().map(Result::unwrap).count(), names.len());
            for name in &names {
                let entry = dir.get(name).unwrap().unwrap();
                assert_eq!((entry.cid, entry.size), (child().cid, Some(1)));
            }
        }
    }
}

/// Of a trie, only the root says anything: the nodes below it are no folders.
#[test]
fn what_is_said_about_a_trie_stands_at_its_root() {
    let meta = Meta {
        mode: Some(0o755),
        mtime: None,
    };
    let names: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    let folder = folder(names.iter().map(String::as_bytes), meta);
    let mut store = store();
    let root = folder
        .finish(&small(Estimate::Links, 1), &mut store)
        .unwrap();
    for cid in store.0.cids().unwrap() {
        let block = store.0.get(&cid.unwrap()).unwrap().unwrap();
        let node = pb::Node::decode(block.data()).unwrap();
        let found = Data::decode(&node.data.unwrap()).unwrap().meta;
        let is_root = block.cid().hash() == root.cid.hash();
        assert_eq!(found, if is_root { meta } else { Meta::default() });
    }
}

#[test]
fn names_that_no_folder_has_are_refused() {
    for name in [&b""[..], b".", b"..", b"a/b", b"a\0"] {
        let error = Folder::default().push(name, &child()).unwrap_err();
        assert!(matches!(error, Error::Entry { .. }), "{error}");
    }
    for threshold in [0, 1] {
        let twice = folder([&b"a"[..], b"b", b"a"], Meta::default());
        let error = twice.finish(&small(Estimate::Links, threshold), &mut store());
        assert!(error.unwrap_err().to_string().contains("already"));
    }
}

#[test]
fn widths_that_no_reader_takes_are_refused() {
    for places in [0, 1, 4, 12, 255, 2048, usize::MAX] {
        Fanout::new(places).unwrap_err();
    }
    for (places, prefix, digits) in [(8, "7", 1), (16, "F", 1), (64, "3F", 2), (1024, "3FF", 3)] {
        let fanout = Fanout::new(places).unwrap();
        assert_eq!(fanout.prefix(places - 1), prefix);
        assert_eq!((fanout.digits(), fanout.prefix(0).len()), (digits, digits));
    }
}
