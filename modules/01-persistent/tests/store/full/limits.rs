//! Disks without inodes, and files that may not grow.

use std::fs::{self, File};

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Limit};
use persistent::Kind;
use testkit::mount::{Fs, Image, Mount, in_memory};
use testkit::{Trial, or_skip, run};

use super::{Filler, block, holds};
use crate::disk::full;
use crate::restart::{restart, write_under};

#[test]
fn a_disk_without_inodes_is_full_too() {
    for kind in crate::kinds() {
        let image = Image::new(Fs::Ext4, 300, &["-N", "400", "-m", "0"]);
        let Some(image) = or_skip("inodes", image) else {
            return;
        };
        let place = format!("{kind}, no inodes");
        let config = crate::config(kind, image.path());
        let store = crate::open(&config);
        let small = |n: u64| Block::raw(n.to_be_bytes().to_vec());
        let mut kept = 0;
        if kind == Kind::File {
            // Each block takes one, so the guard sees the end come.
            let error = loop {
                match store.blocks().put(&small(kept)) {
                    Ok(()) => kept += 1,
                    Err(block_cid::Error::Store(error)) => break error,
                    Err(other) => panic!("{place}: {}", crate::chain(&other)),
                }
                assert!(kept < 500, "{place}: more blocks than inodes");
            };
            let (available, needed, limit) = full(error, &config, &place);
            // One for the file, one for its folder if that is new.
            assert_eq!((limit, needed), (Limit::Inodes, 2), "{place}");
            assert!(available < 2, "{place}: {available} inodes are left");
            // Two, since what is free was one or none.
            store.blocks().delete(small(0).cid()).unwrap();
            kept -= 1;
            store.blocks().delete(small(kept).cid()).unwrap();
            store.blocks().put(&small(0)).unwrap();
        } else {
            let mut others = Vec::new();
            for n in 0..500 {
                let path = image.path().join(format!("other-{n}"));
                match File::create(&path) {
                    Ok(_) => others.push(path),
                    Err(_) => break,
                }
            }
            assert!(
                others.len() < 500,
                "{place}: there are more inodes than asked for"
            );
            for _ in 0..50 {
                match store.blocks().put(&small(kept)) {
                    Ok(()) => kept += 1,
                    Err(block_cid::Error::Store(error)) => drop(full(error, &config, &place)),
                    Err(other) => panic!("{place}: {}", crate::chain(&other)),
                }
            }
            for path in others {
                fs::remove_file(path).unwrap();
            }
            store.blocks().put(&small(kept)).unwrap();
            kept += 1;
        }
        for n in 0..kept {
            assert!(
                store.blocks().has(small(n).cid()).unwrap(),
                "{place}: {n} of {kept}"
            );
        }
        store.close().unwrap();
        let store = crate::open(&config);
        for n in 0..kept {
            let found = store.blocks().get(small(n).cid()).unwrap();
            assert!(found.is_some(), "{place}, opened again: {n} of {kept}");
        }
    }
}

#[test]
fn without_an_inode_a_store_opens_reads_and_deletes() {
    let tries = run::count("CAIRN_INODES", 2, 40) as u64;
    for kind in crate::kinds() {
        let mut trial = Trial::new("full", format!("{kind}, inodes"), None);
        let mut blocks = 0;
        for n in 0..tries {
            let disk = Mount::tmpfs("size=200m,nr_inodes=600");
            let Some(disk) = or_skip("no inodes", disk) else {
                return;
            };
            trial.one();
            let config = crate::config(kind, disk.path());
            let store = crate::open(&config);
            let kept: Vec<Block> = (0..50 + n * 5).map(|i| block(n, i)).collect();
            kept.iter()
                .for_each(|block| store.blocks().put(block).unwrap());
            let mut filler = Filler::all(disk.path());
            filler.inodes();
            drop(store);
            filler.more();
            filler.inodes();
            match holds(&config, &kept, filler) {
                Ok(counts) => blocks += counts.blocks,
                Err(why) => trial.fails(&why),
            }
        }
        trial.end(&format!("{blocks} blocks read, all deleted"));
    }
}

/// A limit of the size of files (`ulimit -f`): a write is short, and the next one fails.
#[test]
fn files_that_may_not_grow_lose_nothing() {
    const STEPS: u64 = 60;
    let tries = run::count("CAIRN_FSIZE", 6, 64);
    for kind in crate::kinds() {
        let mut trial = Trial::new("full", format!("{kind}, file sizes"), None);
        let (mut refused, mut failed, mut fine) = (0, 0, 0);
        for n in 0..tries {
            // In KiB, from what nothing fits into to what all does.
            let limit = 1 << (n * 18 / tries);
            trial.one();
            let dir = in_memory();
            let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\"");
            let wrapper = ["bash", "-c", &script, "limited"].map(str::to_owned);
            let (said, noise) = write_under(kind, dir.path(), &wrapper, STEPS);
            let typed = |why: &String| {
                why.contains("no space")
                    || why.contains("File too large")
                    || why.contains("os error 27")
            };
            let odd = said.refused.iter().chain(&said.errors).find(|e| !typed(e));
            match (odd, &said.refused, &said.errors[..]) {
                (Some(why), ..) => trial.fails(&format!("{limit} KiB: {why}\n{noise}")),
                (None, Some(_), _) => refused += 1,
                (None, None, []) if !said.done => trial.fails(&format!("{said:?}\n{noise}")),
                (None, None, []) => fine += 1,
                (None, None, _) => failed += 1,
            }
            if let Err(why) = restart(kind, dir.path(), &said, STEPS) {
                trial.fails(&format!("{limit} KiB: {why}"));
            }
        }
        trial.end(&format!(
            "limits refused {refused} openings and {failed} writes, {fine} were enough"
        ));
    }
}
