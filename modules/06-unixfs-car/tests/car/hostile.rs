//! CARs made to hurt: the faults that other implementations had, each a test of its own name.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use block_cid::{Block, Blocks, Blockstore, Cid, Hash, Multihash, codec};
use datastore::MemStore;
use persistent::ops::Silent;
use testkit::fixtures;
use unixfs_car::car::import::{Import, import};
use unixfs_car::car::index::{Index, Scratch, Source};
use unixfs_car::car::{Error, Header, Indexed, Version, verify};

use crate::made::{blocks, car, open, read};

/// A varint of any length.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// What is wrong with these bytes, from a stream and from a file.
fn refused(bytes: &[u8]) -> String {
    let from_stream = read(bytes).1.unwrap_err();
    let from_file = open(bytes).map(|file| file.heads().find_map(Result::err));
    match from_file {
        Err(error) | Ok(Some(error)) => assert_eq!(error.to_string(), from_stream.to_string()),
        // Only the block itself is wrong.
        Ok(None) => assert!(matches!(from_stream, Error::Block { .. }), "{from_stream}"),
    }
    from_stream.to_string()
}

/// GHSA-9x4h-8wgm-8xfg (GO-2022-0503), go-car: lengths of headers and sections were believed.
#[test]
fn ghsa_9x4h_8wgm_8xfg_lengths_are_not_believed() {
    let empty = car(Version::V1, &[], &[]);
    for (bytes, wanted) in [
        (
            varint(1 << 60),
            "a header of 1152921504606846976 bytes, and 1048576 are the most",
        ),
        (
            [varint(1 << 20), vec![0xa2]].concat(),
            "the CAR ends 1 bytes into a header of 1048576",
        ),
        ([empty.clone(), varint(0)].concat(), "a section of length 0"),
        (
            [empty.clone(), varint(1)].concat(),
            "the CAR ends 0 bytes into a section of 1",
        ),
        ([empty.clone(), varint(1), vec![1]].concat(), "in the codec"),
        (
            [empty.clone(), varint(1 << 60)].concat(),
            "a section of 1152921504606846976 bytes",
        ),
        (
            [empty.clone(), vec![0xff; 12]].concat(),
            "a varint takes more than 9 bytes",
        ),
        (
            [empty.clone(), varint(4 << 20)].concat(),
            "the CAR ends 0 bytes into a section of 4194304",
        ),
    ] {
        let within = |bytes: &[u8]| {
            let header = Header {
                index_offset: 0,
                ..Header::new(bytes.len() as u64)
            };
            [b"\x0a\xa1\x67version\x02", &header.encode()[..], bytes].concat()
        };
        let found = read(&bytes).1.unwrap_err().to_string();
        assert!(found.contains(wanted), "{found}");
        let found = read(&within(&bytes)).1.unwrap_err().to_string();
        assert!(found.contains(wanted), "in a CARv2: {found}");
        // A file knows its length, and may say it more plainly.
        let from_file = |bytes: &[u8]| open(bytes).map(|file| file.heads().find_map(Result::err));
        assert!(!matches!(from_file(&bytes), Ok(None)), "{wanted}");
        assert!(!matches!(from_file(&within(&bytes)), Ok(None)), "{wanted}");
    }
}

/// GHSA-9x4h-8wgm-8xfg: a CIDv0 was read past the end of its section.
#[test]
fn ghsa_9x4h_8wgm_8xfg_a_cidv0_ends_within_its_section() {
    let block = blocks().remove(0);
    let cid = block.cid().to_bytes();
    assert_eq!(cid.len(), 34);
    let empty = car(Version::V1, &[], &[]);
    for len in 1..cid.len() {
        let cut = [&empty[..], &varint(len as u64), &cid[..len]].concat();
        assert!(
            refused(&cut).contains("the CID of this section"),
            "{len} bytes"
        );
        // The bytes that are missing are there, in what should be the next section.
        let more = [&empty[..], &varint(len as u64), &cid, &[0; 40]].concat();
        assert!(
            refused(&more).contains("the CID of this section"),
            "{len} bytes"
        );
    }
}

/// GHSA-9x4h-8wgm-8xfg: counts and widths of an index were believed, and divided by.
#[test]
fn ghsa_9x4h_8wgm_8xfg_an_index_is_not_believed() {
    let le4 = |n: u32| n.to_le_bytes().to_vec();
    let le8 = |n: u64| n.to_le_bytes().to_vec();
    let sorted = vec![0x80, 0x08];
    let multihash = vec![0x81, 0x08];
    let one = || [le4(1), le8(0x12), le4(1)].concat();
    for (bytes, wanted) in [
        (vec![], "its format"),
        (vec![0xff], "its format"),
        (sorted.clone(), "bytes of it are missing"),
        (
            [sorted.clone(), le4(u32::MAX)].concat(),
            "do not fit into the 0 bytes",
        ),
        ([sorted.clone(), le4(1), le4(40)].concat(), "do not fit"),
        (
            [sorted.clone(), le4(1), le4(0), le8(0)].concat(),
            "no entry has 0 bytes",
        ),
        (
            [sorted.clone(), le4(1), le4(7), le8(7)].concat(),
            "no entry has 7 bytes",
        ),
        (
            [sorted.clone(), le4(1), le4(137), le8(0)].concat(),
            "no entry has 137 bytes",
        ),
        (
            [sorted.clone(), le4(1), le4(1 << 30), le8(1 << 30)].concat(),
            "no entry has",
        ),
        (
            [sorted.clone(), le4(1), le4(40), le8(40 << 40)].concat(),
            "0 are there",
        ),
        (
            [sorted.clone(), le4(1), le4(40), le8(u64::MAX)].concat(),
            "0 are there",
        ),
        (
            [sorted.clone(), le4(1), le4(40), le8(39), vec![0; 39]].concat(),
            "which have 40 each",
        ),
        (
            [sorted.clone(), le4(2), le4(40), le8(0), le4(40), le8(0)].concat(),
            "not in order",
        ),
        (
            [multihash.clone(), le4(u32::MAX), vec![0; 100]].concat(),
            "do not fit",
        ),
        (
            [multihash.clone(), le4(1 << 20), vec![0; 100]].concat(),
            "do not fit",
        ),
        (
            [multihash.clone(), one(), le4(40), le8(1 << 60)].concat(),
            "0 are there",
        ),
        (
            [
                multihash.clone(),
                le4(2),
                le8(0x12),
                le4(0),
                le8(0x12),
                le4(0),
            ]
            .concat(),
            "the hashes are not in order",
        ),
    ] {
        let error = Index::open(Source::memory(bytes.clone())).unwrap_err();
        assert!(matches!(error, Error::Index { .. }), "{error}");
        assert!(error.to_string().contains(wanted), "{wanted}: {error}");
        // Whoever has the CAR reads it without.
        let blocks = blocks();
        let mut car = car(Version::INDEXED, &[], &blocks);
        let header = Header::decode(car[11..51].try_into().unwrap()).unwrap();
        car.truncate(header.index_offset as usize);
        car.extend(bytes);
        let scratch = Scratch::new(std::env::temp_dir());
        let found = Indexed::new(open(&car).unwrap(), &scratch).unwrap();
        assert!(found.is_scanned() && found.refused().is_some(), "{wanted}");
        assert!(found.get(blocks[0].cid()).unwrap().is_some());
        let mut findings = Vec::new();
        let mut tell = |finding: verify::Finding| {
            findings.push(finding);
            Ok(())
        };
        verify::verify(&open(&car).unwrap(), &scratch, &Silent, &mut tell).unwrap();
        assert!(
            matches!(
                findings[..],
                [verify::Finding::NoRoots | verify::Finding::Index(_), ..]
            ),
            "{wanted}: {findings:?}"
        );
    }
    // A great many tables, each of which is in order.
    let mut tables = [multihash, le4(2000)].concat();
    for code in 0..2000 {
        tables.extend([le8(code), le4(1), le4(40), le8(0)].concat());
    }
    let error = Index::open(Source::memory(tables)).unwrap_err().to_string();
    assert!(error.contains("more than 1024 tables"), "{error}");
}

/// jxoesneon/IPFS #81: an import kept blocks that were not those of their CIDs.
#[test]
fn jxoesneon_81_an_import_hashes_every_block() {
    let good = blocks();
    for wrong in 0..good.len() {
        let mut blocks = good.clone();
        let other = Block::claimed(*blocks[wrong].cid(), b"something else".to_vec());
        if blocks[wrong].is_empty() {
            continue;
        }
        blocks[wrong] = other;
        let store = Blocks::new(MemStore::new());
        let bytes = Cursor::new(car(Version::V1, &[], &blocks));
        let error = import(bytes, &store, Import::default(), &Silent).unwrap_err();
        let text = match &error {
            Error::After { source, .. } => source.to_string(),
            other => other.to_string(),
        };
        assert!(text.contains("is not proven"), "{error}");
        let inline = |cid: &Cid| cid.hash().code() == Hash::IDENTITY.code();
        for (n, block) in good
            .iter()
            .enumerate()
            .filter(|(_, block)| !inline(block.cid()))
        {
            assert_eq!(store.has(block.cid()).unwrap(), n < wrong, "{n} of {wrong}");
        }
    }
}

/// boxo v0.35 (#1018): identity CIDs of any length. And FAULTS C4: a digest that can be forged, or that
/// cannot be computed here, proves nothing.
#[test]
fn boxo_1018_a_cid_that_proves_nothing_is_refused() {
    let section = |cid: &[u8], data: &[u8]| {
        let len = varint((cid.len() + data.len()) as u64);
        [&car(Version::V1, &[], &[])[..], &len, cid, data].concat()
    };
    let long = [&[1, 0x55, 0x00, 0x81, 0x01][..], &[7; 129]].concat();
    assert!(refused(&section(&long, &[7; 129])).contains("129 bytes, and 128 are the most"));
    let named = |code: u64, digest: &[u8]| {
        let hash = Multihash::wrap(code, digest).unwrap();
        Cid::new_v1(codec::RAW, hash).to_bytes()
    };
    let sha2 = block_cid::hash::sha2_256(b"data");
    for (cid, why) in [
        (named(0x12, &sha2.digest()[..4]), "can be forged"),
        (named(0x22, &[0; 8]), ""),
        (named(0xd5, &[0; 16]), ""),
        (named(0x3fff_ffff, &[0; 32]), "cannot compute"),
        (named(0x12, &[0; 33]), "32 bytes"),
    ] {
        let text = refused(&section(&cid, b"data"));
        assert!(text.contains("is not proven"), "{text}");
        let error = read(&section(&cid, b"data")).1.unwrap_err();
        let Error::Block { source, .. } = error else {
            panic!("{error}");
        };
        assert!(source.to_string().contains(why), "{source}");
    }
    // The bytes of an identity CID are in it, and those behind it are to be the same.
    let inline = named(0, b"data");
    read(&section(&inline, b"data")).1.unwrap();
    read(&section(&inline, b"date")).1.unwrap_err();
    read(&section(&inline, b"")).1.unwrap_err();
}

/// The inputs that go-car's fuzzers found, as Go keeps them.
#[test]
fn what_broke_go_car_is_read_or_refused() {
    let mut inputs = Vec::new();
    let root = fixtures::root().map(|root| root.join("car"));
    let mut todo: Vec<PathBuf> = root.into_iter().collect();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if std::fs::read(&path)
            .unwrap()
            .starts_with(b"go test fuzz v1")
        {
            inputs.push(path);
        }
    }
    if inputs.is_empty() {
        return fixtures::skipped("inputs of go-car's fuzzers", "none is among the CARs");
    }
    for path in &inputs {
        let bytes = go_bytes(path);
        let (blocks, end) = read(&bytes);
        let whole = end.is_ok();
        let scratch = Scratch::new(std::env::temp_dir());
        let Ok(file) = open(&bytes) else {
            assert!(!whole, "{}", path.display());
            continue;
        };
        let _ = file.index();
        let report = verify::verify(&file, &scratch, &Silent, &mut |_| Ok(())).unwrap();
        assert!(report.blocks >= blocks.len() as u64, "{}", path.display());
        if let Ok(indexed) = Indexed::new(file, &scratch) {
            let _ = indexed.cids().unwrap().count();
            blocks
                .iter()
                .for_each(|block| drop(indexed.get(block.cid())));
        }
    }
    fixtures::ran("inputs of go-car's fuzzers", inputs.len());
}

/// `[]byte("…")`, a string of Go.
fn go_bytes(path: &Path) -> Vec<u8> {
    let text = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    let line = text.lines().nth(1).unwrap();
    let quoted = line
        .strip_prefix("[]byte(\"")
        .and_then(|rest| rest.strip_suffix("\")"));
    let mut chars = quoted.unwrap().chars();
    let mut bytes = Vec::new();
    let number = |digits: String, radix| u32::from_str_radix(&digits, radix).unwrap();
    while let Some(c) = chars.next() {
        let mut utf8 = |c: char| bytes.extend(c.to_string().bytes());
        match c {
            '\\' => match chars.next().unwrap() {
                'a' => bytes.push(7),
                'b' => bytes.push(8),
                't' => bytes.push(9),
                'n' => bytes.push(10),
                'v' => bytes.push(11),
                'f' => bytes.push(12),
                'r' => bytes.push(13),
                'x' => bytes.push(number(chars.by_ref().take(2).collect(), 16) as u8),
                'u' => utf8(char::from_u32(number(chars.by_ref().take(4).collect(), 16)).unwrap()),
                'U' => utf8(char::from_u32(number(chars.by_ref().take(8).collect(), 16)).unwrap()),
                digit @ '0'..='7' => {
                    let rest: String = chars.by_ref().take(2).collect();
                    bytes.push(number(format!("{digit}{rest}"), 8) as u8);
                }
                other => utf8(other),
            },
            other => utf8(other),
        }
    }
    bytes
}
