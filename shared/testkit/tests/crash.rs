//! The crash disk: what it says may be left, and that it catches who leaves out a flush.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use datastore::disk::{Disk, DiskFile, Mode};
use testkit::crash::{
    ALL, Acks, Call, CrashDisk, EINTR, EIO, ENOSPC, FLUSHES, Fault, How, Tally, laboratory,
};

fn at(path: &str) -> &Path {
    Path::new(path)
}

fn new(disk: &CrashDisk, path: &str, bytes: &[u8]) -> Box<dyn DiskFile> {
    let file = disk.open(at(path), Mode::Create).unwrap();
    file.write_all_at(bytes, 0).unwrap();
    file
}

/// Everything that a cut at the last point may leave under `path`.
fn left(disk: &CrashDisk, path: &str) -> BTreeSet<Option<Vec<u8>>> {
    let record = disk.record();
    let cut = record.cut(record.last());
    assert!(cut.states() < 100_000, "{}", cut.states());
    (0..cut.states())
        .map(|number| cut.each(number).read(at(path)).unwrap())
        .collect()
}

fn some(values: &[&[u8]]) -> BTreeSet<Option<Vec<u8>>> {
    values.iter().map(|value| Some(value.to_vec())).collect()
}

#[test]
fn an_unflushed_name_is_there_or_not_and_an_unflushed_file_empty_whole_or_zeros() {
    let disk = CrashDisk::new();
    new(&disk, "a", b"xy");
    let mut expected = some(&[b"", b"xy", b"\0\0"]);
    expected.insert(None);
    assert_eq!(left(&disk, "a"), expected);
    disk.sync_dir(at("")).unwrap();
    assert_eq!(left(&disk, "a"), some(&[b"", b"xy", b"\0\0"]));
    disk.open(at("a"), Mode::Read).unwrap().sync().unwrap();
    assert_eq!(left(&disk, "a"), some(&[b"xy"]));
}

#[test]
fn the_flush_of_a_file_leaves_its_name_unflushed() {
    let disk = CrashDisk::new();
    new(&disk, "a", b"xy").sync().unwrap();
    let mut expected = some(&[b"xy"]);
    expected.insert(None);
    assert_eq!(left(&disk, "a"), expected);
    // All at once is all.
    let root = disk.open(at("."), Mode::Folder).unwrap();
    root.sync_all().unwrap();
    assert_eq!(left(&disk, "a"), some(&[b"xy"]));
}

#[test]
fn writes_are_lost_kept_in_any_subset_or_torn_at_512_bytes() {
    let disk = CrashDisk::new();
    let file = new(&disk, "a", &[0; 1024]);
    disk.settle();
    file.write_all_at(&[1; 2], 0).unwrap();
    file.write_all_at(&[2; 2], 2).unwrap();
    let of = |a: u8, b: u8| {
        let mut bytes = vec![0; 1024];
        bytes[..2].fill(a);
        bytes[2..4].fill(b);
        Some(bytes)
    };
    let subsets = BTreeSet::from([of(0, 0), of(1, 0), of(0, 2), of(1, 2)]);
    assert_eq!(left(&disk, "a"), subsets);

    disk.settle();
    file.write_all_at(&[3; 1024], 0).unwrap();
    let all = left(&disk, "a");
    assert_eq!(all.len(), 4, "old, new, and each half");
    for bytes in all.into_iter().flatten() {
        let old = of(1, 2).unwrap();
        for (half, old) in bytes.chunks(512).zip(old.chunks(512)) {
            assert!(half == old || half == [3; 512]);
        }
    }
}

#[test]
fn a_rename_happens_wholly_or_not_at_all_with_the_folder_that_it_led_into() {
    let disk = CrashDisk::new();
    disk.create_dir(at("d")).unwrap();
    new(&disk, "a", b"new");
    new(&disk, "d/b", b"old");
    disk.settle();
    disk.rename(at("a"), at("d/b")).unwrap();
    let record = disk.record();
    let cut = record.cut(record.last());
    assert_eq!(cut.states(), 2);
    for number in 0..2 {
        let left = cut.each(number);
        let b = left.read(at("d/b")).unwrap().unwrap();
        assert_eq!(b == b"old", left.look(at("a")).unwrap().is_some());
    }
    disk.sync_dir(at("")).unwrap();
    let both = some(&[b"old", b"new"]);
    assert_eq!(left(&disk, "d/b"), both, "not its folder");
    disk.sync_dir(at("d")).unwrap();
    assert_eq!(left(&disk, "d/b"), some(&[b"new"]));
    assert_eq!(left(&disk, "a"), BTreeSet::from([None]));
}

#[test]
fn a_folder_is_a_name_in_its_parent() {
    let disk = CrashDisk::new();
    disk.create_dir(at("d")).unwrap();
    new(&disk, "d/a", b"x").sync().unwrap();
    disk.sync_dir(at("d")).unwrap();
    let mut expected = some(&[b"x"]);
    expected.insert(None);
    assert_eq!(left(&disk, "d/a"), expected, "d itself was not flushed");
    disk.sync_dir(at("")).unwrap();
    assert_eq!(left(&disk, "d/a"), some(&[b"x"]));
}

#[test]
fn an_exchange_is_one_step() {
    let disk = CrashDisk::new();
    for name in ["a", "b"] {
        disk.create_dir(at(name)).unwrap();
        new(&disk, &format!("{name}/f"), name.as_bytes());
    }
    disk.settle();
    disk.exchange(at("a"), at("b")).unwrap();
    let record = disk.record();
    let cut = record.cut(record.last());
    let both: Vec<_> = (0..cut.states())
        .map(|n| {
            let left = cut.each(n);
            let read = |path| left.read(at(path)).unwrap().unwrap();
            (read("a/f"), read("b/f"))
        })
        .collect();
    let (a, b) = (b"a".to_vec(), b"b".to_vec());
    assert_eq!(both, [(a.clone(), b.clone()), (b, a)]);
}

#[test]
fn what_was_removed_may_come_back() {
    let disk = CrashDisk::new();
    new(&disk, "a", b"x");
    disk.settle();
    disk.remove_file(at("a")).unwrap();
    let mut expected = some(&[b"x"]);
    expected.insert(None);
    assert_eq!(left(&disk, "a"), expected);
    disk.sync_dir(at("")).unwrap();
    assert_eq!(left(&disk, "a"), BTreeSet::from([None]));
}

#[test]
fn a_state_can_be_made_again() {
    let disk = CrashDisk::new();
    for n in 0..30_u8 {
        new(&disk, &format!("f{n}"), &vec![n; 2000]);
    }
    let record = disk.record();
    let point = record.last();
    assert!(record.cut(point).states() > 1 << 40);
    let all = |disk: &CrashDisk| -> Vec<_> {
        let read = |n| disk.read(at(&format!("f{n}"))).unwrap();
        (0..30).map(read).collect()
    };
    let mut seen = BTreeSet::new();
    for number in 0..200 {
        let state = all(&record.state(7, point, number));
        assert_eq!(all(&record.state(7, point, number)), state);
        seen.insert(state);
    }
    assert!(seen.len() > 150, "only {} of 200 differ", seen.len());
    let other = all(&record.state(8, point, 50));
    assert_ne!(other, all(&record.state(7, point, 50)));
}

fn fault(calls: &'static [Call], after: u64, times: u64, how: How) -> Fault {
    Fault {
        calls,
        after,
        times,
        how,
    }
}

#[test]
fn faults_strike_where_they_are_told_to() {
    let disk = CrashDisk::new();
    let file = new(&disk, "a", &[7; 1000]);
    disk.inject(fault(&[Call::Write], 1, 1, How::Error(ENOSPC)));
    assert_eq!(file.write_at(b"x", 0).unwrap(), 1);
    let full = file.write_at(b"y", 0).unwrap_err();
    assert_eq!(full.raw_os_error(), Some(ENOSPC));
    assert_eq!(file.write_at(b"y", 0).unwrap(), 1);
    // Whoever writes and reads all of it does not notice these.
    let both = &[Call::Read, Call::Write];
    disk.inject(fault(both, 0, 3, How::Error(EINTR)));
    disk.inject(fault(both, 0, u64::MAX, How::Short));
    file.write_all_at(&[9; 1000], 0).unwrap();
    assert_eq!(disk.read(at("a")).unwrap().unwrap(), [9; 1000]);
    assert!(disk.struck() > 10, "{}", disk.struck());
    disk.calm();
    assert_eq!(file.write_at(&[9; 1000], 0).unwrap(), 1000);
    assert!(disk.calls(&[Call::Write]) > 10);
}

#[test]
fn after_a_failed_flush_a_later_one_succeeds_and_the_bytes_are_gone() {
    let disk = CrashDisk::new();
    let file = new(&disk, "a", b"old");
    disk.settle();
    file.write_all_at(b"new", 0).unwrap();
    disk.inject(fault(FLUSHES, 0, 1, How::Error(EIO)));
    file.sync().unwrap_err();
    file.sync().unwrap();
    let read = disk.read(at("a")).unwrap().unwrap();
    assert_eq!(read, b"new", "it is in the cache");
    assert_eq!(left(&disk, "a"), some(&[b"old", b"new"]));
    // What is written later is flushed all the same.
    file.write_all_at(b"N", 0).unwrap();
    file.sync().unwrap();
    assert_eq!(left(&disk, "a"), some(&[b"Nld", b"New"]));
}

#[test]
fn a_killed_process_does_nothing_more_and_leaves_what_it_wrote() {
    let disk = CrashDisk::new();
    let file = new(&disk, "a", b"x");
    let next = disk.kill();
    for refused in [
        file.write_at(b"y", 0).err(),
        file.sync().err(),
        disk.list(at("")).err(),
    ] {
        assert!(refused.unwrap().to_string().contains("killed"));
    }
    assert_eq!(next.read(at("a")).unwrap().unwrap(), b"x");
    // It is in the cache, and no more than that.
    assert!(left(&next, "a").contains(&None));
    // At a call that is known beforehand.
    next.inject(fault(ALL, 1, 1, How::Kill));
    assert!(next.look(at("a")).is_ok());
    assert!(next.look(at("a")).is_err() && next.look(at("a")).is_err());
    assert!(next.kill().look(at("a")).is_ok());
}

/// A way to write a file anew.
type Write = fn(&CrashDisk, &Path, &[u8]) -> io::Result<()>;

/// Writes version after version, and looks whether the last one that was promised is there, or
/// the next one, and nothing else.
fn versions(name: &str, write: Write) -> Tally {
    let version = |n: u16| n.to_le_bytes().repeat(400);
    let workload = |disk: &CrashDisk, acks: &Acks<u16>| {
        for n in 0..6 {
            write(disk, at("file"), &version(n)).unwrap();
            acks.note(n);
        }
    };
    laboratory(name, 4000, &CrashDisk::new(), workload, |disk, acks| {
        let promised = acks.last().map(|n| **n);
        let next = version(promised.map_or(0, |n| n + 1));
        let found = disk.read(at("file")).unwrap();
        if found == promised.map(version) || found == Some(next) {
            return Ok(());
        }
        let len = found.map(|bytes| bytes.len());
        Err(format!("after {promised:?}: no version, of length {len:?}"))
    })
}

#[test]
fn who_flushes_file_and_folder_in_order_passes() {
    let tally = versions("write_whole", |disk, path, bytes| {
        disk.write_whole(path, bytes)
    });
    assert_eq!(tally.whole, tally.points, "so few can all be tried");
    tally.must_hold();
}

/// Writes the file under another name and renames it, without a flush.
fn renamed(disk: &CrashDisk, path: &Path, bytes: &[u8]) -> io::Result<Box<dyn DiskFile>> {
    let file = disk.open(at("new"), Mode::Create)?;
    file.set_len(0)?;
    file.write_all_at(bytes, 0)?;
    disk.rename(at("new"), path)?;
    Ok(file)
}

#[test]
fn who_leaves_out_the_flush_of_the_file_is_caught() {
    let tally = versions("no flush of the file", |disk, path, bytes| {
        renamed(disk, path, bytes)?;
        disk.sync_dir(at(""))
    });
    tally.must_catch();
}

#[test]
fn who_leaves_out_the_flush_of_the_folder_is_caught() {
    let tally = versions("no flush of the folder", |disk, path, bytes| {
        let file = disk.open(at("new"), Mode::Create)?;
        file.set_len(0)?;
        file.write_all_at(bytes, 0)?;
        file.sync()?;
        disk.rename(at("new"), path)
    });
    tally.must_catch();
}

#[test]
fn who_renames_before_flushing_is_caught() {
    let tally = versions("renamed before the flush", |disk, path, bytes| {
        renamed(disk, path, bytes)?.sync()?;
        disk.sync_dir(at(""))
    });
    tally.must_catch();
}

#[test]
fn who_writes_in_place_is_caught() {
    let tally = versions("written in place", |disk, path, bytes| {
        let file = disk.open(path, Mode::Create)?;
        file.write_all_at(bytes, 0)?;
        file.sync()?;
        disk.sync_dir(at(""))
    });
    tally.must_catch();
}

/// The mistake is in the recovery, which removes the journal for good before what it stands for is
/// on the disk. Only a second cut shows that.
#[test]
fn a_recovery_that_flushes_too_little_is_caught_by_the_second_cut() {
    let workload = |disk: &CrashDisk, acks: &Acks<()>| {
        disk.write_whole(at("journal"), b"to do").unwrap();
        acks.note(());
    };
    let check = |disk: &CrashDisk, acks: &[&()]| {
        if disk.look(at("journal")).unwrap().is_some() {
            new(disk, "result", b"done");
            disk.remove_file(at("journal")).unwrap();
            disk.sync_dir(at("")).unwrap();
        }
        match disk.read(at("result")).unwrap() {
            _ if acks.is_empty() => Ok(()),
            Some(bytes) if bytes == b"done" => Ok(()),
            found => Err(format!("{found:?}")),
        }
    };
    let tally = laboratory("recovery", 4000, &CrashDisk::new(), workload, check);
    let places = &tally.violations;
    assert!(places.iter().all(|place| place.contains("of its recovery")));
    tally.must_catch();
}
