//! What an engine has in memory is as good as on the disk: it keeps the minimum free, and what
//! was acknowledged finds room when it is synced.

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Error};
use persistent::{Durability, Persistent};
use testkit::mount::Mount;
use testkit::{Rng, or_skip};

use super::{Filler, MIB, free};

/// Bytes of a block; the disk has 48 MiB, so that neither engine writes by itself before.
const BLOCK: usize = 1_500_000;

/// What is kept free.
const MINIMUM: u64 = 12 * MIB;

#[test]
fn under_a_weaker_promise_the_minimum_stays_free_and_a_sync_has_room() {
    for kind in crate::kinds() {
        let Some(disk) = or_skip("unseen", Mount::tmpfs("size=48m")) else {
            return;
        };
        let config = crate::config(kind, disk.path())
            .with_durability(Durability::Batch)
            .with_min_free(MINIMUM);
        let store = Persistent::open(&config).unwrap();
        let mut kept = Vec::new();
        let refused = loop {
            let block = Block::raw(Rng::new(kept.len() as u64).bytes(BLOCK));
            match store.blocks().put(&block) {
                Ok(()) => kept.push(block),
                Err(block_cid::Error::Store(error)) => break error,
                Err(other) => panic!("{kind}: {}", crate::chain(&other)),
            }
        };
        assert!(
            matches!(refused, Error::StorageFull { .. }),
            "{kind}: {refused:?}"
        );
        assert!(kept.len() >= 5, "{kind}: refused after {}", kept.len());
        store.sync().unwrap();
        store.close().unwrap();
        let left = free(disk.path());
        assert!(left >= MINIMUM, "{kind}: {left} bytes are free");
        let _filler = Filler::all(disk.path());
        let store = Persistent::open(&config).unwrap();
        assert!(!store.found().unclean, "{kind}");
        for (n, block) in kept.iter().enumerate() {
            let found = store.blocks().get(block.cid()).unwrap();
            let all = kept.len();
            assert!(
                found.as_ref() == Some(block),
                "{kind}: {n} of {all} is lost"
            );
        }
    }
}
