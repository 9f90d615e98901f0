//! What an engine asks of the disk below the file system: flushes for a durable put, reads for a get
//! of what is in no cache.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![cfg(target_os = "linux")]

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use block_cid::hash::sha2_256;
use datastore::disk::Mode;
use datastore::{Batch, Disk, Key, Os};
use persistent::engine::{Engine, Flush, Options};
use persistent::engines::file::File;
use persistent::engines::pack::Pack;
use testkit::mount::{Fs, Image};
use testkit::{Rng, or_skip};

const PUTS: u32 = 20;

/// What the device of `path` has done, as the kernel counts it (Documentation/block/stat.rst).
fn stat(path: &Path) -> Vec<u64> {
    let device = std::fs::metadata(path).unwrap().dev();
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let stat = std::fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).unwrap();
    stat.split_whitespace()
        .map(|figure| figure.parse().unwrap())
        .collect()
}

/// Flushes that the device of `path` has done.
fn flushes(path: &Path) -> u64 {
    stat(path)[15]
}

/// Reads that the device of `path` has done.
fn reads(path: &Path) -> u64 {
    stat(path)[0]
}

/// Blocks of 4 KiB whose folder is there.
fn put(store: &File, from: u32) {
    for n in from..from + PUTS {
        let mut batch = Batch::new();
        let hash = [&[0x12, 0x20][..], &n.to_be_bytes(), &[0; 28]].concat();
        batch.put(Key::block(&hash).unwrap(), vec![n as u8; 4096]);
        store.write(&batch, Flush::Yes).unwrap();
    }
}

/// Two commits would be four; a device that can force a single write out does with fewer.
#[test]
fn a_durable_put_takes_three_flushes_of_the_device() {
    for fs in [Fs::Ext4, Fs::Xfs] {
        let Some(image) = or_skip("flushes of a device", Image::new(fs, 320, &[])) else {
            return;
        };
        let store = File::open(&Options::new(image.path().join("blocks"))).unwrap();
        put(&store, 0);
        // On a busy machine the file system may be late with the zeros of a spare, or commit by
        // itself in between.
        let rounds = (1..6).map(|round| {
            let before = flushes(image.path());
            put(&store, round * PUTS);
            flushes(image.path()) - before
        });
        let least = rounds.min().unwrap();
        assert!(least > 0, "{fs}: the device counts none");
        assert!(
            least <= u64::from(3 * PUTS),
            "{fs}: {least} for {PUTS} puts"
        );
    }
}

/// Blocks that fill more than two runs of the index.
const BLOCKS: u64 = 150_000;

/// One read of a page of the index and one of the section. A filter is wrong about one run in a
/// hundred, and some sections lie in pages that a get before has read.
#[test]
fn a_cold_get_from_a_pack_takes_two_reads_of_the_device() {
    let Some(image) = or_skip("reads of a device", Image::new(Fs::Ext4, 320, &[])) else {
        return;
    };
    let dir = image.path().join("blocks");
    let options = Options {
        cache: 0,
        ..Options::new(&dir)
    };
    let block = |n: u64| {
        let value = Rng::new(n).bytes(256);
        (Key::block(&sha2_256(&value).to_bytes()).unwrap(), value)
    };
    let store = Pack::open(&options).unwrap();
    for from in (0..BLOCKS).step_by(1000) {
        let mut batch = Batch::new();
        (from..from + 1000)
            .map(block)
            .for_each(|(key, value)| batch.put(key, value));
        store.write(&batch, Flush::No).unwrap();
    }
    store.close().unwrap();
    drop(store);

    let store = Pack::open(&options).unwrap();
    let mut runs = 0;
    for (name, _) in Os.list(&dir).unwrap() {
        runs += u64::from(name.ends_with(".run"));
        // It has been flushed: nothing but memory goes.
        let file = Os.open(&dir.join(&name), Mode::Read);
        file.and_then(|file| file.uncache()).unwrap();
    }
    assert!(runs > 1, "{runs} runs are no test of filters");
    let before = reads(image.path());
    let mut rng = Rng::new(7);
    let gets = 1000;
    for _ in 0..gets {
        let (key, value) = block(rng.below(BLOCKS));
        assert_eq!(store.get(&key).unwrap().unwrap(), value);
    }
    let done = reads(image.path()) - before;
    assert!(
        done >= gets,
        "{done} reads for {gets} gets: it was not cold"
    );
    assert!(done <= gets * 21 / 10, "{done} reads for {gets} gets");
    println!("{done} reads of the device for {gets} cold gets, of {runs} runs");
}
