//! CARs of other implementations, of both versions, in every way of ours.

use std::collections::BTreeSet;
use std::io::{BufReader, Cursor};
use std::path::Path;
use std::sync::Arc;

use block_cid::{Blockstore, Cid, Hash};
use serde_json::{Value, json};
use testkit::fixtures;
use unixfs_car::car::index::{Format, Scratch};
use unixfs_car::car::{File, Indexed, Reader, Version, verify};

use crate::made;

const TABLE: &str = "car/expectations-all-cars.json";

fn count(case: &Value, field: &str) -> usize {
    case[field].as_u64().unwrap() as usize
}

#[test]
fn cars_of_both_versions_read_as_by_js_car_and_write_back_to_the_byte() {
    let Some(table) = fixtures::json(TABLE) else {
        return;
    };
    let mut ran = 0;
    for case in table["cases"].as_array().unwrap() {
        let Some(path) = fixtures::named(case["file"].as_str().unwrap()) else {
            continue;
        };
        if case["error"].is_string() {
            ends_behind_the_last_good_block(case, &path);
        } else {
            is_read(case, &path);
            is_written_back(&path);
        }
        is_read_in_any_order(case, &path);
        ran += 1;
    }
    fixtures::ran(TABLE, ran);
}

fn ends_behind_the_last_good_block(case: &Value, path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let (blocks, end) = made::read(&bytes);
    assert!(end.is_err(), "{case}");
    // Where js-car does not hash, ours may end before.
    assert!(blocks.len() <= count(case, "blocks_before_error"), "{case}");
    let claimed = match Reader::new(&bytes[..]) {
        Ok(reader) => reader.filter(|block| block.is_ok()).count(),
        Err(_) => 0,
    };
    assert_eq!(claimed, count(case, "blocks_before_error"), "{case}");
}

fn is_read(case: &Value, path: &Path) {
    let file = std::fs::File::open(path).unwrap();
    let mut reader = Reader::new(BufReader::new(file)).unwrap();
    assert_eq!(
        usize::from(reader.version()),
        count(case, "version"),
        "{case}"
    );
    let roots: Vec<String> = reader.roots().iter().map(ToString::to_string).collect();
    assert_eq!(json!(roots), case["roots"], "{case}");
    let (mut blocks, mut len, mut wrong, mut others) = (0, 0, 0, 0);
    let mut distinct = BTreeSet::new();
    for block in &mut reader {
        let block = block.unwrap();
        assert!(!block.is_proven(), "bytes from outside are only claimed");
        let sha2 = [Hash::SHA2_256, Hash::SHA2_512].map(Hash::code);
        others += usize::from(!sha2.contains(&block.cid().hash().code()));
        distinct.insert(block.cid().to_string());
        (blocks, len) = (blocks + 1, len + block.len());
        wrong += usize::from(block.prove().is_err());
    }
    let found = [blocks, len, distinct.len(), wrong, others];
    let fields = [
        "blocks",
        "block_bytes",
        "distinct",
        "sha2_mismatches",
        "other_hash_blocks",
    ];
    assert_eq!(found, fields.map(|field| count(case, field)), "{case}");
    let proven = made::read(&std::fs::read(path).unwrap()).1;
    assert_eq!(proven.is_ok(), wrong == 0, "{case}: {proven:?}");
}

/// A CARv1 is written again to the byte; and so is one in a CARv2, and a CARv2 without one again.
fn is_written_back(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let mut reader = Reader::new(&bytes[..]).unwrap();
    let roots = reader.roots().to_vec();
    let blocks: Vec<_> = reader.by_ref().collect::<Result<_, _>>().unwrap();
    let data = match reader.header() {
        Some(header) => &bytes[header.data_offset as usize..header.data_end() as usize],
        None => &bytes,
    };
    assert!(made::car(Version::V1, &roots, &blocks) == data, "{path:?}");
    for version in made::VERSIONS {
        let written = made::car(version, &roots, &blocks);
        let mut again = Reader::new(&written[..]).unwrap();
        assert_eq!(again.roots(), roots, "{path:?}");
        let found: Vec<_> = again.by_ref().collect::<Result<_, _>>().unwrap();
        assert!(found == blocks, "{path:?} as {version:?}");
    }
}

/// Heads and single blocks, by an index and without one, are those of the stream; and the verdict of
/// [`verify`] is that of the table.
fn is_read_in_any_order(case: &Value, path: &Path) {
    let Ok(car) = File::open(Arc::new(std::fs::File::open(path).unwrap()), path) else {
        assert!(case["error"].is_string(), "{case}");
        return;
    };
    let scratch = Scratch::new(std::env::temp_dir());
    // Large CARs are sorted in a file.
    let few = Scratch {
        memory: 50_000,
        ..scratch.clone()
    };
    let mut faults = Vec::new();
    let mut tell = |finding: verify::Finding| {
        faults.extend((!finding.is_warning()).then(|| finding.to_string()));
        Ok(())
    };
    verify::verify(&car, &scratch, &persistent::ops::Silent, &mut tell).unwrap();
    let wrong = case["sha2_mismatches"]
        .as_u64()
        .is_some_and(|wrong| wrong > 0);
    let is_bad = case["error"].is_string() || wrong;
    assert_eq!(!faults.is_empty(), is_bad, "{case}: {faults:?}");
    if is_bad {
        return;
    }
    let all: Vec<_> = car.reader().unwrap().map(Result::unwrap).collect();
    let heads: Vec<Cid> = car.heads().map(|head| head.unwrap().cid).collect();
    assert!(all.iter().map(|block| *block.cid()).eq(heads), "{case}");
    for blocks in [
        Indexed::new(car.clone(), &scratch).unwrap(),
        Indexed::scan(car.clone(), &few).unwrap(),
    ] {
        for block in &all {
            let found = blocks.get(block.cid()).unwrap().unwrap();
            assert_eq!(found.data(), block.data(), "{case}");
        }
    }
}

/// The index of go-car, with identity CIDs in it, and the CARv2 that it makes: ours are the same files.
#[test]
fn indexes_are_those_of_go_car_to_the_byte() {
    let Some(v1) = fixtures::named("car/go-car-v2/sample-v1.car") else {
        return;
    };
    let v1 = std::fs::read(v1).unwrap();
    let blocks: Vec<_> = made::read(&v1).0;
    let roots = Reader::new(&v1[..]).unwrap().roots().to_vec();
    let scratch = made::tight();
    let full = |format| {
        let out = Cursor::new(Vec::new());
        let version = Version::Indexed(format);
        let writer = unixfs_car::car::Writer::new(out, &roots, version, &scratch).unwrap();
        let mut writer = writer.with_full_index(true);
        blocks.iter().for_each(|block| writer.put(block).unwrap());
        writer.finish().unwrap().into_inner()
    };
    let behind = |car: &[u8]| car[51 + v1.len()..].to_vec();
    let mut ran = 0;
    for (name, ours) in [
        ("sample-index.carindex", behind(&full(Format::Sorted))),
        (
            "sample-multihash-index-sorted.carindex",
            behind(&made::car(Version::INDEXED, &roots, &blocks)),
        ),
        (
            "sample-wrapped-v2.car",
            made::car(Version::INDEXED, &roots, &blocks),
        ),
        (
            "sample-v2-indexless.car",
            made::car(Version::V2, &roots, &blocks),
        ),
    ] {
        let theirs = fixtures::root().unwrap().join("car/go-car-v2").join(name);
        match std::fs::read(&theirs) {
            Ok(theirs) => assert!(theirs == ours, "{name}"),
            Err(error) => {
                fixtures::skipped(name, &error.to_string());
                continue;
            }
        }
        ran += 1;
    }
    fixtures::ran("indexes of go-car", ran);
}
