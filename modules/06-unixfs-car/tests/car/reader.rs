//! Reading a CAR from a stream.

use block_cid::Block;
use proptest::prelude::*;
use unixfs_car::car::{Header, Reader, Version};

use crate::made::{self, VERSIONS, blocks, car, open, read, roots};

#[test]
fn what_was_written_is_read() {
    let blocks = blocks();
    let roots = roots(&blocks);
    for version in VERSIONS {
        let bytes = car(version, &roots, &blocks);
        let reader = Reader::new(&bytes[..]).unwrap();
        assert_eq!(reader.roots(), roots);
        assert_eq!(reader.version() == 1, version == Version::V1);
        let (found, end) = read(&bytes);
        end.unwrap();
        assert!(
            found == blocks && found.iter().all(Block::is_proven),
            "{version:?}"
        );
        let file = open(&bytes).unwrap();
        assert_eq!(file.roots(), roots);
        let offsets: Vec<u64> = file.heads().map(|head| head.unwrap().offset).collect();
        let mut reader = Reader::new(&bytes[..]).unwrap();
        for offset in offsets {
            assert_eq!(reader.offset(), offset);
            reader.next().unwrap().unwrap();
        }
        assert!(reader.next().is_none());
    }
}

/// Bytes may stand before the data and behind it.
#[test]
fn padding_is_stepped_over() {
    let blocks = blocks();
    let bytes = car(Version::INDEXED, &roots(&blocks), &blocks);
    let header = Header::decode(bytes[11..51].try_into().unwrap()).unwrap();
    let (data, index) = bytes[51..].split_at(header.data_size as usize);
    let padded = Header {
        data_offset: header.data_offset + 1000,
        index_offset: header.index_offset + 1300,
        ..header
    };
    let bytes = [
        &bytes[..11],
        &padded.encode(),
        &[0xee; 1000],
        data,
        &[0xdd; 300],
        index,
    ]
    .concat();
    let (found, end) = read(&bytes);
    end.unwrap();
    assert!(found == blocks);
    let file = open(&bytes).unwrap();
    assert_eq!(file.heads().count(), blocks.len());
    let index = file.index().unwrap().unwrap();
    assert_eq!(
        (index.len(), index.trailing()),
        (blocks.len() as u64 - 1, 0)
    );
}

/// A CARv2 says how long its data is, so every cut in it is seen, those between sections, too. One behind
/// the data loses the index alone.
#[test]
fn every_cut_of_a_carv2_is_seen() {
    let blocks = &blocks()[..7];
    let bytes = car(Version::INDEXED, &roots(blocks), blocks);
    let header = Header::decode(bytes[11..51].try_into().unwrap()).unwrap();
    for end in 0..bytes.len() {
        let cut = &bytes[..end];
        let (found, ended) = read(cut);
        let behind = end as u64 >= header.data_end();
        assert_eq!(ended.is_ok(), behind, "cut at {end}: {ended:?}");
        assert_eq!(found[..], blocks[..found.len()], "cut at {end}");
        let Ok(file) = open(cut) else {
            assert!(!behind);
            continue;
        };
        let heads: Vec<_> = file.heads().collect();
        assert_eq!(heads.last().unwrap().is_ok(), behind, "cut at {end}");
        assert!(file.index().is_err(), "cut at {end}");
    }
}

/// Of a CARv1 a cut between sections cannot be seen.
#[test]
fn every_cut_of_a_carv1_leaves_the_blocks_before_it() {
    let blocks = &blocks()[..7];
    let bytes = car(Version::V1, &roots(blocks), blocks);
    for end in 0..bytes.len() {
        let (found, ended) = read(&bytes[..end]);
        assert_eq!(found[..], blocks[..found.len()], "cut at {end}");
        let from_heads = open(&bytes[..end]).map(|file| file.heads().all(|head| head.is_ok()));
        assert_eq!(ended.is_ok(), from_heads.unwrap_or(false), "cut at {end}");
    }
}

#[test]
fn a_block_that_is_another_is_told_behind_those_before_it() {
    let blocks = blocks();
    for version in VERSIONS {
        let bytes = car(version, &[], &blocks);
        let file = open(&bytes).unwrap();
        for (n, head) in file.heads().enumerate() {
            let head = head.unwrap();
            let mut flipped = bytes.clone();
            let Some(byte) = flipped
                .get_mut(head.block.0 as usize)
                .filter(|_| head.block.1 > 0)
            else {
                continue;
            };
            *byte ^= 1;
            let (found, end) = read(&flipped);
            assert!(found == blocks[..n], "{version:?}, {n}");
            let error = end.unwrap_err();
            let text = format!("the block at byte {} is not proven", head.offset);
            assert_eq!(error.to_string(), text, "{version:?}, {n}");
            let mut reader = Reader::new(&flipped[..]).unwrap();
            while reader.group().is_ok_and(|group| !group.is_empty()) {}
            assert!(reader.next().is_none(), "it went on behind the error");
        }
    }
}

#[test]
fn bytes_behind_the_last_section_are_an_error_of_a_carv1() {
    let blocks = blocks();
    let whole = car(Version::V1, &[], &blocks);
    for tail in [&[0][..], &[0; 1000], b"\x05hello", b"\xff\xff\xff\xff"] {
        let (found, end) = read(&[&whole[..], tail].concat());
        assert_eq!(found.len(), blocks.len());
        end.unwrap_err();
    }
    // Behind a CARv2 they are nobody's.
    let whole = car(Version::INDEXED, &[], &blocks);
    read(&[&whole[..], &[0; 1000]].concat()).1.unwrap();
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        tail in proptest::collection::vec(any::<u8>(), 0..200),
        keep in 0usize..400,
        version in 0usize..4,
    ) {
        let some = &blocks()[..4];
        let whole = car(VERSIONS[version], &roots(some), some);
        let bytes = [&whole[..keep.min(whole.len())], &tail].concat();
        let (from_stream, end) = read(&bytes);
        let from_file = open(&bytes).map(|file| file.heads().collect::<Result<Vec<_>, _>>());
        if end.is_ok() {
            prop_assert_eq!(from_stream.len(), from_file.unwrap().unwrap().len());
        }
    }

    #[test]
    fn any_blocks_round_trip(
        data in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..400), 0..12),
        version in 0usize..4,
    ) {
        let blocks: Vec<Block> = data.into_iter().map(Block::raw).collect();
        let bytes = car(VERSIONS[version], &made::roots(&blocks), &blocks);
        let (found, end) = read(&bytes);
        end.unwrap();
        prop_assert_eq!(found, blocks);
    }
}
