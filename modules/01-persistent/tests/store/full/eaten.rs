//! Another process eats the disk between the guard's look and the write.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use block_cid::Blockstore;
use datastore::Error;
use testkit::mount::Mount;
use testkit::{Rng, Trial, or_skip, run};

use super::{Filler, MIB, block, holds};

/// Fills the disk to the last byte, and empties it again, until it is told to end.
fn eat(dir: &Path, end: &AtomicBool, mut rng: Rng) -> u64 {
    let mut times = 0;
    while !end.load(SeqCst) {
        let filler = Filler::leaving(dir, rng.below(MIB));
        if rng.once_in(2) {
            filler.more();
        }
        times += 1;
        drop(filler);
    }
    times
}

#[test]
fn a_disk_that_is_eaten_under_the_guard_loses_nothing() {
    const PUTS: u64 = 400;
    let tries = run::count("CAIRN_RACES", 1, 40) as u64;
    let seed = run::seed("full race");
    for kind in crate::kinds() {
        let mut trial = Trial::new("full", format!("{kind}, race"), seed);
        let (mut acked, mut refused, mut eaten) = (0, 0, 0);
        for n in 0..tries {
            let Some(disk) = or_skip("full race", Mount::tmpfs("size=40m")) else {
                return;
            };
            trial.one();
            let mut rng = Rng::of(seed, &[kind as u64, n]);
            // The guard keeps some free, which the other does not.
            let config = crate::config(kind, disk.path()).with_min_free(rng.below(4 * MIB));
            let store = crate::open(&config);
            let (seed, other) = (rng.next(), Rng::new(rng.next()));
            let end = AtomicBool::new(false);
            let (kept, times) = thread::scope(|scope| {
                let other = scope.spawn(|| eat(disk.path(), &end, other));
                let mut kept = Vec::new();
                for n in 0..PUTS {
                    match store.blocks().put(&block(seed, n)) {
                        Ok(()) => kept.push(block(seed, n)),
                        Err(block_cid::Error::Store(Error::StorageFull { .. })) => refused += 1,
                        Err(other) => trial.fails(&crate::chain(&other)),
                    }
                }
                end.store(true, SeqCst);
                (kept, other.join().unwrap())
            });
            eaten += times;
            acked += kept.len();
            let filler = Filler::all(disk.path());
            drop(store);
            filler.more();
            if let Err(why) = holds(&config, &kept, filler) {
                trial.fails(&why);
            }
        }
        trial.end(&format!(
            "the disk was filled {eaten} times meanwhile; {acked} puts acknowledged, {refused} refused"
        ));
    }
}
