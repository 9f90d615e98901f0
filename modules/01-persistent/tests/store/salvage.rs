//! A store is damaged somewhere, and every block comes back whose bytes were not hit.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::Path;

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Key};
use persistent::ops::{self, Salvaged, Silent};
use persistent::{Config, Durability, Kind, Persistent};
use testkit::flip::{Damage, Damages, Snapshot};
use testkit::mount::in_memory;
use testkit::{Rng, Trial, run};

const BLOCKS: u64 = 60;

/// Small ones, which lie in tables, large ones, which have files or pages of their own, and such
/// as redb cuts.
fn block(n: u64) -> Block {
    let sizes = [60, 300, 1000, 1024, 2000, 4050, 4096, 4096, 4300, 20_000];
    Block::raw(Rng::new(n).bytes(sizes[n as usize % sizes.len()]))
}

fn other() -> Key {
    Key::new("/pins/a").unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Closed,
    Killed,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == End::Closed {
            "closed"
        } else {
            "killed"
        })
    }
}

/// What a store of this kind leaves on disk: whole, and with half of its blocks.
fn leave(kind: Kind, end: End) -> (Snapshot, Snapshot) {
    let dir = in_memory();
    let config = crate::config(kind, dir.path());
    let put = |store: &Persistent, which: std::ops::Range<u64>| {
        let blocks: Vec<Block> = which.map(block).collect();
        for some in blocks.chunks(7) {
            store.blocks().put_many(some).unwrap();
        }
    };
    let store = crate::open(&config);
    put(&store, 0..BLOCKS / 2);
    // Tables and blob files, and pages in use.
    store.compact().unwrap();
    store.close().unwrap();
    drop(store);
    let earlier = Snapshot::take(&dir.path().join("store")).unwrap();
    let store = crate::open(&config);
    put(&store, BLOCKS / 2..BLOCKS);
    store.put(&other(), b"pin").unwrap();
    if end == End::Killed {
        // All is on disk now, and nothing is closed: what a killed process leaves.
        let whole = Snapshot::take(&dir.path().join("store")).unwrap();
        return (whole, earlier);
    }
    store.close().unwrap();
    drop(store);
    (Snapshot::take(&dir.path().join("store")).unwrap(), earlier)
}

fn source(kind: Kind, dir: &Path) -> Config {
    // What an engine does to itself with a damaged copy it does in a child.
    crate::config(kind, dir).with_probe(env!("CARGO_BIN_EXE_01-persistent"))
}

fn salvage(kind: Kind, dir: &Path) -> Salvaged {
    let to = Config::new(Kind::File)
        .with_path(dir.join("fresh"))
        .with_min_free(0)
        .with_durability(Durability::None);
    ops::salvage(&source(kind, dir), &to, &Silent).unwrap()
}

/// The blocks that are not in the fresh store; those that are there are right.
fn missing(dir: &Path) -> Vec<u64> {
    let fresh = Config::new(Kind::File).with_path(dir.join("fresh"));
    let store = crate::open(&fresh.with_min_free(0));
    let mut missing = Vec::new();
    for n in 0..BLOCKS {
        match store.blocks().get(block(n).cid()).unwrap() {
            Some(found) => assert!(found == block(n), "block {n} has other bytes"),
            None => missing.push(n),
        }
    }
    let count = store.blocks().cids().unwrap().count();
    assert_eq!(
        count + missing.len(),
        BLOCKS as usize,
        "what was never put is there"
    );
    missing
}

/// Whether the key of the block is in this page of redb's file and its whole value in those behind it:
/// a leaf of many pages begins with all its keys and with where each value ends, and nothing else
/// says that.
fn lies_behind(file: &[u8], page: Range<usize>, block: &Block) -> bool {
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|found| found == part);
    has(&file[page.clone()], &block.cid().hash().to_bytes())
        && !has(&file[..page.end], block.data())
        && has(&file[page.end..], block.data())
}

/// Whether the damage hit the bytes of this block: whether eight of them are in what it changed. Or
/// whether redb has lost the page that says where it lies, see [`lies_behind`].
fn is_hit(kind: Kind, block: &Block, whole: &Path, damage: &Damage) -> bool {
    let (file, from, to) = match damage {
        Damage::Bit { file, offset, .. } => (file, *offset, offset + 1),
        Damage::Zero { file, offset } | Damage::Stale { file, offset, .. } => {
            (file, *offset, offset + 4096)
        }
        Damage::Tail { file, len } => (file, *len, u64::MAX),
        Damage::Swap { .. } => return false,
    };
    let bytes = fs::read(whole.join(file)).unwrap();
    let index = |at: u64| usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
    if let (Kind::Redb, Damage::Zero { .. } | Damage::Stale { .. }) = (kind, damage)
        && file.ends_with("blocks.redb")
        && lies_behind(&bytes, index(from)..index(to), block)
    {
        return true;
    }
    let hit = &bytes[index(from.saturating_sub(7))..index(to.saturating_add(7))];
    let parts: HashSet<&[u8]> = block.data().windows(8).collect();
    hit.windows(8).any(|part| parts.contains(part))
}

#[test]
fn a_whole_store_comes_back_whole() {
    for kind in crate::kinds() {
        for end in [End::Closed, End::Killed] {
            let dir = in_memory();
            leave(kind, end).0.write(&dir.path().join("store")).unwrap();
            let before = Snapshot::take(&dir.path().join("store")).unwrap();
            let done = salvage(kind, dir.path());
            let place = format!("{kind}, {end}");
            assert!(done.is_whole(), "{place}: {done:?}");
            assert_eq!((done.blocks, done.others), (BLOCKS, 1), "{place}: {done:?}");
            assert_eq!(missing(dir.path()), [0; 0], "{place}");
            let after = Snapshot::take(&dir.path().join("store")).unwrap();
            let same = before.files().filter(|(name, _)| !name.ends_with("lock"));
            assert!(same.eq(after.files().filter(|(name, _)| !name.ends_with("lock"))));
            let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
            assert_eq!(left.len(), 2, "{place}: the copy is gone");
        }
    }
}

/// Bytes that only look like records and keys are named by nobody.
#[test]
fn noise_is_no_loss() {
    for kind in crate::kinds() {
        let dir = in_memory();
        let config = crate::config(kind, dir.path());
        let store = crate::open(&config);
        let noise: Vec<Block> = (0..8)
            .map(|n| Block::raw(Rng::new(77 + n).bytes(1 << 20)))
            .collect();
        store.blocks().put_many(&noise).unwrap();
        store.close().unwrap();
        let done = salvage(kind, dir.path());
        assert!(done.is_whole(), "{kind}: {done:?}");
        assert_eq!(done.blocks, 8, "{kind}");
    }
}

/// A store, and what one of this kind leaves when it was damaged.
struct Lab {
    kind: Kind,
    whole: Snapshot,
    good: tempfile::TempDir,
}

impl Lab {
    fn of(kind: Kind, whole: Snapshot) -> Lab {
        let good = in_memory();
        whole.write(&good.path().join("store")).unwrap();
        Lab { kind, whole, good }
    }

    /// Damages it and salvages; how many blocks are lost, and how many came past the index.
    fn salvage(&self, damage: &Damage) -> Result<(usize, u64), String> {
        let dir = in_memory();
        self.whole.write(&dir.path().join("store")).unwrap();
        damage.apply(&dir.path().join("store")).unwrap();
        let done = salvage(self.kind, dir.path());
        let lost = missing(dir.path());
        for n in &lost {
            let block = block(*n);
            if !done.lost.contains(&block.cid().to_string()) {
                return Err(format!("{damage}: block {n} is lost without a word"));
            }
            if !is_hit(self.kind, &block, &self.good.path().join("store"), damage) {
                return Err(format!(
                    "{damage}: block {n} was not hit, and is lost: {done:?}"
                ));
            }
        }
        Ok((lost.len(), done.past_the_index))
    }
}

/// Such as a journal of no bytes at all.
#[test]
fn any_file_may_be_empty() {
    for kind in crate::kinds() {
        let lab = Lab::of(kind, leave(kind, End::Killed).0);
        // Those of blocks are all alike.
        let mut files: Vec<_> = lab.whole.files().map(|(name, _)| name).collect();
        files.retain(|name| name.extension().is_none_or(|end| end != "data"));
        for file in files {
            let file = file.to_owned();
            lab.salvage(&Damage::Tail { file, len: 0 }).unwrap();
        }
    }
}

/// What is in a file says what it is, not its name.
#[test]
fn the_largest_file_may_be_exchanged_with_any_other() {
    for kind in crate::kinds() {
        let lab = Lab::of(kind, leave(kind, End::Closed).0);
        let largest = lab.whole.files().max_by_key(|(_, len)| *len).unwrap().0;
        // Those of blocks are all alike.
        let others = lab.whole.files().map(|(name, _)| name);
        let others = others.filter(|name| name.extension().is_none_or(|end| end != "data"));
        let count = run::count("CAIRN_SWAPS", 1, usize::MAX);
        for other in others.filter(|name| *name != largest).take(count) {
            let (one, other) = (largest.to_owned(), other.to_owned());
            lab.salvage(&Damage::Swap { one, other }).unwrap();
        }
    }
}

#[test]
fn every_block_comes_back_that_was_not_hit() {
    let tries = run::count("CAIRN_SALVAGE", 5, 10_000) as u64;
    let seed = run::seed("salvage");
    for kind in crate::kinds() {
        for end in [End::Closed, End::Killed] {
            let mut trial = Trial::new("salvage", format!("{kind} {end}"), seed);
            let (whole, earlier) = leave(kind, end);
            let damages = Damages::of(&whole, &earlier);
            let lab = Lab::of(kind, whole);
            let (mut lost, mut past) = (0, 0);
            for n in 0..tries {
                trial.one();
                let mut rng = Rng::of(seed, &[n]);
                let damage = match n % 3 {
                    0 => damages.other(&mut rng).unwrap(),
                    _ => damages.bit(&mut rng).unwrap(),
                };
                match lab.salvage(&damage) {
                    Ok((some, more)) => (lost, past) = (lost + some, past + more),
                    Err(why) => trial.fails(&why),
                }
            }
            trial.end(&format!(
                "of {} blocks {lost} were lost, 0 silently; {past} came past the index",
                tries * BLOCKS
            ));
        }
    }
}

/// With compression, in journals, tables and blob files, of an index that cannot be read at all.
#[test]
fn what_was_compressed_comes_back_past_the_index() {
    if !crate::kinds().contains(&Kind::Fjall) {
        return;
    }
    let dir = in_memory();
    let config = crate::config(Kind::Fjall, dir.path());
    let config = config.with_compression(persistent::Compression::Lz4);
    let text = |n: u64| Block::raw(format!("line {n} of many; ").repeat(5 + 10 * n as usize));
    let put = |which: std::ops::Range<u64>| {
        let store = crate::open(&config);
        let blocks: Vec<Block> = which.map(text).collect();
        store.blocks().put_many(&blocks).unwrap();
        store
    };
    let store = put(0..40);
    store.compact().unwrap();
    store.close().unwrap();
    drop(store);
    // What is in a table is in no journal any more.
    for entry in fs::read_dir(dir.path().join("store/fjall")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "jnl") {
            fs::write(&path, "").unwrap();
        }
    }
    put(40..60).close().unwrap();
    fs::write(dir.path().join("store/fjall/version"), "no version").unwrap();
    let done = salvage(Kind::Fjall, dir.path());
    assert!(!done.unreadable.is_empty(), "the engine did not refuse it");
    assert!(done.is_whole(), "{done:?}");
    let fresh = Config::new(Kind::File).with_path(dir.path().join("fresh"));
    let store = crate::open(&fresh.with_min_free(0));
    for n in 0..60 {
        let found = store.blocks().get(text(n).cid()).unwrap();
        assert!(found == Some(text(n)), "block {n}");
    }
}

/// What an open would cut off as the end that a crash tore is still there for salvage.
#[test]
fn a_store_that_was_opened_first_gives_back_no_less() {
    if !crate::kinds().contains(&Kind::Fjall) {
        return;
    }
    for end in [End::Closed, End::Killed] {
        let dir = in_memory();
        let store = crate::open(&source(Kind::Fjall, dir.path()));
        for n in 0..BLOCKS {
            store.blocks().put(&block(n)).unwrap();
        }
        if end == End::Closed {
            store.close().unwrap();
        }
        let whole = Snapshot::take(&dir.path().join("store")).unwrap();
        drop(store);
        let salvaged = |opens: usize| {
            let copy = in_memory();
            let home = copy.path().join("store");
            whole.write(&home).unwrap();
            let zero = Damage::Zero {
                file: "fjall/0.jnl".into(),
                offset: 8192,
            };
            zero.apply(&home).unwrap();
            for _ in 0..opens {
                match (Persistent::open(&source(Kind::Fjall, copy.path())), end) {
                    (Err(error), End::Closed) => {
                        let said = crate::chain(&error);
                        assert!(said.contains("0.jnl") && said.contains("salvage"), "{said}");
                    }
                    (Ok(store), End::Killed) => store.close().unwrap(),
                    (opened, end) => panic!("{end}: {opened:?}"),
                }
            }
            salvage(Kind::Fjall, copy.path());
            BLOCKS - missing(copy.path()).len() as u64
        };
        let before = salvaged(0);
        assert!(before >= BLOCKS - 6, "{end}: {before}");
        assert_eq!(salvaged(2), before, "{end}");
    }
}
