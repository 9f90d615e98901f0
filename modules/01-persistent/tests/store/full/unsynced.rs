//! What an engine forgets when it is opened anew on a full disk, after it was acknowledged under a
//! weaker promise: the next sync or close says so.

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Error};
use persistent::{Config, Durability, Kind, Persistent};
use testkit::mount::Mount;
use testkit::{Rng, or_skip};

use super::{Filler, MIB};

const BLOCK: usize = 300_000;

/// What ends the story of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Sync,
    Close,
}

/// Puts until the engine has met the full disk: what was acknowledged.
fn meets_a_full_disk(store: &Persistent, disk: &Mount) -> Vec<Block> {
    let mut kept = Vec::new();
    let put = |n| {
        let block = Block::raw(Rng::new(n).bytes(BLOCK));
        store.blocks().put(&block).map(|()| block)
    };
    for n in 0..4 {
        kept.push(put(n).unwrap());
    }
    let _filler = Filler::all(disk.path());
    for n in 4..40 {
        match put(n) {
            Ok(block) => kept.push(block),
            Err(block_cid::Error::Store(full)) if full.is_out_of_space() => return kept,
            Err(other) => panic!("{}", crate::chain(&other)),
        }
    }
    // An engine that has all that in memory meets it now.
    let full = store.sync().unwrap_err();
    assert!(full.is_out_of_space(), "{}", crate::chain(&full));
    kept
}

fn is_unsynced(error: &Error) -> bool {
    matches!(error, Error::Unsynced { .. })
}

fn missing(store: &Persistent, kept: &[Block]) -> usize {
    let there = |block: &&Block| !store.blocks().has(block.cid()).unwrap();
    kept.iter().filter(there).count()
}

fn config(kind: Kind, disk: &Mount) -> Config {
    crate::config(kind, disk.path()).with_durability(Durability::Batch)
}

/// What was told at the end, and how many blocks are not there then.
fn story(kind: Kind, end: End, disk: &Mount) -> (bool, usize) {
    let config = config(kind, disk);
    let store = crate::open(&config);
    let kept = meets_a_full_disk(&store, disk);
    let ended = match end {
        End::Sync => store.sync(),
        End::Close => store.close(),
    };
    let told = match &ended {
        Ok(()) => false,
        Err(error) if is_unsynced(error) => true,
        Err(other) => panic!("{kind}, {end:?}: {}", crate::chain(other)),
    };
    let lost = match end {
        End::Sync => {
            let lost = missing(&store, &kept);
            // Once; then what is put again is as good as any.
            store.blocks().put_many(&kept).unwrap();
            store.sync().unwrap();
            store.close().unwrap();
            lost
        }
        End::Close => {
            drop(store);
            let store = crate::open(&config);
            let found = store.found();
            let lost = missing(&store, &kept);
            assert_eq!(found.unclean, told, "{kind}");
            assert_eq!(found.lost.missing, lost as u64, "{kind}: {found:?}");
            assert_eq!(found.lost.weak, lost as u64, "{kind}: {found:?}");
            store.blocks().put_many(&kept).unwrap();
            store.close().unwrap();
            lost
        }
    };
    let store = crate::open(&config);
    assert!(!store.found().unclean, "{kind}, {end:?}");
    assert_eq!(missing(&store, &kept), 0, "{kind}, {end:?}");
    (told, lost)
}

#[test]
fn what_a_full_disk_cost_before_a_sync_fails_the_next_sync_or_close() {
    for kind in crate::kinds() {
        for end in [End::Sync, End::Close] {
            let Some(disk) = or_skip("unsynced", Mount::tmpfs(&format!("size={}", 48 * MIB)))
            else {
                return;
            };
            let (told, lost) = story(kind, end, &disk);
            println!("{kind}, {end:?}: {lost} lost, told: {told}");
            assert!(
                told || lost == 0,
                "{kind}, {end:?}: {lost} lost without a word"
            );
            // What it has not on disk it has in memory alone.
            if kind == Kind::Redb {
                assert!(told && lost > 0, "{end:?}: {lost} lost, told: {told}");
            }
        }
    }
}
