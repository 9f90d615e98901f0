//! CARs made of CARs.

use std::collections::HashSet;
use std::io::Cursor;

use block_cid::{Block, Cid};
use persistent::ops::{Silent, Watch};
use unixfs_car::car::copy::{Copied, Merge, copy, filter, roots};
use unixfs_car::car::{Error, File, Result, Version, Writer};

use crate::made::{self, VERSIONS, blocks, car, open, read, tight};

type Out = Writer<Cursor<Vec<u8>>>;

/// A CAR that `write` fills.
fn written(
    version: Version,
    roots: &[Cid],
    write: impl FnOnce(&mut Out) -> Result<Copied>,
) -> Result<(Vec<u8>, Copied)> {
    let mut writer = Writer::new(Cursor::new(Vec::new()), roots, version, &tight())?;
    let copied = write(&mut writer)?;
    Ok((writer.finish()?.into_inner(), copied))
}

#[test]
fn every_version_becomes_every_other_and_itself_to_the_byte() {
    let blocks = blocks();
    let roots = made::roots(&blocks);
    for from in VERSIONS {
        let file = open(&car(from, &roots, &blocks)).unwrap();
        for to in VERSIONS {
            let (bytes, copied) = written(to, &roots, |out| copy(&file, out, &Silent)).unwrap();
            assert!(bytes == car(to, &roots, &blocks), "{from:?} to {to:?}");
            assert_eq!(copied.blocks, blocks.len() as u64);
        }
    }
}

#[test]
fn a_filter_takes_by_multihash_or_leaves() {
    let blocks = blocks();
    let file = open(&car(Version::V1, &[], &blocks)).unwrap();
    let absent = *Block::raw("absent").cid();
    let wanted: HashSet<_> = [blocks[0].cid(), blocks[5].cid(), &absent]
        .map(|cid| *Cid::new_v1(0x71, *cid.hash()).hash())
        .into();
    for inverse in [false, true] {
        let write = |out: &mut Out| filter(&file, &wanted, inverse, out, &Silent);
        let (bytes, copied) = written(Version::V1, &[], write).unwrap();
        let kept = blocks
            .iter()
            .filter(|block| wanted.contains(block.cid().hash()) != inverse);
        let (found, end) = read(&bytes);
        end.unwrap();
        assert!(found.iter().eq(kept));
        assert_eq!((copied.blocks, copied.found), (found.len() as u64, 2));
    }
}

#[test]
fn a_merge_has_each_cid_once_and_the_roots_of_all() {
    let blocks = blocks();
    let parts = [&blocks[..30], &blocks[20..], &blocks[..1]];
    let cars: Vec<File> = parts
        .iter()
        .zip(VERSIONS)
        .map(|(part, version)| open(&car(version, &made::roots(part), part)).unwrap())
        .collect();
    let all = roots(&cars);
    let wanted = [0, 1, 20, 21].map(|n: usize| *blocks[n].cid());
    assert_eq!(all, wanted);
    let mut added = Vec::new();
    let write = |out: &mut Out| {
        let mut merge = Merge::default();
        for car in &cars {
            added.push(merge.add(car, out, &Silent)?.blocks);
        }
        Ok(Copied::default())
    };
    let (bytes, _) = written(Version::V1, &all, write).unwrap();
    assert!(bytes == car(Version::V1, &wanted, &blocks));
    assert_eq!(added, [30, blocks.len() as u64 - 30, 0]);
}

#[test]
fn what_is_not_proven_is_not_copied() {
    let mut blocks = blocks();
    blocks[7] = Block::claimed(*blocks[7].cid(), b"other".to_vec());
    let file = open(&car(Version::V1, &[], &blocks)).unwrap();
    let end = written(Version::V1, &[], |out| copy(&file, out, &Silent));
    assert!(matches!(end, Err(Error::Block { .. })), "{end:?}");
}

struct Stop;

impl Watch for Stop {
    fn stops(&self) -> bool {
        true
    }
}

#[test]
fn a_copy_is_stopped() {
    let file = open(&car(Version::V1, &[], &blocks())).unwrap();
    let end = written(Version::V1, &[], |out| copy(&file, out, &Stop));
    assert!(matches!(end, Err(Error::Stopped)));
}

/// A file whose writer did not come to its end says so.
#[test]
fn a_carv2_that_was_not_finished_is_none() {
    let mut writer = Writer::new(Cursor::new(Vec::new()), &[], Version::INDEXED, &tight()).unwrap();
    let mut bytes = vec![0; 51];
    bytes[..11].copy_from_slice(b"\x0a\xa1\x67version\x02");
    for block in blocks() {
        writer.put(&block).unwrap();
        bytes.extend(block.data());
    }
    let error = read(&bytes).1.unwrap_err().to_string();
    assert!(error.contains("did not come to its end"), "{error}");
}

/// A CARv2 may begin in the middle of what is written to.
#[test]
fn a_writer_begins_where_its_output_stands() {
    let blocks = blocks();
    for version in VERSIONS {
        let mut out = Cursor::new(b"before".to_vec());
        out.set_position(6);
        let mut writer = Writer::new(out, &[], version, &tight()).unwrap();
        blocks.iter().for_each(|block| writer.put(block).unwrap());
        let out = writer.finish().unwrap();
        assert_eq!(out.position(), out.get_ref().len() as u64);
        assert!(out.into_inner() == [b"before", &car(version, &[], &blocks)[..]].concat());
    }
}
