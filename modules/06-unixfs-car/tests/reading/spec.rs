//! The vectors of the specification of UnixFS, read.

use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};

use block_cid::{Block, Blockstore, codec, text};
use data_encoding::HEXLOWER;
use serde_json::Value;
use testkit::fixtures;
use unixfs_car::unixfs::{Data, Type};
use unixfs_car::{Cid, Dir, Error, Path, Reader};

use crate::build::{self, Store};
use crate::tables::{cid, load, read};

fn resolve(store: &Store, path: &str) -> Cid {
    let path = Path::parse(path.as_bytes()).unwrap();
    path.resolve(store).unwrap()
}

fn names(store: &Store, cid: &Cid) -> Vec<String> {
    let dir = Dir::open(store, cid).unwrap();
    let name = |entry: Result<unixfs_car::Entry, Error>| entry.unwrap().name.to_vec();
    let names = dir.into_entries().map(name).map(String::from_utf8);
    names.collect::<Result<_, _>>().unwrap()
}

/// Sizes that the table gives, and those of the blocks whose hashes are the CIDs that it gives.
const MISTAKEN: [((&str, usize), usize); 1] = [(("Simple Directory", 185), 227)];

/// The number of bytes on the first line of `points` that begins so.
fn said(points: &[&str], begins: &str) -> Option<usize> {
    let line = points.iter().find(|line| line.starts_with(begins))?;
    let number = line.split(": ").nth(1)?.split(' ').next()?;
    number.parse().ok()
}

/// The bytes between two marks on each line of `points` that has both.
fn between<'a>(points: &[&'a str], before: &str, after: &str) -> Vec<&'a str> {
    let found = points.iter().filter_map(|line| {
        let (_, rest) = line.split_once(before)?;
        Some(rest.split_once(after)?.0)
    });
    found.collect()
}

#[test]
fn the_vectors_of_the_specification() {
    const TABLE: &str = "unixfs/spec-vectors.json";
    let Some(table) = fixtures::json(TABLE) else {
        return;
    };
    let mut ran = 0;
    for case in table["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let Some(store) = store_of(case) else {
            continue;
        };
        let texts = |field: &str| -> Vec<&str> {
            let list = case[field].as_array().unwrap().iter();
            list.map(|text| text.as_str().unwrap()).collect()
        };
        let (cids, points) = (texts("cids"), texts("points"));
        check(name, &store, &cids, &points);
        ran += 1;
    }
    fixtures::ran(TABLE, ran);
}

/// The blocks of a case: those of its file, and those whose bytes it tells. The table names files of
/// the whole collections, and of those not all are given.
fn store_of(case: &Value) -> Option<Store> {
    let store = build::store();
    for block in [
        Data::directory().block(),
        Data::leaf(Type::File, "").block(),
        Data::leaf(Type::File, "Hello from IPFS Gateway Checker\n").block(),
    ] {
        build::put(&store, codec::DAG_PB, block);
    }
    build::put(&store, codec::RAW, "");
    if let Some(name) = case["file"].as_str() {
        let file = fixtures::root()?.join(name);
        if !file.is_file() {
            fixtures::skipped(name, "it is not among the tables");
            return None;
        }
        if name.ends_with(".car") {
            load(&store, &file);
        } else {
            let named = cid(case["cids"][0].as_str().unwrap());
            let block = Block::checked(named, std::fs::read(file).unwrap());
            store.put(&block.unwrap()).unwrap();
        }
    }
    Some(store)
}

fn check(name: &str, store: &Store, cids: &[&str], points: &[&str]) {
    let first = || cid(cids[0]);
    // Whatever the case is about: what it says of sizes is so.
    for kind in [
        "Block size",
        "Root block size",
        "Directory block size",
        "Root directory block size",
        "Root HAMT block size",
    ] {
        if let Some(size) = said(points, kind) {
            let size = MISTAKEN
                .iter()
                .find_map(|(mistaken, is)| {
                    let this = *mistaken == (name, size);
                    this.then_some(*is)
                })
                .unwrap_or(size);
            assert_eq!(store.get(&first()).unwrap().unwrap().len(), size, "{name}");
        }
    }
    for kind in ["Data size", "Total data size"] {
        if let Some(size) = said(points, kind) {
            assert_eq!(read(store, &first()).unwrap().len(), size, "{name}");
        }
    }
    for content in between(points, "Content: \"", "\" (") {
        let bytes = content.replace("\\n", "\n");
        assert_eq!(read(store, &first()).unwrap(), bytes.as_bytes(), "{name}");
    }
    match name {
        "Single `raw` Block File" | "Single `dag-pb` Block File" => {}
        "Multi-block File" => {
            let sizes = between(points, "Block ", " bytes (raw)");
            assert_eq!(sizes, ["1: 256", "2: 256", "3: 256", "4: 256", "5: 2"]);
            let mut reader = Reader::open(store, &first()).unwrap();
            let chunks = std::iter::from_fn(|| reader.chunk().unwrap());
            assert!(chunks.map(|chunk| chunk.len()).eq([256, 256, 256, 256, 2]));
        }
        "File with Missing Blocks" => {
            let mut reader = Reader::open(store, &first()).unwrap();
            assert_eq!(reader.size() / 1_000_000, 306);
            assert!(matches!(
                reader.chunk(),
                Err(Error::MissingPart { offset: 0, .. })
            ));
        }
        "Range Requests with Missing Blocks" => {
            let ends = [(0, cids[1]), (2048, cids[2])].map(|(at, leaf)| {
                let mut reader = Reader::open(store, &first()).unwrap().with_end(at + 1024);
                reader.seek(SeekFrom::Start(at)).unwrap();
                let mut range = Vec::new();
                reader.read_to_end(&mut range).unwrap();
                assert_eq!(range.len(), 1024);
                assert_eq!(range, read(store, &cid(leaf)).unwrap());
                at
            });
            assert_eq!(ends, [0, 2048]);
            match read(store, &first()).unwrap_err() {
                Error::MissingPart { offset, .. } => assert_eq!(offset, 1024),
                other => panic!("{other}"),
            }
        }
        "Simple Directory" | "Deduplication" => {
            let list = ["ascii-copy.txt", "ascii.txt", "hello.txt", "multiblock.txt"];
            assert_eq!(names(store, &first()), list);
            let dir = Dir::open(store, &first()).unwrap();
            let ascii = dir.get(b"ascii.txt").unwrap().unwrap();
            assert_eq!(ascii.cid, dir.get(b"ascii-copy.txt").unwrap().unwrap().cid);
        }
        "Nested Directories" => {
            assert_eq!(names(store, &first()), ["subdir"]);
            // The second is another example, in a CAR of its own.
            let other = "gateway-conformance/fixtures/path_gateway_dag/dag-pb.car";
            if let Some(other) = fixtures::named(other) {
                load(store, &other);
                assert!(!names(store, &cid(cids[1])).is_empty());
            }
            let hello = resolve(store, &format!("{}/subdir/hello.txt", cids[0]));
            assert_eq!(read(store, &hello).unwrap(), b"hello world\n");
        }
        "Special Characters in Filenames" => {
            let file = resolve(store, &format!("/ipfs/{}/ą/ę/file-źł.txt", cids[0]));
            assert!(!read(store, &file).unwrap().is_empty());
            // The second root is in a CAR of its own.
            let percent = "gateway-conformance/fixtures/path_gateway_unixfs/dir-with-percent-encoded-filename.car";
            if let Some(percent) = fixtures::named(percent) {
                load(store, &percent);
                let name = "Portugal%2C+España=Peninsula Ibérica.txt";
                assert_eq!(names(store, &cid(cids[1])), [name]);
                let file = resolve(store, &format!("/ipfs/{}/{name}", cids[1]));
                assert!(!read(store, &file).unwrap().is_empty());
            }
        }
        "Directory with Missing Blocks" => {
            let dir = Dir::open(store, &first()).unwrap();
            let mut entries = dir.into_entries().map(Result::unwrap);
            assert!(entries.all(|entry| store.get(&entry.cid).unwrap().is_none()));
            assert_eq!(names(store, &first()).len(), 4);
        }
        "HAMT Sharded Directory" => {
            let wanted: BTreeSet<String> = (1..=1000).map(|n| format!("{n}.txt")).collect();
            let listed = names(store, &first());
            assert_eq!(listed.len(), 1000);
            assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), wanted);
            let dir = Dir::open(store, &first()).unwrap();
            assert!(dir.is_sharded());
            let files: Vec<Vec<u8>> = ["1.txt", "1000.txt"]
                .map(|name| dir.get(name.as_bytes()).unwrap().unwrap().cid)
                .iter()
                .map(|cid| read(store, cid).unwrap())
                .collect();
            assert!(files[0].starts_with(b"Lorem ipsum") && files[0] == files[1]);
            assert!(dir.get(b"1001.txt").unwrap().is_none());
        }
        "Well-Known UnixFS CIDs" => {
            let empty = cids.iter().map(|text| cid(text)).chain([cid("bafkqaaa")]);
            let (folders, files): (Vec<Cid>, Vec<Cid>) =
                empty.partition(|cid| Dir::open(store, cid).is_ok());
            assert_eq!((folders.len(), files.len()), (3, 4));
            assert!(folders.iter().all(|cid| names(store, cid).is_empty()));
            assert!(files.iter().all(|cid| read(store, cid).unwrap().is_empty()));
        }
        "Identity CID Size Limit" => {
            assert_eq!(read(store, &first()).unwrap(), [b'B'; 128]);
            text::parse(cids[1]).unwrap_err();
        }
        "Symbolic Links" => {
            assert_eq!(names(store, &first()), ["bar", "foo"]);
            let link = resolve(store, &format!("{}/bar", cids[0]));
            assert_eq!(link, cid(cids[1]));
            assert!(matches!(
                read(store, &link),
                Err(Error::Kind {
                    found: "a symlink",
                    ..
                })
            ));
            assert_eq!(resolve(store, &format!("{}/foo", cids[0])), cid(cids[2]));
            let sizes =
                [cids[1], cids[2]].map(|text| store.get(&cid(text)).unwrap().unwrap().len());
            assert_eq!(sizes, [9, 16]);
        }
        "Mixed Block Sizes" => {
            assert_eq!(names(store, &first()), ["subdir"]);
            let below = resolve(store, &format!("{}/subdir", cids[0]));
            let codecs: BTreeSet<u64> = Dir::open(store, &below)
                .unwrap()
                .into_entries()
                .map(|entry| entry.unwrap().cid.codec())
                .collect();
            assert_eq!(codecs, BTreeSet::from([codec::RAW, codec::DAG_PB]));
        }
        "Invalid Test Cases" => invalid(store, points),
        // Of what another root has besides: the file or the folder can be read.
        _ => match Dir::open(store, &first()) {
            Ok(dir) => drop(dir.into_entries().map(Result::unwrap).collect::<Vec<_>>()),
            Err(_) => drop(read(store, &first()).unwrap()),
        },
    }
}

/// Nodes of dag-pb that are nothing of UnixFS. Some are told by their bytes, the others by their files.
fn invalid(store: &Store, points: &[&str]) {
    let mut nodes = 0;
    for point in points {
        let named = between(&[point], "[`", ".dag-pb`]");
        let folder = between(&[point], "/fixtures/", "/baf");
        let name = folder[0].replace("%2B", "+");
        let path = format!("codec-fixtures/fixtures/{name}/{}.dag-pb", named[0]);
        let hex = between(&[point], "bytes: `", "`");
        let bytes = match hex.first() {
            Some(hex) => HEXLOWER.decode(hex.as_bytes()).unwrap(),
            None => match fixtures::root().map(|root| root.join(&path)) {
                Some(file) if file.is_file() => std::fs::read(file).unwrap(),
                _ => continue,
            },
        };
        let cid = build::put(store, codec::DAG_PB, bytes);
        let file = Reader::open(store, &cid).unwrap_err();
        let folder = Dir::open(store, &cid).unwrap_err();
        assert!(matches!(file, Error::Node { .. }), "{point}");
        assert!(matches!(folder, Error::Node { .. }), "{point}");
        nodes += 1;
    }
    assert!(nodes >= points.len() - 2, "{nodes} of {}", points.len());
}
