#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use testkit::{Rng, run};

use super::*;
use crate::ops::Silent;
use crate::{Config, Kind, Persistent};

/// Small ones that share leaves, such as are cut, and those that take many pages.
const SIZES: [usize; 12] = [
    60, 300, 1000, 2000, 4050, 4096, 4100, 4300, 5000, 20_000, 65_500, 70_000,
];

struct Lab {
    file: Vec<u8>,
    blocks: Vec<Block>,
}

impl Lab {
    /// What redb makes of blocks of these sizes, in batches of so many.
    fn of(batch: usize) -> Lab {
        let dir = testkit::mount::in_memory();
        let config = Config::new(Kind::Redb).with_path(dir.path().join("store"));
        let store = Persistent::open(&config.with_min_free(0)).unwrap();
        let block = |(n, len): (u64, &usize)| Block::raw(Rng::new(n).bytes(*len));
        let blocks: Vec<Block> = (0..).zip(&SIZES).map(block).collect();
        for some in blocks.chunks(batch) {
            store.blocks().put_many(some).unwrap();
        }
        store.close().unwrap();
        drop(store);
        let file = fs::read(dir.path().join("store/redb/blocks.redb")).unwrap();
        Lab { file, blocks }
    }

    /// Those that do not come back of such a file.
    fn lost(&self, file: &[u8]) -> Vec<&Block> {
        let dir = testkit::mount::in_memory();
        let path = dir.path().join("file");
        fs::write(&path, file).unwrap();
        let to = Persistent::open(&Config::new(Kind::Memory)).unwrap();
        let mut rescue = Rescue::new(&to, &Silent);
        read(&path, &mut rescue).unwrap();
        rescue.finish().unwrap();
        let is_lost = |block: &&Block| {
            let key = Key::block(&block.cid().hash().to_bytes()).unwrap();
            to.get(&key).unwrap().as_ref() != Some(block.data())
        };
        let lost: Vec<&Block> = self.blocks.iter().filter(is_lost).collect();
        let named: Vec<Vec<u8>> = rescue
            .named()
            .map(|key| key.as_block().unwrap().to_vec())
            .collect();
        for block in &lost {
            assert!(named.contains(&block.cid().hash().to_bytes()), "in silence");
        }
        lost
    }

    /// The bytes in front of the values of each leaf.
    fn heads(&self) -> Vec<usize> {
        let mut heads = Vec::new();
        for at in (0..self.file.len()).step_by(PAGE) {
            let page = &self.file[at..];
            if let Some(first) = leaf::pairs(page).first() {
                heads.extend(at..at + first.start);
            }
        }
        heads
    }

    /// With this byte changed: how many are lost, all of them blocks that have the byte.
    fn change(&self, at: usize, by: u8) -> usize {
        let mut file = self.file.clone();
        file[at] ^= by;
        let lost = self.lost(&file);
        let around = &self.file[at.saturating_sub(7)..(at + 8).min(self.file.len())];
        for block in &lost {
            let is_hit = block
                .data()
                .windows(8)
                .any(|part| around.windows(8).any(|window| window == part));
            assert!(is_hit, "byte {at} of page {}, {by:#x}", at / PAGE);
        }
        lost.len()
    }
}

/// Whatever byte in front of the values is hit: the kind, the count, the ends, the keys.
#[test]
fn no_head_of_a_leaf_is_needed() {
    let step = run::count("CAIRN_HEADS", 61, 1);
    for batch in [1, SIZES.len()] {
        let lab = Lab::of(batch);
        assert!(lab.lost(&lab.file).is_empty());
        let heads = lab.heads();
        assert!(heads.len() > 42 * SIZES.len(), "{}", heads.len());
        let mut rng = Rng::new(1);
        let mut tried = 0;
        for at in heads.iter().step_by(step) {
            let bits = match step {
                1 => (0..8).collect(),
                _ => vec![rng.below(8)],
            };
            for bit in bits {
                assert_eq!(lab.change(*at, 1 << bit), 0, "bit {bit} of byte {at}");
                tried += 1;
            }
        }
        run::report(&format!(
            "heads of redb's leaves: {tried} bits, 0 blocks lost"
        ));
    }
}

/// The ends are all wrong, and more than a bit of each.
#[test]
fn an_end_may_be_any_number() {
    let lab = Lab::of(SIZES.len());
    for at in (0..lab.file.len()).step_by(PAGE) {
        let pairs = leaf::pairs(&lab.file[at..]);
        let count = pairs.len();
        for n in 0..count {
            let mut file = lab.file.clone();
            let end = at + 4 + 4 * (count + n);
            file[end..end + 4].copy_from_slice(&[0xa5, 0x5a, 0x11, 0x77]);
            assert!(lab.lost(&file).is_empty(), "pair {n} of page {}", at / PAGE);
        }
    }
}

/// Whatever byte of the file is hit, only the block is lost that it is of.
#[test]
fn a_byte_is_of_one_block() {
    let lab = Lab::of(SIZES.len());
    let used: Vec<usize> = (0..lab.file.len())
        .filter(|at| lab.file[*at] != 0)
        .collect();
    let mut rng = Rng::new(run::seed("salvage of redb"));
    for _ in 0..run::count("CAIRN_BYTES", 10, 20_000) {
        let at = used[rng.below(used.len() as u64) as usize];
        assert!(lab.change(at, 1 << rng.below(8)) <= 1, "byte {at}");
    }
}
