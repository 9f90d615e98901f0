//! What go-car and @ipld/car say of the CARs that are written here.

use std::collections::BTreeSet;

use block_cid::{Block, Hash};
use testkit::cars::{self, Judge};
use unixfs_car::car::index::Format;
use unixfs_car::car::{Header, Version};

use crate::made::{VERSIONS, blocks, car};

/// What is read, as a judge says it.
fn lines(blocks: &[Block]) -> BTreeSet<String> {
    let line = |block: &Block| format!("{} {}", block.cid(), block.len());
    blocks.iter().map(line).collect()
}

/// Has `judge` read a CAR of these blocks in every version.
fn judged(judge: &Judge, blocks: &[Block]) {
    let dir = tempfile::tempdir().unwrap();
    // A leaf, so that no links lead out.
    let root = *blocks[1].cid();
    let mut files = Vec::new();
    for (n, version) in VERSIONS.into_iter().enumerate() {
        let path = dir.path().join(format!("{n}.car"));
        std::fs::write(&path, car(version, &[root], blocks)).unwrap();
        files.push((path, version));
    }
    let paths: Vec<_> = files.iter().map(|(path, _)| path.clone()).collect();
    let said = judge.read(&paths).unwrap();
    for (path, version) in files {
        let mut wanted = lines(blocks);
        wanted.insert(format!("root {root}"));
        if judge.name == "go-car" {
            wanted.insert("reached 1".to_owned());
            if let Version::Indexed(format) = version {
                wanted.insert(format!("index {}", format.name()));
            }
        }
        assert_eq!(said[&path], wanted, "{} of {version:?}", judge.name);
    }
}

#[test]
fn go_car_reads_every_version_and_finds_every_block_by_our_indexes() {
    if let Some(go) = cars::go("our CARs and indexes") {
        judged(&go, &blocks());
        let full = {
            let mut bytes = car(Version::INDEXED, &[*blocks()[1].cid()], &blocks());
            bytes[11] = 0x80;
            bytes
        };
        // A judge that takes an index at its word would prove little: this one lacks an identity.
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("full.car");
        std::fs::write(&path, full).unwrap();
        let error = go.read(&[path]).unwrap_err();
        assert!(error.contains("by the index"), "{error}");
    }
}

#[test]
fn js_car_reads_every_version() {
    if let Some(js) = cars::js("our CARs") {
        let sha2 = [Hash::SHA2_256, Hash::SHA2_512].map(Hash::code);
        let blocks: Vec<Block> = blocks()
            .into_iter()
            .filter(|block| sha2.contains(&block.cid().hash().code()))
            .collect();
        judged(&js, &blocks);
    }
}

#[test]
fn indexes_of_go_car_are_ours_to_the_byte() {
    let Some(go) = cars::go("its indexes of our CARs") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("some.car");
    let blocks = blocks();
    std::fs::write(&path, car(Version::V1, &[], &blocks)).unwrap();
    for format in Format::ALL {
        let theirs = go.index(format.name(), &path).unwrap();
        let ours = car(Version::Indexed(format), &[], &blocks);
        assert!(ours == theirs, "{format:?}");
        let header = Header::decode(theirs[11..51].try_into().unwrap()).unwrap();
        assert!(header.index(theirs.len() as u64).unwrap().is_some());
    }
}
