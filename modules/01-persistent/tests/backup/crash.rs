//! A backup, and a restore with its swap, on a disk that loses its power at every point.
//!
//! The locks are the system's own, so that folders of the same names are there, too.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datastore::disk::{Kind as Is, Meta, Mode};
use datastore::{Datastore, Disk, DiskFile};
use persistent::ops::{self, Backup, Error, Restore, Silent};
use persistent::{Config, Kind, Persistent};
use tempfile::TempDir;
use testkit::crash::{Acks, Call, CrashDisk, ENOSPC, FLUSHES, Fault, How, Tally, laboratory};
use testkit::mount::in_memory;
use testkit::run;

use crate::{Contents, check, config, contents, fill, open};

/// The folders that a swap gives names to.
const NAMES: [&str; 4] = ["store", "store.restoring", "store.before-restore", "other"];

/// A way of having two stores change places, or of failing to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Exchange,
    /// A file system that has no such call.
    TwoRenames,
    /// Wrong on purpose: the names in folders are never flushed.
    Unflushed,
}

/// A disk that goes this way.
#[derive(Debug)]
struct Odd(CrashDisk, Way);

#[derive(Debug)]
struct NeverFlushed(Box<dyn DiskFile>);

impl DiskFile for NeverFlushed {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.0.write_at(bytes, offset)
    }
    fn look(&self) -> io::Result<Meta> {
        self.0.look()
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
    fn sync_all(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for Odd {
    fn open(&self, path: &Path, mode: Mode) -> io::Result<Box<dyn DiskFile>> {
        let file = self.0.open(path, mode)?;
        if self.1 == Way::Unflushed && mode == Mode::Folder {
            return Ok(Box::new(NeverFlushed(file)));
        }
        Ok(file)
    }
    fn look(&self, path: &Path) -> io::Result<Option<Meta>> {
        self.0.look(path)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<(String, Is)>> {
        self.0.list(dir)
    }
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.create_dir(dir)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.0.remove_file(path)
    }
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.remove_dir(dir)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.rename(from, to)
    }
    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        match self.1 {
            Way::TwoRenames => Err(io::ErrorKind::Unsupported.into()),
            _ => self.0.exchange(a, b),
        }
    }
}

/// A folder that is on the system's disk for the locks, and on a crash disk for all else.
struct Place {
    kind: Kind,
    dir: TempDir,
}

impl Place {
    fn new(kind: Kind) -> Place {
        let place = Place {
            kind,
            dir: in_memory(),
        };
        place.unlock();
        place
    }

    /// As after a restart of the machine: nobody holds a lock, and each is said to be open.
    fn unlock(&self) {
        for name in NAMES {
            fs::create_dir_all(self.at(name)).unwrap();
            fs::write(self.at(name).join("lock"), "pid 1\n").unwrap();
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn config(&self, disk: &CrashDisk, way: Way, name: &str) -> Config {
        config(self.kind, &self.at(name)).with_disk(Arc::new(Odd(disk.clone(), way)))
    }

    fn contents(&self, disk: &CrashDisk, way: Way, name: &str) -> Result<Contents, String> {
        let store = Persistent::open(&self.config(disk, way, name));
        let store = store.map_err(|error| format!("{name}: {error}"))?;
        let made = store.found().created;
        let found = contents(&store);
        store.close().map_err(|error| format!("{name}: {error}"))?;
        if made {
            return Err(format!("{name} is gone, and was made anew"));
        }
        Ok(found)
    }

    /// A disk with an old store, and a backup of a new one; and what is in each.
    fn disk(&self, old: bool) -> (CrashDisk, Contents, Contents) {
        let disk = CrashDisk::new();
        disk.make_dir(self.dir.path()).unwrap();
        let mut all = Vec::new();
        for (name, seed) in [("store", 1), ("other", 2)] {
            if name == "store" && !old {
                all.push(Contents::new());
                continue;
            }
            let config = self.config(&disk, Way::Exchange, name);
            let store = Persistent::open(&config).unwrap();
            fill(&store, seed, 6);
            all.push(contents(&store));
            let mut how = Backup::of("redb");
            (how.min_free, how.disk) = (0, disk.shared());
            let file = self.at("backup.car");
            if name == "other" {
                ops::backup(&store, &file, &how, &Silent, &mut |_| {}).unwrap();
            }
            store.close().unwrap();
        }
        disk.remove_tree(&self.at("other")).unwrap();
        let new = all.pop().unwrap();
        (disk, all.pop().unwrap(), new)
    }

    fn restore(&self, disk: &CrashDisk, way: Way) -> ops::Result<ops::Restored> {
        let config = self.config(disk, way, "store");
        let how = Restore::default();
        ops::restore(&self.at("backup.car"), &config, how, &Silent)
    }
}

fn restores(kind: Kind, way: Way, old: bool, states: usize) -> Tally {
    let place = Place::new(kind);
    let (disk, before, after) = place.disk(old);
    let workload = |disk: &CrashDisk, acks: &Acks<()>| {
        place.restore(disk, way).unwrap();
        acks.note(());
    };
    let name = format!(
        "restore {kind}, {way:?}, {}",
        if old { "swap" } else { "new" }
    );
    laboratory(&name, states, &disk, workload, |left, acks| {
        place.unlock();
        let way = if way == Way::Unflushed {
            Way::Exchange
        } else {
            way
        };
        let config = place.config(left, way, "store");
        ops::recover(&config, &place.at("store")).map_err(|error| error.to_string())?;
        let is_there = left.look(&place.at("store")).unwrap().is_some();
        let holds = if is_there && !left.list(&place.at("store")).unwrap().is_empty() {
            place.contents(left, way, "store")?
        } else if old {
            return Err("the store is gone".into());
        } else {
            Contents::new()
        };
        if holds != after && holds != before {
            return Err("neither the old store nor the new one".into());
        }
        if !acks.is_empty() && holds != after {
            return Err("the old store after the restore was done".into());
        }
        if old && holds == after {
            let kept = place.contents(left, way, "store.before-restore")?;
            if kept != before {
                return Err("the old store is lost".into());
            }
        }
        if holds != after {
            place
                .restore(left, way)
                .map_err(|error| format!("again: {error}"))?;
            if place.contents(left, way, "store")? != after {
                return Err("again: not what was saved".into());
            }
        }
        let rest = left.look(&place.at("store.restoring")).unwrap();
        match rest {
            None => Ok(()),
            Some(_) => Err("the folder of the new store is left".into()),
        }
    })
}

#[test]
fn a_restore_leaves_the_old_store_or_the_new_one() {
    let states = run::count("CAIRN_STATES", 60, 20_000);
    for kind in [Kind::Redb, Kind::File] {
        for way in [Way::Exchange, Way::TwoRenames] {
            restores(kind, way, true, states).must_hold();
        }
        restores(kind, Way::Exchange, false, states).must_hold();
    }
    // A swap that does not flush what it does is caught.
    restores(Kind::Redb, Way::Unflushed, true, states.max(150)).must_catch();
}

/// The file on the crash disk, as a backup is checked.
fn is_whole(disk: &CrashDisk, file: &Path, dir: &Path) -> Result<bool, String> {
    let Some(bytes) = disk.read(file).unwrap() else {
        return Ok(false);
    };
    let copy = dir.join("copy.car");
    fs::write(&copy, bytes).unwrap();
    match check(&copy) {
        Ok(_) => Ok(true),
        Err(error) => Err(error.to_string()),
    }
}

fn backups(way: Way, states: usize) -> Tally {
    let dir = in_memory();
    let store = open(Kind::Memory, dir.path());
    fill(&store, 1, 6);
    let disk = CrashDisk::new();
    disk.make_dir(dir.path()).unwrap();
    let file = dir.path().join("backup.car");
    let mut how = Backup::of("memory");
    (how.force, how.min_free) = (true, 0);
    let save = |disk: &CrashDisk, way: Way| {
        let mut how = how.clone();
        how.disk = Arc::new(Odd(disk.clone(), way));
        ops::backup(&store, &file, &how, &Silent, &mut |_| {})
    };
    let workload = |disk: &CrashDisk, acks: &Acks<()>| {
        // A second one replaces the first.
        for _ in 0..2 {
            save(disk, way).unwrap();
            acks.note(());
        }
    };
    let name = format!("backup, {way:?}");
    laboratory(&name, states, &disk, workload, |left, acks| {
        let whole = is_whole(left, &file, dir.path())?;
        if !whole && !acks.is_empty() {
            return Err("the backup is gone".into());
        }
        save(left, Way::Exchange).map_err(|error| format!("again: {error}"))?;
        if !is_whole(left, &file, dir.path())? || left.list(dir.path()).unwrap().len() != 1 {
            return Err("again: not one whole file".into());
        }
        Ok(())
    })
}

#[test]
fn a_backup_is_there_whole_or_not_at_all() {
    let states = run::count("CAIRN_STATES", 300, 20_000);
    backups(Way::Exchange, states).must_hold();
    backups(Way::Unflushed, states).must_catch();
}

/// Each write, each flush and each name of a backup fails once: a typed error, and no half file.
#[test]
fn a_medium_that_fails_has_no_half_file() {
    let dir = in_memory();
    let store = open(Kind::Memory, dir.path());
    fill(&store, 1, 30);
    let file = dir.path().join("backup.car");
    let names: &'static [Call] = &[Call::Rename];
    let writes: &'static [Call] = &[Call::Write, Call::SetLen];
    for (calls, errno) in [(writes, ENOSPC), (FLUSHES, testkit::crash::EIO), (names, 5)] {
        let mut met = 0;
        loop {
            let disk = CrashDisk::new();
            disk.make_dir(dir.path()).unwrap();
            disk.inject(Fault {
                calls,
                after: met,
                times: 1,
                how: How::Error(errno),
            });
            let mut how = Backup::of("memory");
            (how.min_free, how.disk) = (0, disk.shared());
            let end = ops::backup(&store, &file, &how, &Silent, &mut |_| {});
            if disk.struck() == 0 {
                assert!(end.is_ok() && is_whole(&disk, &file, dir.path()).unwrap());
                break;
            }
            match end.unwrap_err() {
                Error::Store(error) => {
                    assert_eq!(error.is_out_of_space(), errno == ENOSPC, "{error}");
                    let typed = matches!(error, datastore::Error::StorageFull { .. });
                    assert_eq!(typed, errno == ENOSPC, "{error}");
                }
                other => panic!("{other:?}"),
            }
            disk.calm();
            let left = disk.list(dir.path()).unwrap();
            // A name that was given and may not be durable is a whole file all the same.
            let half = left.iter().any(|(name, _)| name != "backup.car");
            assert!(!half, "{left:?}");
            assert!(left.is_empty() || is_whole(&disk, &file, dir.path()).unwrap());
            met += 1;
        }
        assert!(met > 0, "{calls:?}");
    }
}
