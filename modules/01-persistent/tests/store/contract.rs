//! The promises of a datastore on every engine, through the whole wrapper, under each durability
//! that makes a difference; and those of a block store above.

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use persistent::{Durability, Kind, Persistent};

fn fresh(kind: Kind, durability: Durability) -> (tempfile::TempDir, Persistent) {
    let dir = tempfile::tempdir().unwrap();
    let config = crate::config(kind, dir.path()).with_durability(durability);
    let store = crate::open(&config);
    (dir, store)
}

datastore::contract!(memory, || (
    (),
    Persistent::open(&persistent::Config::new(Kind::Memory)).unwrap()
));
datastore::contract!(file_each, || fresh(Kind::File, Durability::Each));
datastore::contract!(file_batch, || fresh(Kind::File, Durability::Batch));
datastore::contract!(fjall_each, || fresh(Kind::Fjall, Durability::Each));
datastore::contract!(fjall_batch, || fresh(Kind::Fjall, Durability::Batch));
datastore::contract!(redb_each, || fresh(Kind::Redb, Durability::Each));
datastore::contract!(redb_batch, || fresh(Kind::Redb, Durability::Batch));
datastore::contract!(pack_each, || fresh(Kind::Pack, Durability::Each));
datastore::contract!(pack_batch, || fresh(Kind::Pack, Durability::Batch));
#[cfg(feature = "rocksdb")]
datastore::contract!(rocksdb_each, || fresh(Kind::Rocksdb, Durability::Each));
#[cfg(feature = "rocksdb")]
datastore::contract!(rocksdb_batch, || fresh(Kind::Rocksdb, Durability::Batch));

/// A kind that is built and stands above in no line would be held to nothing.
#[test]
fn every_kind_is_held_to_the_contract() {
    let source = include_str!("contract.rs");
    for kind in Kind::ALL {
        let line = format!("datastore::contract!({}", kind.name());
        assert!(source.contains(&line), "{kind} is not held to the contract");
    }
}

#[test]
fn a_block_is_found_under_each_of_its_cids_and_by_a_later_process() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let config = crate::config(kind, dir.path());
        let blocks: Vec<Block> = (0..30u8)
            .map(|n| Block::raw(vec![n; 1 << (n % 16)]))
            .collect();
        let store = crate::open(&config);
        assert!(store.found().created, "{kind}");
        store.blocks().put_many(&blocks).unwrap();
        store.blocks().delete(blocks[3].cid()).unwrap();
        store.close().unwrap();

        let store = crate::open(&config);
        assert!(!store.found().created && !store.found().unclean, "{kind}");
        let held = store.blocks();
        for (n, block) in blocks.iter().enumerate() {
            let found = held.get(block.cid()).unwrap();
            assert_eq!(
                found.as_ref(),
                (n != 3).then_some(block),
                "{kind}: block {n}"
            );
        }
        let v0 = block_cid::to_v0(&block_cid::Cid::new_v1(
            block_cid::codec::DAG_PB,
            *blocks[5].cid().hash(),
        ))
        .unwrap();
        assert_eq!(
            held.get(&v0).unwrap().unwrap().data(),
            blocks[5].data(),
            "{kind}"
        );
        assert_eq!(held.cids().unwrap().count(), 29, "{kind}");
    }
}
