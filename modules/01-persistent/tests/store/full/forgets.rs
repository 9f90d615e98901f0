//! A disk that stays full: what is asked there, deleted there and compacted there comes to a good
//! end, and so does each close.

use std::iter;

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Error};
use persistent::ops::{self, Silent};
use persistent::{Config, Kind, Persistent};
use testkit::mount::Mount;
use testkit::{Rng, Trial, or_skip, run};

use super::{Filler, MIB, free};

/// Disks, in MiB: from those that hold little to those on which a store has more than its ballast.
const DISKS: [u64; 6] = [3, 8, 32, 64, 128, 256];

/// Bytes of a block: some engines keep small ones and large ones in different files.
const LENS: [usize; 4] = [256, 1 << 10, 4 << 10, 64 << 10];

/// What is tried in short: where there are tables, a disk so large that what fits is worth one.
fn first(kind: Kind) -> (u64, usize) {
    match kind {
        Kind::File | Kind::Redb => (3, 4 << 10),
        _ => (32, 4 << 10),
    }
}

/// Puts blocks until one is refused for lack of room.
fn fill(store: &Persistent, len: usize, mut rng: Rng) -> Result<Vec<Block>, String> {
    let mut kept = Vec::new();
    loop {
        let block = Block::raw(rng.bytes(len));
        match store.blocks().put(&block) {
            Ok(()) => kept.push(block),
            Err(block_cid::Error::Store(Error::StorageFull { .. })) => return Ok(kept),
            Err(other) => return Err(crate::chain(&other)),
        }
    }
}

/// Opens the store, has `call` do its part, and closes it.
fn with(
    config: &Config,
    what: &str,
    call: impl FnOnce(&Persistent) -> Result<(), String>,
) -> Result<(), String> {
    let place = config.path.clone().unwrap_or_default();
    let left = || format!("{} KiB free", free(&place) >> 10);
    let said = |error: &dyn std::error::Error| crate::chain(error);
    let store = Persistent::open(config)
        .map_err(|e| format!("{what}: it does not open: {} ({})", said(&e), left()))?;
    if store.found().unclean {
        return Err(format!("{what}: it was not closed before"));
    }
    let lost = &store.found().lost;
    if !lost.is_nothing() {
        return Err(format!("{what}: {lost:?}"));
    }
    call(&store).map_err(|e| format!("{what}: {e} ({})", left()))?;
    store
        .close()
        .map_err(|e| format!("{what}: closing: {} ({})", said(&e), left()))
}

/// These blocks are there byte for byte, and no others.
fn are_there(store: &Persistent, blocks: &[Block]) -> Result<(), String> {
    let found = ops::stat(store, &Silent).map_err(|e| e.to_string())?;
    if found.blocks != blocks.len() as u64 {
        return Err(format!("{} blocks, not {}", found.blocks, blocks.len()));
    }
    for block in blocks {
        let found = store.blocks().get(block.cid());
        if found.map_err(|e| crate::chain(&e))?.as_ref() != Some(block) {
            return Err(format!("{} is lost", block.cid()));
        }
    }
    Ok(())
}

fn delete(store: &Persistent, blocks: &[Block]) -> Result<(), String> {
    let mut blocks = blocks.iter();
    let deleted = blocks.try_for_each(|block| store.blocks().delete(block.cid()));
    deleted.map_err(|e| format!("deleting: {}", crate::chain(&e)))
}

fn compact(store: &Persistent) -> Result<(), String> {
    store.compact().map_err(|e| crate::chain(&e))
}

fn stays_full(config: &Config, kept: &[Block], filler: Filler) -> Result<(), String> {
    for _ in 0..2 {
        with(config, "looking", |store| are_there(store, kept))?;
    }
    with(config, "compacting all", compact)?;
    let (gone, rest) = kept.split_at(kept.len() / 2);
    with(config, "deleting half", |store| delete(store, gone))?;
    with(config, "compacting half", compact)?;
    with(config, "looking at half", |store| are_there(store, rest))?;
    with(config, "deleting the rest", |store| delete(store, rest))?;
    with(config, "compacting nothing", compact)?;
    with(config, "looking at nothing", |store| are_there(store, &[]))?;
    drop(filler);
    with(config, "writing again", |store| {
        let put = store.blocks().put(&Block::raw("there is room again"));
        put.map_err(|e| crate::chain(&e))
    })
}

#[test]
fn on_a_disk_that_stays_full_each_close_is_a_clean_one() {
    // Each once in the long run, those of the fewest blocks first.
    let all = DISKS.iter().flat_map(|disk| LENS.map(|len| (*disk, len)));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|case| case.0 * MIB / case.1 as u64);
    let tries = run::count("CAIRN_FORGETS", 1, all.len() + 1);
    let seed = run::seed("full forgets");
    for kind in crate::kinds() {
        let cases = iter::once(first(kind))
            .chain(all.iter().copied())
            .take(tries);
        let mut trial = Trial::new("full", format!("{kind}, stays full"), seed);
        let mut blocks = 0;
        for (n, (mib, len)) in cases.enumerate() {
            let mut rng = Rng::of(seed, &[kind as u64, n as u64]);
            // Not always full at the same page.
            let size = mib * MIB + rng.below(256) * 4096;
            let Some(disk) = or_skip("stays full", Mount::tmpfs(&format!("size={size}"))) else {
                return;
            };
            trial.one();
            let config = crate::config(kind, disk.path());
            let store = crate::open(&config);
            let outcome = fill(&store, len, rng).and_then(|kept| {
                let filler = Filler::all(disk.path());
                store
                    .close()
                    .map_err(|e| format!("closing the full store: {}", crate::chain(&e)))?;
                drop(store);
                blocks += kept.len();
                stays_full(&config, &kept, filler)
            });
            if let Err(why) = outcome {
                trial.fails(&format!("{size} bytes, blocks of {len}: {why}"));
            }
        }
        trial.end(&format!("{blocks} blocks, deleted in two parts"));
    }
}
