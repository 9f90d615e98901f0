use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use datastore::disk::{Disk, Mode};
use testkit::crash::{CrashDisk, FLUSHES};

use crate::answer::Log;
use crate::folder::Folder;
use crate::writes::Writes;

fn open(disk: &CrashDisk) -> Log {
    say::ok("open", Log::open(power::folder(disk)))
}

fn put(log: &Log, key: &str, value: &str) {
    say::ok(&format!("put({key:?})"), log.put(key, value.as_bytes()));
}

fn get(log: &Log, key: &str) -> Option<String> {
    let value = say::ok(&format!("get({key:?})"), log.get(key));
    value.map(|value| String::from_utf8_lossy(&value).into_owned())
}

/// put, get, replace, delete
#[test]
fn a1_put_and_get() {
    let log = open(&power::disk());
    let why = "that is what a store is for.";
    say::same("get before any put", &get(&log, "a"), &None, why);
    put(&log, "a", "one");
    put(&log, "b", "");
    put(&log, "", "of the empty key");
    put(&log, "a", "three");
    say::same(
        "get(\"a\") after two puts",
        &get(&log, "a"),
        &say::some("three"),
        why,
    );
    say::same(
        "get(\"b\"), which has no bytes",
        &get(&log, "b"),
        &say::some(""),
        "an empty value is not a deleted one.",
    );
    for _ in 0..2 {
        say::ok("delete(\"a\"), twice", log.delete("a"));
    }
    say::same("get(\"a\") after a delete", &get(&log, "a"), &None, why);
    say::same(
        "keys",
        &log.keys(),
        &vec![String::new(), "b".to_owned()],
        why,
    );
}

/// the next process finds the same, deletions included
#[test]
fn a2_reopen() {
    let disk = power::disk();
    let log = open(&disk);
    for n in 0..20 {
        put(&log, &format!("k{}", n % 7), &format!("value {n}"));
    }
    say::ok("delete", log.delete("k3"));
    let log = open(&disk);
    let why = "the file is all that the next process has.";
    say::same(
        "get(\"k3\"), which was deleted",
        &get(&log, "k3"),
        &None,
        why,
    );
    say::same(
        "get(\"k5\")",
        &get(&log, "k5"),
        &say::some("value 19"),
        "the last record of a key counts.",
    );
    say::same("keys", &log.keys().len(), &6, why);
    put(&log, "k3", "again");
    say::same(
        "get(\"k3\") after another put",
        &get(&open(&disk), "k3"),
        &say::some("again"),
        why,
    );
}

/// a compaction keeps what counts, and nothing else
#[test]
fn b1_compact() {
    let disk = power::disk();
    let log = open(&disk);
    for n in 0..50 {
        put(&log, &format!("k{}", n % 5), &format!("value {n:02}"));
    }
    say::ok("delete", log.delete("k0"));
    let before = power::file(&disk).1.len();
    say::ok("compact", log.compact());
    let after = power::file(&disk).1.len();
    say::that(
        after * 8 < before,
        format!(
            "the log has {before} bytes before a compaction and {after} after it; 4 of 51 records count\nWhy it matters: a log that only grows fills every disk."
        ),
    );
    put(&log, "k9", "new");
    for (when, log) in [("", log), (" after another open", open(&disk))] {
        let yours: Vec<_> = log
            .keys()
            .iter()
            .map(|key| (key.clone(), get(&log, key).unwrap_or_default()))
            .collect();
        let wanted: Vec<_> = [
            ("k1", "value 46"),
            ("k2", "value 47"),
            ("k3", "value 48"),
            ("k4", "value 49"),
            ("k9", "new"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec();
        say::same(
            &format!("what there is after a compaction and a put{when}"),
            &yours,
            &wanted,
            "offsets change when the file does.",
        );
    }
}

/// a log that was cut off at any byte opens with what is whole, and takes puts again
#[test]
fn d1_torn_tail() {
    let disk = power::disk();
    let log = open(&disk);
    let ends: Vec<usize> = [("a", "one"), ("b", "two"), ("c", "a value that is longer")]
        .iter()
        .map(|(key, value)| {
            put(&log, key, value);
            power::file(&disk).1.len()
        })
        .collect();
    let (name, bytes) = power::file(&disk);
    for len in 0..bytes.len() {
        let disk = power::with(&name, &bytes[..len]);
        let what = format!(
            "open of a log cut off after {len} of {} bytes, as a loss of power leaves it",
            bytes.len()
        );
        let log = say::ok(&what, Log::open(power::folder(&disk)));
        let whole = ends.iter().filter(|end| **end <= len).count();
        say::same(
            &format!("keys in a log cut off after {len} of {} bytes", bytes.len()),
            &log.keys().len(),
            &whole,
            "what is whole was acknowledged.",
        );
        put(&log, "next", "put");
        let why = "a record behind half a record is never found: the half has to go first.";
        let what = format!("cut off after {len} bytes, then put(\"next\"), then another open");
        let again = say::ok(&what, Log::open(power::folder(&disk)));
        say::same(
            &format!("{what}: get(\"next\")"),
            &get(&again, "next"),
            &say::some("put"),
            why,
        );
    }
}

/// a flipped bit is an error, and never a value or a loss
#[test]
fn d2_flipped() {
    let disk = power::disk();
    let log = open(&disk);
    let all = BTreeMap::from([("a", "one"), ("b", "the one that is hit"), ("c", "three")]);
    let mut ends = Vec::new();
    for (key, value) in &all {
        put(&log, key, value);
        ends.push(power::file(&disk).1.len());
    }
    let (name, bytes) = power::file(&disk);
    for at in ends[0]..ends[1] {
        for bit in [0, 7] {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << bit;
            let disk = power::with(&name, &bytes);
            let what = format!("bit {bit} of byte {at} flipped, in the second of three records");
            let Ok(log) = Log::open(power::folder(&disk)) else {
                let (_, left) = power::file(&disk);
                say::same(
                    &format!("{what}: an error, and the file"),
                    &(left == bytes),
                    &true,
                    "what is damaged may be mended, unless you cut it off.",
                );
                continue;
            };
            for (key, value) in &all {
                let found = log.get(key);
                let is = |found: &Option<Vec<u8>>| found.as_deref() == Some(value.as_bytes());
                let right = found.as_ref().map_or(true, is);
                let yours = found
                    .map(|found| found.map(|found| String::from_utf8_lossy(&found).into_owned()));
                say::that(
                    right,
                    format!(
                        "{what}: open, and then get({key:?})\nyours   {yours:?}\nwanted  {value:?}, or an error from open or get\nWhy it matters: both a wrong value and \"not there\" are lies."
                    ),
                );
            }
        }
    }
    // And one that comes while the log is open.
    let disk = power::disk();
    let log = open(&disk);
    put(&log, "a", "one");
    let path = Path::new(power::DIR).join(&name);
    let last = power::file(&disk).1.len() as u64 - 1;
    disk.open(&path, Mode::Write)
        .unwrap()
        .write_all_at(b"X", last)
        .unwrap();
    let yours = log.get("a").is_err();
    say::same(
        "the last byte of a value changed while the log is open: get is an error",
        &yours,
        &true,
        "the checksum is there for every read.",
    );
}

/// Whether a reader finds the state after `acked` writes, or the one after.
fn finds(left: Arc<dyn Folder>, writes: &Writes, acked: usize) -> Result<(), String> {
    let log = Log::open(left).map_err(|error| format!("a reader cannot open it: {error}"))?;
    let mut found = Vec::new();
    for key in log.keys() {
        let value = log
            .get(&key)
            .map_err(|error| format!("a reader cannot get {key:?}: {error}"))?;
        found.push((key, value));
    }
    writes::judge(found, writes, acked)
}

/// power lost at any moment of puts and deletes
#[test]
fn d3_power() {
    let disk = power::disk();
    let log = open(&disk);
    let writes = writes::some();
    power::cut(
        &disk,
        |acks| {
            for (key, value) in &writes {
                let wrote = match value {
                    Some(value) => log.put(key, value.as_bytes()),
                    None => log.delete(key),
                };
                say::ok("write", wrote);
                acks.note(());
            }
        },
        |left, acks| finds(left, &writes, acks.len()),
        "An append that was not flushed may be there, half there, or there as zeros.",
    );
    // The log itself has to be there as well: its name is made at the first open.
    let disk = power::disk();
    power::cut(
        &disk,
        |acks| {
            let log = open(&disk);
            put(&log, "a", "one");
            acks.note(());
        },
        |left, acks| finds(left, &writes, acks.len()),
        "The bytes of a file are flushed with the file. Its name is not.",
    );
}

/// power lost at any moment of a compaction
#[test]
fn d4_power_compact() {
    let disk = power::disk();
    let log = open(&disk);
    let mut writes = writes::some();
    for (key, value) in &writes {
        match value {
            Some(value) => put(&log, key, value),
            None => say::ok("delete", log.delete(key)),
        }
    }
    let before = writes.len();
    writes.push(("d", Some("after it".into())));
    power::cut(
        &disk,
        |acks| {
            say::ok("compact", log.compact());
            put(&log, "d", "after it");
            acks.note(());
        },
        |left, acks| finds(left, &writes, before + acks.len()),
        "Until the new log is whole, the old one has to be there.",
    );
}

/// a flush that fails is told, and what was acknowledged before stays
#[test]
fn d5_error_told() {
    let disk = power::disk();
    let log = open(&disk);
    put(&log, "a", "one");
    power::fail(&disk, FLUSHES);
    let yours = log.put("b", b"two").is_err();
    say::same(
        "put while flushes fail is an error",
        &yours,
        &true,
        "\"stored\" was said of what is not on the disk.",
    );
    disk.calm();
    // Whether it goes on or asks to be opened again is yours to choose; a lie is not.
    let third = log.put("c", b"three").is_ok();
    let log = open(&disk);
    let why = "after a flush that failed nobody knows what is in the file, so it is read anew, or set right first.";
    say::same(
        "get(\"a\") after another open",
        &get(&log, "a"),
        &say::some("one"),
        why,
    );
    if third {
        say::same(
            "get(\"c\") after another open, since its put succeeded",
            &get(&log, "c"),
            &say::some("three"),
            why,
        );
    }
    let disk = power::disk();
    let log = open(&disk);
    put(&log, "a", "one");
    power::cut(
        &disk,
        |acks| {
            power::fail(&disk, FLUSHES);
            let failed = log.put("b", b"two");
            disk.calm();
            let next = log.put("c", b"three");
            if failed.is_ok() || next.is_ok() {
                acks.note((failed.is_ok(), next.is_ok()));
            }
        },
        |left, acks| {
            let log =
                Log::open(left).map_err(|error| format!("a reader cannot open it: {error}"))?;
            let has = |key: &str| log.get(key).is_ok_and(|value| value.is_some());
            let lost = |acked: bool, key: &str| acked && !has(key);
            let any = acks.iter().any(|(b, c)| lost(*b, "b") || lost(*c, "c"));
            if any || !has("a") {
                return Err(
                    "a put was acknowledged after a flush had failed, and is not there".into(),
                );
            }
            Ok(())
        },
        "The system tells of a failed flush once, and takes the pages for clean: the next flush says nothing of them.",
    );
}

/// one flush a put, and few bytes beside key and value
#[test]
fn e1_costs() {
    let disk = power::disk();
    let log = open(&disk);
    let (before, empty) = (disk.calls(FLUSHES), power::file(&disk).1.len());
    for n in 0..10 {
        put(&log, &format!("key {n}"), "value");
    }
    let flushes = disk.calls(FLUSHES) - before;
    say::same(
        "flushes of ten puts",
        &flushes,
        &10,
        "one flush a put is why logs are fast: a file a value takes two (01-3).",
    );
    let extra = power::file(&disk).1.len() - empty - 100;
    say::that(
        extra <= 160,
        format!(
            "bytes in the log beside ten keys and values\nyours   {extra}\nours    100\nWhy it matters: what stands before a value is written with each of them."
        ),
    );
}
