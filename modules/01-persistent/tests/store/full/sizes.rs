//! Disks of every size, full to the last byte.

use block_cid::Blockstore;
use testkit::mount::{Fs, Image, Mount};
use testkit::{Rng, Trial, or_skip, run};

use super::{Counts, Filler, MIB, block, fill, holds};

/// The smallest disk: with less, fjall and RocksDB do not come to their first block.
const FROM: u64 = 3 * MIB;

/// A page.
const STEP: u64 = 4096;

#[test]
fn on_a_full_disk_of_any_size_a_store_opens_reads_deletes_and_writes_again() {
    let steps = MIB / STEP;
    let tries = run::count("CAIRN_SIZES", 2, steps as usize) as u64;
    let seed = run::seed("full");
    for kind in crate::kinds() {
        let mut trial = Trial::new("full", format!("{kind}, sizes"), seed);
        let mut counts = Counts::default();
        for n in 0..tries {
            let mut rng = Rng::of(seed, &[kind as u64, n]);
            // Each once in the long run.
            let step = match tries == steps {
                true => n,
                false => rng.below(steps),
            };
            let size = FROM + step * STEP;
            let Some(disk) = or_skip("full disk", Mount::tmpfs(&format!("size={size}"))) else {
                return;
            };
            trial.one();
            let config = crate::config(kind, disk.path());
            let store = crate::open(&config);
            let seed = rng.next();
            let outcome = fill(&store, seed).and_then(|upto| {
                let filler = Filler::all(disk.path());
                drop(store);
                // Not what the close gave back, either.
                filler.more();
                let kept: Vec<_> = (0..upto).map(|n| block(seed, n)).collect();
                holds(&config, &kept, filler)
            });
            match outcome {
                Ok(more) => counts.add(more),
                Err(why) => trial.fails(&format!("{size} bytes: {why}")),
            }
        }
        trial.end(&format!(
            "disks of {FROM} bytes and more; {} blocks read, all deleted; {} wrote again while the \
             disk was full",
            counts.blocks, counts.by_itself
        ));
    }
}

/// A disk that is large beside the store: what an engine has in memory or in its logs is far less
/// than the room that it may want.
#[test]
fn on_ext4_without_a_reserve_too() {
    let tries = run::count("CAIRN_EXT4", 1, 40) as u64;
    let seed = run::seed("full ext4");
    for kind in crate::kinds() {
        let mut trial = Trial::new("full", format!("{kind}, ext4"), seed);
        let mut counts = Counts::default();
        for n in 0..tries {
            let image = Image::new(Fs::Ext4, 160, &["-m", "0"]);
            let Some(image) = or_skip("full ext4", image) else {
                return;
            };
            trial.one();
            let mut rng = Rng::of(seed, &[kind as u64, n]);
            let config = crate::config(kind, image.path());
            let store = crate::open(&config);
            let seed = rng.next();
            // Some of it is written while there is room, so that not all is in logs.
            let early = rng.below(400);
            let kept: Vec<_> = (0..early).map(|n| block(seed, n)).collect();
            kept.iter()
                .for_each(|block| store.blocks().put(block).unwrap());
            let filler = Filler::leaving(image.path(), rng.below(8 * MIB));
            let outcome = fill(&store, seed).and_then(|upto| {
                filler.more();
                drop(store);
                filler.more();
                let kept: Vec<_> = (0..upto.max(early)).map(|n| block(seed, n)).collect();
                holds(&config, &kept, filler)
            });
            match outcome {
                Ok(more) => counts.add(more),
                Err(why) => trial.fails(&format!("try {n}: {why}")),
            }
        }
        trial.end(&format!(
            "{} blocks read, all deleted; {} wrote again while the disk was full",
            counts.blocks, counts.by_itself
        ));
    }
}
