//! Backups that others made up: typed errors, no panic, no memory to speak of, nothing replaced.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use block_cid::{Block, Cid, Hash, car, codec};
use persistent::Kind;
use persistent::ops::{Error, Restore, Silent, check};
use serde::Serialize;
use serde_bytes::ByteBuf;

use crate::{names, restore};
use testkit::mount::in_memory;

/// A root whose fields can be lies.
#[derive(Clone, Serialize)]
struct Root {
    cairn: String,
    version: u64,
    engine: String,
    time: String,
    blocks: u64,
    bytes: u64,
    keys: u64,
    damaged: u64,
    pages: Vec<Cid>,
}

type Entry = (ByteBuf, ByteBuf, bool);

fn cbor(value: &impl Serialize) -> Block {
    cbor_bytes(serde_ipld_dagcbor::to_vec(value).unwrap())
}

fn cbor_bytes(bytes: Vec<u8>) -> Block {
    Block::new(codec::DAG_CBOR, Hash::SHA2_256, bytes).unwrap()
}

fn page(name: &str, cids: &[&Block]) -> Block {
    let cids: Vec<Cid> = cids.iter().map(|block| *block.cid()).collect();
    cbor(&BTreeMap::from([(name, cids)]))
}

fn keys(entries: &[(&[u8], &[u8], bool)]) -> Block {
    let entries: Vec<Entry> = entries
        .iter()
        .map(|(key, value, more)| (ByteBuf::from(*key), ByteBuf::from(*value), *more))
        .collect();
    cbor(&BTreeMap::from([("keys", entries)]))
}

fn root(blocks: &[&Block], keys: u64, pages: &[&Block]) -> Root {
    Root {
        cairn: "backup".into(),
        version: 1,
        engine: "redb".into(),
        time: "2026-01-01T12:00:00Z".into(),
        blocks: blocks.len() as u64,
        bytes: blocks.iter().map(|block| block.len() as u64).sum(),
        keys,
        damaged: 0,
        pages: pages.iter().map(|page| *page.cid()).collect(),
    }
}

fn file(roots: &[Cid], blocks: &[&Block]) -> Vec<u8> {
    let mut writer = car::Writer::new(Vec::new(), roots).unwrap();
    for block in blocks {
        writer.put(block).unwrap();
    }
    writer.finish().unwrap()
}

/// A CAR that ends with this root and names it.
fn ending(blocks: &[&Block], root: &Root) -> Vec<u8> {
    let root = cbor(root);
    let mut all = blocks.to_vec();
    all.push(&root);
    file(&[*root.cid()], &all)
}

fn tried(dir: &Path, bytes: &[u8]) -> Result<persistent::ops::Restored, Error> {
    let path = dir.join("made-up.car");
    fs::write(&path, bytes).unwrap();
    restore(&path, Kind::Redb, &dir.join("store"))
}

#[track_caller]
fn refused(dir: &Path, bytes: &[u8], why: &str) {
    match tried(dir, bytes) {
        Err(error @ (Error::Damaged { .. } | Error::Refused { .. })) => {
            assert!(error.to_string().contains(why), "{why:?} is not in {error}");
        }
        other => panic!("{why}: {other:?}"),
    }
    assert_eq!(names(dir), ["made-up.car"], "{why}");
}

#[test]
fn what_is_made_up_is_refused() {
    let dir = in_memory();
    let dir = dir.path();
    let (one, two) = (Block::raw("one"), Block::raw("two"));
    let both = page("blocks", &[&one, &two]);
    let good = root(&[&one, &two], 0, &[&both]);

    // Lies of the header.
    refused(dir, b"", "empty");
    refused(dir, b"\x0a\xa1\x67version\x02", "CARv2");
    refused(dir, &file(&[], &[&one]), "0 roots");
    let cids = [*one.cid(), *two.cid()];
    refused(dir, &file(&cids, &[&one, &two]), "2 roots");
    refused(dir, &file(&cids[..1], &[&one]), "its root is raw");
    refused(
        dir,
        &file(&[*both.cid()], &[&one, &two]),
        "ends before its root",
    );
    refused(
        dir,
        &file(&[*both.cid()], &[&one, &two, &both]),
        "no backup",
    );

    // Lies of the root.
    let all = [&one, &two, &both];
    for (change, why) in [
        ((|r| r.cairn = "pie".into()) as fn(&mut Root), "no backup"),
        (|r| r.version = 2, "version 2"),
        (|r| r.blocks = u64::MAX, "counts other blocks"),
        (|r| r.blocks = 1, "counts other blocks"),
        (|r| r.bytes += 1, "counts other blocks"),
        (|r| r.keys = 1, "counts other blocks"),
        (|r| r.pages.clear(), "lists other pages"),
        (|r| r.pages.push(r.pages[0]), "lists other pages"),
    ] {
        let mut lie = good.clone();
        change(&mut lie);
        refused(dir, &ending(&all, &lie), why);
    }
    let unknown = BTreeMap::from([("cairn", "backup")]);
    let unknown = cbor(&unknown);
    refused(dir, &file(&[*unknown.cid()], &[&unknown]), "no backup");

    // Lies of the pages.
    refused(
        dir,
        &ending(&[&two, &one, &both], &good),
        "lists other blocks",
    );
    refused(
        dir,
        &ending(&[&one, &both, &two], &good),
        "lists other blocks",
    );
    refused(
        dir,
        &ending(&[&one, &two], &root(&[&one, &two], 0, &[])),
        "other pages",
    );
    let twice = page("blocks", &[&one, &one]);
    let lie = root(&[&one, &one], 0, &[&twice]);
    refused(dir, &ending(&[&one, &one, &twice], &lie), "1 blocks");
    let pb = Block::new(codec::DAG_PB, Hash::SHA2_256, "two").unwrap();
    refused(dir, &ending(&[&pb], &root(&[&pb], 0, &[])), "dag-pb block");
    let wrong = Block::claimed(*one.cid(), "eno");
    refused(
        dir,
        &ending(&[&wrong, &two, &both], &good),
        one.cid().to_string().as_str(),
    );

    // Lies among the keys.
    for (entries, why) in [
        (vec![(&b"/a"[..], &b"1"[..], true)], "other pages"),
        (
            vec![(b"/a", b"1", true), (b"/b", b"2", false)],
            "ends in the middle",
        ),
        (vec![(b"a", b"1", false)], "no key"),
        (vec![(b"/", b"1", false)], "names a block"),
        (vec![(b"/a/../b", b"1", false)], "no key"),
        (vec![(b"\xff", b"1", false)], "no key"),
        (vec![(b"/blocks/xx", b"1", false)], "names a block"),
        (
            vec![(b"/a", b"1", false), (b"/a", b"2", false)],
            "1 other keys",
        ),
    ] {
        let count = entries.iter().filter(|entry| !entry.2).count() as u64;
        let page = keys(&entries);
        refused(dir, &ending(&[&page], &root(&[], count, &[&page])), why);
    }
    let late = keys(&[(b"/a", b"1", false)]);
    let lie = root(&[&one, &two], 1, &[&both, &late]);
    refused(
        dir,
        &ending(&[&one, &two, &both, &late], &lie),
        "behind blocks",
    );

    // And the truth is taken.
    tried(dir, &ending(&all, &good)).unwrap();
}

/// Bombs of nests and counts, and sections that claim to be long: what they may cost is less
/// than they pretend.
#[test]
fn bombs_do_not_go_off() {
    let dir = in_memory();
    let path = dir.path().join("bomb.car");
    let nest = |byte: u8| vec![byte; 4_000_000];
    let count = |head: &[u8]| [head, &[0x9a, 0x7f, 0xff, 0xff, 0xff], &[0x80; 1000]].concat();
    let empties = |head: &[u8]| {
        // A list of as many entries as fit, the shortest there are.
        let entries = [0x83, 0x40, 0x40, 0xf4].repeat(900_000);
        [head, &[0x9a, 0, 0x0d, 0xbb, 0xa0], &entries].concat()
    };
    let before = peak();
    for bomb in [
        nest(0x81),
        nest(0xa1),
        nest(0xd8),
        nest(0x9f),
        count(b"\xa1\x66blocks"),
        count(b"\xa1\x64keys"),
        count(b"\xa1\x65cairn"),
        empties(b"\xa1\x64keys"),
        [
            b"\xa1\x64keys\x9a\x7f\xff\xff\xff".as_slice(),
            &[0x83; 1_000_000],
        ]
        .concat(),
    ] {
        let bomb = cbor_bytes(bomb);
        let other = cbor(&root(&[], 0, &[]));
        for bytes in [
            file(&[*bomb.cid()], &[&bomb]),
            file(&[*other.cid()], &[&bomb, &other]),
        ] {
            fs::write(&path, &bytes).unwrap();
            check(&path, Restore::default(), &Silent).unwrap_err();
        }
    }
    // A section that says it has 4 GiB, and one of nearly the whole number line.
    let header = file(&[*cbor(&root(&[], 0, &[])).cid()], &[]);
    for len in [
        &[0x80, 0x80, 0x80, 0x80, 0x10][..],
        &[0xff; 8],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    ] {
        fs::write(&path, [&header, len].concat()).unwrap();
        for big in [false, true] {
            let how = Restore { big, plain: false };
            check(&path, how, &Silent).unwrap_err();
        }
    }
    let (Some(before), Some(after)) = (before, peak()) else {
        return testkit::skip("the memory that bombs take", "no /proc/self/status");
    };
    assert!(after - before < 400 << 10, "{} KiB", after - before);
}

/// The most memory that this process has had, in KiB.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
