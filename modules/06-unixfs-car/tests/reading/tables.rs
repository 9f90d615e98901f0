//! What others made, read back to the last byte: hashes, blocks, and every CAR of files there is.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use block_cid::{Block, Blockstore, car, codec, text};
use data_encoding::HEXLOWER;
use testkit::{Rng, fixtures};
use unixfs_car::hamt::HashBits;
use unixfs_car::{Cid, Dir, Error, Reader};

use crate::build::{self, Store};

pub fn load(store: &Store, file: &Path) -> Vec<Cid> {
    let mut reader = car::Reader::new(BufReader::new(File::open(file).unwrap())).unwrap();
    for block in &mut reader {
        store.put(&block.unwrap()).unwrap();
    }
    reader.roots().to_vec()
}

pub fn cid(text: &str) -> Cid {
    text::parse(text).unwrap()
}

pub fn read(store: &Store, cid: &Cid) -> Result<Vec<u8>, Error> {
    let mut reader = Reader::open(store, cid)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.chunk()? {
        bytes.extend(chunk);
    }
    assert_eq!(bytes.len() as u64, reader.size());
    Ok(bytes)
}

#[test]
fn hashes_of_names_are_those_of_others() {
    const TABLE: &str = "unixfs/murmur3-x64-64.json";
    let Some(table) = fixtures::json(TABLE) else {
        return;
    };
    let cases = table["cases"].as_array().unwrap();
    for case in cases {
        let mut bits = HashBits::of(case["input"].as_str().unwrap().as_bytes());
        let bytes: Vec<u8> = std::iter::from_fn(|| bits.next(8))
            .map(|n| n as u8)
            .collect();
        assert_eq!(
            HEXLOWER.encode(&bytes),
            case["digest_hex"].as_str().unwrap()
        );
    }
    fixtures::ran(&format!("{TABLE}, as places"), cases.len());
}

/// Every file and folder below the roots of every CAR, and some ranges of each file.
#[test]
fn every_car_of_files_is_read_to_its_last_byte() {
    let Some(root) = fixtures::root() else {
        fixtures::skipped("the CARs of unixfs", "there are no tables");
        return;
    };
    let mut found = Found::default();
    for below in ["unixfs", "gateway-conformance/fixtures"] {
        let mut cars = Vec::new();
        all(&root.join(below), "car", &mut cars);
        for file in cars {
            let store = build::store();
            for root in load(&store, &file) {
                walk(&store, &root, &mut found);
            }
            found.cars += 1;
        }
    }
    if found.cars == 0 {
        return fixtures::skipped("the CARs of unixfs", "this root has none");
    }
    testkit::report(&format!("{found:?}"));
    fixtures::ran("CARs of files and folders", found.cars);
}

/// Blocks that are no files: dag-cbor among them.
#[test]
fn blocks_of_other_codecs_are_told_apart() {
    let Some(root) = fixtures::root() else {
        fixtures::skipped("the blocks of unixfs", "there are no tables");
        return;
    };
    let mut blocks = Vec::new();
    all(&root.join("unixfs"), "block", &mut blocks);
    if blocks.is_empty() {
        return fixtures::skipped("the blocks of unixfs", "this root has none");
    }
    for file in &blocks {
        let named = cid(file.file_stem().unwrap().to_str().unwrap());
        let block = Block::checked(named, std::fs::read(file).unwrap()).unwrap();
        let store = build::store();
        store.put(&block).unwrap();
        match named.codec() {
            codec::DAG_PB | codec::RAW => walk(&store, &named, &mut Found::default()),
            _ => assert!(matches!(
                Reader::open(&store, &named),
                Err(Error::Node { .. })
            )),
        }
    }
    fixtures::ran("unixfs/**/*.block", blocks.len());
}

/// What was met.
#[derive(Debug, Default)]
struct Found {
    cars: usize,
    files: usize,
    bytes: usize,
    folders: usize,
    shards: usize,
    symlinks: usize,
    missing: usize,
    others: usize,
}

fn walk(store: &Store, cid: &Cid, found: &mut Found) {
    let dir = match Dir::open(store, cid) {
        Ok(dir) => dir,
        Err(Error::Kind {
            found: "a file", ..
        }) => return walk_file(store, cid, found),
        Err(Error::Kind { .. }) => return found.symlinks += 1,
        Err(Error::Missing { .. }) => return found.missing += 1,
        Err(Error::Node { .. }) => return found.others += 1,
        Err(error) => panic!("{cid}: {error}"),
    };
    found.folders += 1;
    found.shards += usize::from(dir.is_sharded());
    for entry in dir.entries() {
        match entry {
            Ok(entry) => {
                assert_eq!(dir.get(&entry.name).unwrap().unwrap(), entry);
                walk(store, &entry.cid, found);
            }
            Err(Error::Missing { .. }) => found.missing += 1,
            Err(error) => panic!("{cid}: {error}"),
        }
    }
}

fn walk_file(store: &Store, cid: &Cid, found: &mut Found) {
    let bytes = match read(store, cid) {
        Ok(bytes) => bytes,
        Err(Error::MissingPart { .. }) => return found.missing += 1,
        Err(error) => panic!("{cid}: {error}"),
    };
    found.files += 1;
    found.bytes += bytes.len();
    let mut rng = Rng::new(bytes.len() as u64);
    let mut reader = Reader::open(store, cid).unwrap();
    for _ in 0..5 {
        let start = rng.below(bytes.len() as u64 + 1);
        reader.seek(SeekFrom::Start(start)).unwrap();
        let mut range = Vec::new();
        (&mut reader).take(100).read_to_end(&mut range).unwrap();
        assert!(bytes[start as usize..].starts_with(&range));
        assert_eq!(range.len(), 100.min(bytes.len() - start as usize));
    }
}

fn all(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    // Another root need not have every folder.
    let entries = std::fs::read_dir(folder);
    for entry in entries.into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all(&path, ending, found);
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
}
