//! A full disk leaves no half file, and the store that was there.

use std::fs;

use datastore::Datastore;
use persistent::Kind;
use persistent::ops::{self, Backup, Error, Restore, Silent, Watch};
use testkit::mount::{Mount, in_memory};
use testkit::or_skip;

use crate::{
    backup, config, contents, contents_of, fill, names, on_disk, open, restore, saved, tree,
};

fn is_full(error: &Error) -> bool {
    matches!(error, Error::Store(e) if e.is_out_of_space())
        || matches!(error, Error::Open(persistent::Error::Store(e)) if e.is_out_of_space())
}

#[test]
fn a_full_medium_has_no_half_file() {
    let Some(medium) = or_skip("a backup on a full medium", Mount::tmpfs("size=512k")) else {
        return;
    };
    let dir = in_memory();
    let store = open(Kind::Redb, &dir.path().join("store"));
    fill(&store, 1, 200);
    let file = medium.path().join("backup.car");
    // Seen beforehand, by the guard.
    let mut how = Backup::of("redb");
    let error = ops::backup(&store, &file, &how, &Silent, &mut |_| {}).unwrap_err();
    assert!(is_full(&error), "{error}");
    assert_eq!(names(medium.path()), [""; 0]);
    // And when another fills it up meanwhile: the guard looks once in 8 MiB.
    how.min_free = 0;
    struct Fill<'a>(&'a std::path::Path);
    impl Watch for Fill<'_> {
        fn expect(&self, _: u64, _: u64) {
            let mut len = 1 << 20;
            while len > 0 {
                let name = self.0.join(format!("filler-{len}"));
                if fs::write(name, vec![0; len]).is_err() {
                    len /= 2;
                } else {
                    break;
                }
            }
            let _ = fs::write(self.0.join("last"), vec![0; 1 << 20]);
        }
    }
    let error = ops::backup(&store, &file, &how, &Fill(medium.path()), &mut |_| {}).unwrap_err();
    assert!(is_full(&error), "{error}");
    assert!(
        names(medium.path())
            .iter()
            .all(|name| !name.contains("car"))
    );
    medium.remount("size=64m").unwrap();
    backup(&store, &file).unwrap();
    store.close().unwrap();
}

#[test]
fn a_restore_without_room_leaves_the_old_store() {
    for kind in on_disk() {
        let size = match kind {
            // It reserves 64 MiB for a journal.
            Kind::Fjall => "size=200m",
            // Buffers, and what it keeps for a full disk.
            Kind::Rocksdb => "size=600m",
            _ => "size=100m",
        };
        let Some(disk) = or_skip("a restore on a full disk", Mount::tmpfs(size)) else {
            return;
        };
        let dir = in_memory();
        let (file, new) = saved(dir.path(), 1, 300);
        let path = disk.path().join("store");
        let store = open(kind, &path);
        fill(&store, 2, 20);
        let old = contents(&store);
        store.close().unwrap();
        let before = tree(&path);
        let mut refused = 0;
        for kib in [0, 64, 1024, 3072] {
            let free = fs2::available_space(disk.path()).unwrap() / 1024;
            fs::write(
                disk.path().join("filler"),
                vec![0; ((free - kib) * 1024) as usize],
            )
            .unwrap();
            match restore(&file, kind, &path) {
                Ok(_) => {
                    assert!(contents_of(kind, &path) == new, "{kind}");
                    break;
                }
                Err(error) => assert!(is_full(&error), "{kind}, {kib} KiB free: {error}"),
            }
            refused += 1;
            fs::remove_file(disk.path().join("filler")).unwrap();
            assert!(
                tree(&path) == before,
                "{kind}, {kib} KiB free: the store was touched"
            );
            assert_eq!(names(disk.path()), ["store"], "{kind}, {kib} KiB free");
        }
        assert!(refused >= 3, "{kind}: only {refused} were refused");
        if refused == 4 {
            assert!(contents_of(kind, &path) == old, "{kind}");
            restore(&file, kind, &path).unwrap();
        }
    }
}

/// A restore that is told to stop, at each block, leaves nothing behind; so does a backup.
#[test]
fn stopped_is_as_if_nothing_had_been_asked() {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    struct After(AtomicU64);
    impl Watch for After {
        fn stops(&self) -> bool {
            self.0.fetch_sub(1, SeqCst) == 0
        }
    }
    let dir = in_memory();
    let (file, _) = saved(dir.path(), 1, 5);
    let path = dir.path().join("store");
    let store = open(Kind::Redb, &path);
    fill(&store, 2, 5);
    let other = dir.path().join("other.car");
    let (mut backups, mut restores) = (0, 0);
    let how = Backup {
        min_free: 0,
        ..Backup::of("redb")
    };
    while let Err(error) = ops::backup(&store, &other, &how, &After(backups.into()), &mut |_| {}) {
        assert!(matches!(error, Error::Stopped), "{error}");
        assert_eq!(names(dir.path()), ["backup.car", "source", "store"]);
        backups += 1;
    }
    store.close().unwrap();
    let before = tree(&path);
    let config = config(Kind::Redb, &path);
    while let Err(error) = ops::restore(&file, &config, Restore::default(), &After(restores.into()))
    {
        assert!(matches!(error, Error::Stopped), "{error}");
        assert!(tree(&path) == before);
        assert_eq!(names(dir.path()).len(), 4, "{:?}", names(dir.path()));
        restores += 1;
    }
    assert!(backups > 5 && restores > 5, "{backups} {restores}");
}
