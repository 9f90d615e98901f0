use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use datastore::disk::Disk;
use datastore::{Datastore, Key};
use sha2::{Digest, Sha256};
use testkit::crash::{CrashDisk, FLUSHES};

use crate::answer::{backup, keep, restore};
use crate::stores::{Watched, all, block_key, key};

/// Five blocks, one of them large, and a key that is no block.
fn store() -> std::sync::Arc<Watched> {
    let store = Watched::new();
    for n in 0..5 {
        let block = format!("block {n}").repeat(if n == 3 { 90 } else { 1 });
        store
            .put(&block_key(block.as_bytes()), block.as_bytes())
            .unwrap();
    }
    store.put(&key("/settings"), b"not a block").unwrap();
    store
}

fn blocks(store: &dyn Datastore) -> Vec<(Key, bytes::Bytes)> {
    all(store)
        .into_iter()
        .filter(|(key, _)| key.as_block().is_some())
        .collect()
}

fn saved(disk: &CrashDisk) -> Vec<u8> {
    let count = say::ok("backup", backup(&*store(), &*power::folder(disk), "monday"));
    say::same(
        "how many blocks were saved",
        &count,
        &5,
        "a number that can be compared is worth more than \"done\".",
    );
    disk.read(&Path::new(power::DIR).join("monday"))
        .unwrap()
        .unwrap_or_else(|| say::wrong("there is no file \"monday\" after a backup"))
}

fn days(all: impl IntoIterator<Item = u32>) -> BTreeSet<u32> {
    all.into_iter().collect()
}

/// a restore into an empty store brings every block back
#[test]
fn a1_there_and_back() {
    let disk = power::disk();
    saved(&disk);
    let new = Watched::new();
    let count = say::ok("restore", restore(&*power::folder(&disk), "monday", &*new));
    say::same(
        "how many blocks came back",
        &count,
        &5,
        "fewer are a loss that nobody saw.",
    );
    say::same(
        "the blocks of both stores are the same",
        &(blocks(&*new) == blocks(&*store())),
        &true,
        "a backup is worth what a restore brings.",
    );
    let missing = restore(&*power::folder(&disk), "tuesday", &*new).map_err(|error| error.kind());
    say::same(
        "restore of what there is not",
        &missing,
        &Err(ErrorKind::NotFound),
        "a name that was mistyped.",
    );
}

/// the last seven days are kept, and the newest of weeks and months
#[test]
fn a2_keep() {
    // Today is the third day of week 30; months begin at 180 and 210.
    let yours = keep(&days(200..=212), 212);
    let wanted = days([202, 206, 207, 208, 209, 210, 211, 212]);
    let wanted: BTreeSet<u32> = wanted.into_iter().chain([209]).collect();
    say::same(
        "keep of days 200 to 212 at day 212 (weeks begin at 196, 203, 210; months at 180, 210)",
        &yours,
        &wanted,
        "daily for a week, weekly for a month, monthly for a year.",
    );
}

/// a year of daily backups leaves at most 7 + 4 + 12, and never loses the newest
#[test]
fn b1_a_year() {
    let mut there = BTreeSet::new();
    for today in 0..800 {
        there.insert(today);
        let kept = keep(&there, today);
        say::that(
            kept.len() <= 23,
            format!(
                "backups kept at day {today}: {}\nthe most are 7 + 4 + 12 = 23\nWhy it matters: a disk full of backups takes no further one.",
                kept.len()
            ),
        );
        say::that(
            kept.contains(&today),
            format!(
                "at day {today} the backup of that day is not kept\nWhy it matters: it is the one that is wanted first."
            ),
        );
        say::that(
            kept.is_subset(&there),
            format!("at day {today} a backup is kept that there is not: {kept:?}"),
        );
        there = kept;
    }
    let month = |day: &u32| day / 30;
    let months: BTreeSet<u32> = there.iter().map(month).collect();
    say::same(
        "how many months can be gone back to after 800 days",
        &months.len(),
        &12,
        "what is thrown away too soon is missed at the end of the year.",
    );
}

/// gaps, a first day, and clocks that were wrong
#[test]
fn b2_odd_days() {
    let why = "machines are off at weekends, and their clocks are wrong at times.";
    say::same("keep of nothing", &keep(&days([]), 100), &days([]), why);
    say::same(
        "keep of one backup of today, day 0",
        &keep(&days([0]), 0),
        &days([0]),
        why,
    );
    say::same(
        "keep of one from next month",
        &keep(&days([131]), 100),
        &days([131]),
        why,
    );
    say::same(
        "keep of one that is years old, and one of last month",
        &keep(&days([5, 970]), 1_000),
        &days([970]),
        why,
    );
    say::same(
        "keep of two of one week, a month ago",
        &keep(&days([60, 62]), 100),
        &days([62]),
        "the newest of a part stands for it.",
    );
}

/// one store, one file: the same bytes each time
#[test]
fn b3_same_bytes() {
    let bytes = saved(&power::disk());
    say::same(
        "two backups of one store have the same bytes",
        &(saved(&power::disk()) == bytes),
        &true,
        "then a tool for files sees that nothing changed.",
    );
    let hash: [u8; 32] = Sha256::digest(&bytes[..bytes.len() - 32]).into();
    say::bytes(
        "the last 32 bytes",
        &bytes[bytes.len() - 32..],
        &hash,
        "the format is written down, so that others can read it in ten years.",
    );
    say::bytes(
        "the first 8 bytes",
        &bytes[..8],
        b"backup 1",
        "a file says what it is.",
    );
}

/// a name that is taken is not overwritten
#[test]
fn b4_no_overwrite() {
    let disk = power::disk();
    let before = saved(&disk);
    let yours =
        backup(&*Watched::new(), &*power::folder(&disk), "monday").map_err(|error| error.kind());
    say::same(
        "a second backup of that name",
        &yours,
        &Err(ErrorKind::AlreadyExists),
        "two in the same second, the second of them of an empty store.",
    );
    let after = disk.read(&Path::new(power::DIR).join("monday")).unwrap();
    say::same(
        "the first one is as it was",
        &(after == Some(before)),
        &true,
        "an error that destroys is worse than none.",
    );
}

fn is_refused(what: &str, disk: &CrashDisk) {
    let new = Watched::new();
    let yours = restore(&*power::folder(disk), "monday", &*new).map_err(|error| error.kind());
    let why = "a restore is done once, on the worst day of the year.";
    say::same(
        &format!("restore of a backup with {what}"),
        &yours,
        &Err(ErrorKind::InvalidData),
        why,
    );
    say::same(
        &format!("blocks that were put all the same, with {what}"),
        &blocks(&*new).len(),
        &0,
        "half a restore looks like a whole one.",
    );
}

/// one flipped bit anywhere is found
#[test]
fn d1_flipped() {
    let bytes = saved(&power::disk());
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        is_refused(
            &format!("a flipped bit in byte {at} of {}", bytes.len()),
            &power::with("monday", &bytes),
        );
    }
}

/// one that is cut off at any byte is refused
#[test]
fn d2_cut_off() {
    let bytes = saved(&power::disk());
    for len in 0..bytes.len() {
        is_refused(
            &format!("{len} of {} bytes", bytes.len()),
            &power::with("monday", &bytes[..len]),
        );
    }
}

/// each block is proven, also in a file whose hash is right
#[test]
fn d3_proven() {
    let bytes = saved(&power::disk());
    let mut bytes = bytes[..bytes.len() - 32].to_vec();
    // The last byte of the last block.
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    let hash = Sha256::digest(&bytes);
    bytes.extend_from_slice(&hash);
    is_refused(
        "a block that is another, and a hash of the whole that is right",
        &power::with("monday", &bytes),
    );
    let store = store();
    store.put(&block_key(b"block 2"), b"rotten").unwrap();
    let disk = power::disk();
    let yours = backup(&*store, &*power::folder(&disk), "monday").map_err(|error| error.kind());
    say::same(
        "backup of a store with a damaged block",
        &yours,
        &Err(ErrorKind::InvalidData),
        "what is saved damaged is damaged for ever, and the last good backup rotates away.",
    );
    let names = power::names(&disk, power::DIR);
    say::same(
        "and a file under the name",
        &names.contains(&"monday".to_owned()),
        &false,
        "a backup that failed must not look like one.",
    );
}

/// power lost at any moment: a backup is whole, or not there
#[test]
fn d4_power() {
    let disk = power::disk();
    let store = store();
    power::cut(
        &disk,
        |acks| {
            say::ok("backup", backup(&*store, &*power::folder(&disk), "monday"));
            acks.note(());
        },
        |left, acks| {
            let new = Watched::new();
            let found = restore(&*left, "monday", &*new);
            let absent = matches!(&found, Err(error) if error.kind() == ErrorKind::NotFound);
            let right = matches!(found, Ok(5)) || absent && acks.is_empty();
            if !right {
                return Err(format!(
                    "a restore gives {found:?}\nthe backup was {}acknowledged",
                    if acks.is_empty() { "not yet " } else { "" }
                ));
            }
            // And the next backup works, whatever was left.
            match backup(&*store, &*left, "tuesday") {
                Ok(5) => {}
                other => return Err(format!("the next backup gives {other:?}")),
            }
            let again = backup(&*store, &*left, "monday").map_err(|error| error.kind());
            match again {
                Ok(5) if absent => Ok(()),
                Err(ErrorKind::AlreadyExists) if !absent => Ok(()),
                other => Err(format!("the same backup once more gives {other:?}")),
            }
        },
        "A name under which there is half a backup is the one that is restored on the worst day.",
    );
    let disk = power::disk();
    power::fail(&disk, FLUSHES);
    let yours = backup(&*store, &*power::folder(&disk), "monday").is_err();
    say::same(
        "backup while flushes fail is an error",
        &yours,
        &true,
        "the old backup is thrown away next.",
    );
}
