//! Every single bit of a stored block, flipped: each is found at read.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use block_cid::{Block, Blockstore, Error};
use datastore::Datastore;
use persistent::{Kind, Persistent};
use testkit::mount::in_memory;
use testkit::{Rng, Trial, run};

/// The one file of blocks in the store of `dir`.
fn stored(dir: &Path) -> PathBuf {
    let mut left = vec![dir.join("store/blocks")];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|end| end == "data") {
                return path;
            }
        }
    }
    panic!("no block in {}", dir.display());
}

/// Flips one bit after another and reads the block each time; every `step`th bit from `first` on.
fn flip_each(len: usize, seed: u64, first: u64, step: u64, trial: &mut Trial) {
    let dir = in_memory();
    let store: Persistent = crate::open(&crate::config(Kind::File, dir.path()));
    let block = Block::raw(Rng::new(seed).bytes(len));
    store.blocks().put(&block).unwrap();
    let path = stored(dir.path());
    let file = File::options().write(true).open(&path).unwrap();
    for at in (first..len as u64 * 8).step_by(step as usize) {
        let byte = block.data()[(at / 8) as usize];
        file.write_all_at(&[byte ^ (1 << (at % 8))], at / 8)
            .unwrap();
        trial.one();
        let found = store.blocks().get(block.cid());
        if !matches!(found, Err(Error::Corrupt { .. })) {
            trial.fails(&format!("bit {at} of {len} bytes: {found:?}"));
        }
        file.write_all_at(&[byte], at / 8).unwrap();
    }
    // With every bit where it was the block is whole: nothing else made the reads fail.
    assert_eq!(store.blocks().get(block.cid()).unwrap(), Some(block));
    store.close().unwrap();
}

#[test]
fn every_bit_of_a_stored_block_counts() {
    if !crate::kinds().contains(&Kind::File) {
        return;
    }
    let seed = run::seed("flip");
    let mut small = Trial::new("flip", "file, every bit of 4 KiB", seed);
    flip_each(4096, seed, 0, 1, &mut small);
    small.end("each read of a block with one flipped bit was refused");
    // In a short run every 4,099th, a prime: all bits of a byte, and all parts of the block.
    let step = run::count("CAIRN_BITS", 4_099, 1) as u64;
    let what = match step {
        1 => "file, every bit of 256 KiB".to_owned(),
        _ => format!("file, each {step}th bit of 256 KiB"),
    };
    let mut large = Trial::new("flip", what, seed);
    flip_each(256 << 10, seed, 0, step, &mut large);
    large.end("each read of a block with one flipped bit was refused");
}
