//! A disk that is full takes no record: deletes go on, and what they leave is told as unsure.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use block_cid::Blockstore;
use datastore::Datastore;
use persistent::ops::verify::Mend;
use persistent::{Durability, Kind};
use testkit::mount::Mount;
use testkit::or_skip;

use crate::{block, cids, config, missing, open, put, unclean, verify};

/// Takes every byte that is left.
fn fill(dir: &Path) {
    let path = dir.join("filler");
    let mut file = File::options()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    for piece in [65_536, 4096, 512, 16, 1] {
        while file.write_all(&vec![1; piece]).is_ok() {}
    }
}

#[test]
fn deletes_that_cannot_be_recorded_are_done_and_cause_no_alarm() {
    for durability in [Durability::Each, Durability::Batch] {
        let Some(mount) = or_skip("a full disk", Mount::tmpfs("size=8m")) else {
            return;
        };
        let config = config(Kind::File, mount.path()).with_durability(durability);
        let store = open(&config);
        put(&store, 0..300);
        store.sync().unwrap();
        // A record takes 48 bytes, a page has room for 85.
        for n in 0..200 {
            fill(mount.path());
            store.blocks().delete(block(n).cid()).unwrap();
        }
        let (report, faults) = verify(&store, &Mend::default());
        assert!(report.missing == 0 && report.store.is_empty(), "{report:?}");
        assert!(faults.len() > 20, "every record had room: {report:?}");
        store.close().unwrap();
        // Killed there: it opens on the full disk.
        let filler = mount.path().join("filler");
        std::fs::remove_file(&filler).unwrap();
        unclean(mount.path());
        fill(mount.path());
        let store = open(&config);
        let lost = store.found().lost.clone();
        assert!(lost.missing == 0 && lost.ledger.is_none(), "{lost:?}");
        assert_eq!(lost.perhaps, faults.len() as u64);
        store.close().unwrap();
        std::fs::remove_file(&filler).unwrap();
        let (report, named) = missing(Kind::File, mount.path());
        assert!(named.is_empty() && report.is_good(), "{report:?}");
        assert_eq!(report.perhaps, faults.len() as u64, "they stay named");

        // With room again what is there is sure, and what is lost then is missed.
        unclean(mount.path());
        open(&config).close().unwrap();
        let name = data_encoding::BASE32_NOPAD.encode(&block(250).cid().hash().to_bytes());
        let shard = &name[name.len() - 3..name.len() - 1];
        let file = format!("store/blocks/{shard}/{name}.data");
        std::fs::remove_file(mount.path().join(file)).unwrap();
        assert_eq!(
            missing(Kind::File, mount.path()).1,
            cids([250]),
            "{durability:?}"
        );
    }
}
