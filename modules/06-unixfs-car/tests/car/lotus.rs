//! The CARs of Filecoin that Kubo's own tests import and export. `sample-v1.car` of go-car is one of
//! them; the rest is an archive beside Kubo's tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use block_cid::{Block, Blocks, Cid, text};
use datastore::MemStore;
use persistent::ops::Silent;
use serde_json::Value;
use testkit::{Rng, fixtures};
use unixfs_car::car::Version;
use unixfs_car::car::import::{Import, Imported, import};

use crate::export::exported;
use crate::made;

const TABLE: &str = "kubo-known/known-answers.json";
const ARCHIVE: &str = "kubo-sharness-data/t0054-dag-car-import-export-data/test_dataset_car.tar.xz";
const ROOT: &str = "bafy2bzaced4ueelaegfs5fqu4tzsh6ywbbpfk3cxppupmxfdhbpbhzawfw5oy";

fn store() -> Blocks<MemStore> {
    Blocks::new(MemStore::new())
}

fn bring(path: &Path, store: &Blocks<MemStore>) -> Imported {
    let file = std::fs::File::open(path).unwrap();
    import(file, store, Import::default(), &Silent).unwrap()
}

/// The CARs of the archive, unpacked; `None` after it was said why not.
fn archive(dir: &Path) -> Option<Vec<PathBuf>> {
    let archive = fixtures::root()?.join(ARCHIVE);
    if !archive.is_file() {
        fixtures::skipped(
            "the CARs of Lotus",
            &format!("{} is not there", archive.display()),
        );
        return None;
    }
    let mut tar = Command::new("tar");
    tar.arg("-xJf").arg(archive).arg("-C").arg(dir);
    let ran = tar.status().map_err(|error| error.to_string());
    let unpacked = ran.and_then(|status| match status.success() {
        true => Ok(()),
        false => Err(format!("tar ended with {status}")),
    });
    testkit::or_skip("the CARs of Lotus", unpacked)?;
    let mut cars = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|end| end == "car") {
            cars.push(path);
        }
    }
    Some(cars)
}

/// Known answer k124, and its counterpart of every shuffled file in the archive.
#[test]
fn a_shuffled_dag_is_exported_in_its_order_again_to_the_byte() {
    let Some(sample) = fixtures::named("car/go-car-v2/sample-v1.car") else {
        return;
    };
    let whole = std::fs::read(sample).unwrap();
    let mut blocks: Vec<Block> = made::read(&whole).0;
    let mut rng = Rng::new(testkit::run::seed("shuffled"));
    for n in (1..blocks.len()).rev() {
        blocks.swap(n, rng.below(n as u64 + 1) as usize);
    }
    let nulroot = text::parse("bafkqaaa").unwrap();
    for roots in [vec![], vec![nulroot]] {
        let store = store();
        let shuffled = made::car(Version::V1, &roots, &blocks);
        assert!(shuffled != whole);
        let done = import(
            std::io::Cursor::new(shuffled),
            &store,
            Import::default(),
            &Silent,
        );
        assert_eq!((done.unwrap().blocks, blocks.len()), (1049, 1049));
        assert!(exported(&store, &text::parse(ROOT).unwrap()).unwrap() == whole);
    }
}

#[test]
fn the_chain_of_lotus_is_imported_and_exported_as_by_kubo() {
    let Some(table) = fixtures::json(TABLE) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let Some(cars) = archive(dir.path()) else {
        return;
    };
    let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut ran = 0;
    for case in table["cases"].as_array().unwrap() {
        if case["op"] != "dag import" || !case["input"].is_string() {
            continue;
        }
        let input = case["input"].as_str().unwrap();
        let words: Vec<&str> = input
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .collect();
        let named: Vec<_> = cars
            .iter()
            .filter(|car| words.contains(&stem(car).as_str()))
            .collect();
        if named.is_empty() {
            fixtures::skipped(&case["id"].to_string(), "it names no CAR of the archive");
            continue;
        }
        imported_as_said(case, &named);
        ran += 1;
    }
    // What is shuffled is exported as the file that was not.
    for shuffled in cars.iter().filter(|car| stem(car).contains("_shuffled_")) {
        let name = stem(shuffled);
        let original = name.split("_shuffled_").next().unwrap();
        let original = shuffled.with_file_name(format!("{original}.car"));
        let whole = std::fs::read(original).unwrap();
        let store = store();
        bring(shuffled, &store);
        let root = unixfs_car::car::Reader::new(&whole[..]).unwrap().roots()[0];
        assert!(exported(&store, &root).unwrap() == whole, "{name}");
        ran += 1;
    }
    // A CARv2 has what the CARv1 has that it was made of.
    for v2 in cars.iter().filter(|car| stem(car).ends_with("_v2")) {
        let v1 = v2.with_file_name(format!("{}.car", stem(v2).trim_end_matches("_v2")));
        let (from_v1, from_v2) = (store(), store());
        let (one, two) = (bring(&v1, &from_v1), bring(v2, &from_v2));
        assert_eq!((one.version, two.version), (1, 2));
        assert_eq!(
            (&one.roots, one.blocks, one.bytes),
            (&two.roots, two.blocks, two.bytes)
        );
        assert!(exported(&from_v2, &two.roots[0]).unwrap() == std::fs::read(&v1).unwrap());
        ran += 1;
    }
    fixtures::ran(ARCHIVE, ran);
}

fn imported_as_said(case: &Value, cars: &[&PathBuf]) {
    let store = store();
    let (mut blocks, mut bytes) = (0, 0);
    let mut roots: Vec<String> = Vec::new();
    for car in cars {
        let done = bring(car, &store);
        blocks += done.blocks;
        bytes += done.bytes;
        roots.extend(done.roots.iter().map(Cid::to_string));
    }
    assert_eq!(Value::from(blocks), case["blocks"], "{case}");
    assert_eq!(Value::from(bytes), case["bytes"], "{case}");
    let mut wanted: Vec<&str> = case["roots"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|root| root.as_str().unwrap())
        .collect();
    wanted.sort_unstable();
    roots.sort();
    roots.dedup();
    assert_eq!(roots, wanted, "{case}");
}
