//! How often the disk below the file system is flushed for one durable put into the file engine.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use datastore::{Batch, Key};
use persistent::engine::{Engine, Flush, Options};
use persistent::engines::file::File;
use testkit::mount::{Fs, Image};
use testkit::or_skip;

const PUTS: u32 = 20;

/// Flushes that the device of `path` has done: the 16th figure that the kernel keeps of it
/// (Documentation/block/stat.rst).
fn flushes(path: &Path) -> u64 {
    let device = std::fs::metadata(path).unwrap().dev();
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let stat = std::fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).unwrap();
    stat.split_whitespace().nth(15).unwrap().parse().unwrap()
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
