//! A store that most was deleted from gives its space back, and keeps the rest.

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Key};
use persistent::{Durability, ops};
use testkit::{Rng, report};

/// Of 16 KiB each.
const BLOCKS: u64 = 600;

fn block(n: u64) -> Block {
    Block::raw(Rng::new(n).bytes(16 << 10))
}

#[test]
fn what_was_deleted_gives_its_space_back() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let config = crate::config(kind, dir.path()).with_durability(Durability::Batch);
        let store = crate::open(&config);
        let blocks: Vec<Block> = (0..BLOCKS).map(block).collect();
        for some in blocks.chunks(100) {
            store.blocks().put_many(some).unwrap();
        }
        let other = Key::new("/pins/a").unwrap();
        store.put(&other, b"kept").unwrap();
        store.close().unwrap();
        drop(store);

        let store = crate::open(&config);
        for (n, block) in blocks.iter().enumerate() {
            if n % 10 != 0 {
                store.blocks().delete(block.cid()).unwrap();
            }
        }
        store.sync().unwrap();
        let done = ops::compact(&store).unwrap();
        report(&format!(
            "compact {kind}: {} bytes before, {} after, {} in blocks",
            done.before,
            done.after,
            BLOCKS / 10 * (16 << 10)
        ));
        assert!(done.after <= done.before, "{kind}: {done:?}");
        let check = |store: &persistent::Persistent| {
            let found = ops::stat(store, &ops::Silent).unwrap();
            assert_eq!((found.blocks, found.others), (BLOCKS / 10, 1), "{kind}");
            for block in blocks.iter().step_by(10) {
                let found = store.blocks().get(block.cid()).unwrap();
                assert!(found.as_ref() == Some(block), "{kind}: {}", block.cid());
            }
            assert_eq!(store.get(&other).unwrap().unwrap(), "kept", "{kind}");
        };
        check(&store);
        // Writing goes on.
        store.blocks().put(&block(BLOCKS)).unwrap();
        store.blocks().delete(block(BLOCKS).cid()).unwrap();
        store.close().unwrap();
        assert!(store.compact().is_err(), "{kind}: closed is closed");
        drop(store);
        let store = crate::open(&config);
        check(&store);
        // A tenth of the blocks is left.
        let left = store.disk_usage().unwrap();
        let all = BLOCKS * (16 << 10);
        assert!(left < all / 3, "{kind}: {left} of {all}");
        store.close().unwrap();
    }
}

/// A snapshot keeps the pages of redb where they are; the other engines look away.
#[test]
fn an_open_enumeration_is_an_error_or_in_nobodys_way() {
    for kind in crate::kinds() {
        let dir = tempfile::tempdir().unwrap();
        let store = crate::open(&crate::config(kind, dir.path()));
        for n in 0..5 {
            store.blocks().put(&block(n)).unwrap();
        }
        let mut keys = store.keys(&Key::root()).unwrap();
        keys.next().unwrap().unwrap();
        if let Err(error) = store.compact() {
            let text = error.to_string();
            assert!(text.contains("end the enumeration first"), "{kind}: {text}");
        }
        drop(keys);
        store.compact().unwrap();
        store.blocks().put(&block(9)).unwrap();
    }
}
