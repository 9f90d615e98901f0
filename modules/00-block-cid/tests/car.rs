//! CARs that were cut, flipped or made to hurt.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use block_cid::{Block, Cid, Error, Hash, car, codec};
use proptest::prelude::*;

fn blocks() -> Vec<Block> {
    vec![
        Block::raw("first"),
        Block::new(codec::DAG_PB, Hash::SHA2_256, "").unwrap(),
        Block::new(codec::RAW, Hash::IDENTITY, "inline").unwrap(),
        Block::new(codec::DAG_CBOR, Hash::BLAKE3, vec![7; 300]).unwrap(),
    ]
}

fn write(roots: &[Cid], blocks: &[Block]) -> Vec<u8> {
    let mut writer = car::Writer::new(Vec::new(), roots).unwrap();
    for block in blocks {
        writer.put(block).unwrap();
    }
    writer.finish().unwrap()
}

/// All blocks, or the error.
fn read(bytes: &[u8]) -> Result<(Vec<Cid>, Vec<Block>), Error> {
    let reader = car::Reader::new(bytes)?;
    Ok((reader.roots().to_vec(), reader.collect::<Result<_, _>>()?))
}

/// The header of a CAR, with the byte of its length.
fn header(hex: &str) -> Vec<u8> {
    let bytes = data_encoding::HEXLOWER
        .decode(hex.replace(' ', "").as_bytes())
        .unwrap();
    [&[bytes.len() as u8], &bytes[..]].concat()
}

#[test]
fn what_was_written_is_read() {
    let blocks = blocks();
    for roots in [0, 1, 2, 30].map(|n| {
        blocks
            .iter()
            .cycle()
            .take(n)
            .map(|b| *b.cid())
            .collect::<Vec<_>>()
    }) {
        let (got_roots, got) = read(&write(&roots, &blocks)).unwrap();
        assert_eq!(got_roots, roots);
        assert!(got.iter().all(|block| !block.is_proven()));
        let proven: Vec<Block> = got
            .into_iter()
            .map(|block| block.prove().unwrap())
            .collect();
        assert_eq!(proven, blocks);
    }
}

/// A cut between sections loses blocks and cannot be seen; any other is an error.
#[test]
fn every_cut_is_seen_but_those_between_sections() {
    let bytes = write(&[*blocks()[0].cid()], &blocks());
    let mut between = vec![bytes.len() as u64];
    let mut reader = car::Reader::new(&bytes[..]).unwrap();
    loop {
        between.push(reader.offset());
        if reader.next().is_none() {
            break;
        }
    }
    for end in 0..=bytes.len() {
        let whole = read(&bytes[..end]).is_ok();
        assert_eq!(whole, between.contains(&(end as u64)), "cut at {end}");
    }
}

/// A flipped bit is an error, or changes a block so that it is no longer what its CID names, or
/// changes a root, or only what a CID says beside its hash.
#[test]
fn no_flip_goes_by_unseen() {
    let written = blocks();
    let bytes = write(&[*written[0].cid()], &written);
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok((roots, blocks)) = read(&flipped) else {
            continue;
        };
        let proven = blocks
            .into_iter()
            .map(Block::prove)
            .collect::<Result<Vec<_>, _>>();
        let same = roots == [*written[0].cid()] && proven.is_ok_and(|blocks| blocks == written);
        assert!(!same, "bit {bit} changed nothing");
    }
}

#[test]
fn an_error_ends_the_iterator() {
    let bytes = [write(&[], &blocks()), vec![0x00], write(&[], &blocks())].concat();
    let all: Vec<_> = car::Reader::new(&bytes[..]).unwrap().collect();
    assert_eq!(all.len(), 5);
    let error = all.last().unwrap().as_ref().unwrap_err().to_string();
    assert!(error.contains("a section of length 0"), "{error}");
}

/// FAULTS C6: a length is a claim, and no room is made for it before its bytes are there.
#[test]
fn huge_lengths_are_refused_unread() {
    let huge = [&[0xff; 8][..], &[0x0f]].concat(); // 2^60 - 1
    for (bytes, wanted) in [
        (
            huge.clone(),
            "a header of 1152921504606846975 bytes, and 1048576 are the most",
        ),
        (
            [write(&[], &[]), huge].concat(),
            "a section of 1152921504606846975 bytes, and 4194304 are",
        ),
        (
            [write(&[], &[]), vec![0xff; 12]].concat(),
            "a varint takes more than 9 bytes",
        ),
        (
            [write(&[], &[]), vec![0x81, 0x00]].concat(),
            "longer than its number needs",
        ),
        (
            [write(&[], &[]), vec![0xff, 0xff, 0x7f]].concat(),
            "the CAR ends 0 bytes into a section of 2097151",
        ),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(matches!(error, Error::Car { .. }), "{error}");
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let large = Block::raw(vec![0; 5 << 20]);
    let bytes = write(&[], std::slice::from_ref(&large));
    read(&bytes).unwrap_err();
    let mut reader = car::Reader::new(&bytes[..])
        .unwrap()
        .with_max_section(6 << 20);
    assert_eq!(reader.next().unwrap().unwrap().cid(), large.cid());
}

#[test]
fn a_header_has_one_spelling() {
    let good = "a2 65726f6f7473 80 6776657273696f6e 01";
    assert_eq!(read(&header(good)).unwrap(), (vec![], vec![]));
    for (hex, wanted) in [
        (
            "a2 6776657273696f6e 01 65726f6f7473 80",
            "where \"roots\" should be",
        ),
        (
            "a2 65726f6f7473 80 6776657273696f6e 1801",
            "longer than it need be",
        ),
        (
            "b802 65726f6f7473 80 6776657273696f6e 01",
            "longer than it need be",
        ),
        (
            "bf 65726f6f7473 80 6776657273696f6e 01 ff",
            "without a length of its own",
        ),
        (
            "a2 65726f6f7473 9fff 6776657273696f6e 01",
            "without a length of its own",
        ),
        ("a2 65726f6f7473 80 6776657273696f6e 02", "version 2"),
        ("a1 6776657273696f6e 02", "it is a CARv2"),
        ("a1 6776657273696f6e 01", "a map of 1"),
        (
            "a3 65726f6f7473 80 6776657273696f6e 01 6161 01",
            "a map of 3",
        ),
        (
            "a2 65726f6f7473 80 6776657273696f6e 01 00",
            "bytes follow the map",
        ),
        (
            "a2 65726f6f7473 9bffffffffffffffff 6776657273696f6e 01",
            "where a root should begin",
        ),
        (
            "a2 65726f6f7473 81 d82a 43 015500 6776657273696f6e 01",
            "without the byte 00",
        ),
        (
            "a2 65726f6f7473 81 d82b 43 005500 6776657273696f6e 01",
            "tag 43",
        ),
        (
            "a2 65726f6f7473 81 d82a 42 0001 6776657273696f6e 01",
            "in the codec",
        ),
        ("80", "where a map should begin"),
    ] {
        let error = read(&header(hex)).unwrap_err().to_string();
        assert!(error.contains(wanted), "{hex}: {error}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0usize..3) {
        let empty = write(&[], &[]);
        let bytes = match start {
            0 => bytes,
            1 => [empty, bytes].concat(),
            _ => [&empty[..1], &bytes].concat(),
        };
        if let Ok((roots, blocks)) = read(&bytes) {
            prop_assert_eq!(write(&roots, &blocks), bytes, "two spellings of one CAR");
        }
    }

    #[test]
    fn any_blocks_round_trip(data in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..400), 0..12)) {
        let blocks: Vec<Block> = data.into_iter().map(Block::raw).collect();
        let roots: Vec<Cid> = blocks.iter().take(2).map(|block| *block.cid()).collect();
        let bytes = write(&roots, &blocks);
        let (got_roots, got) = read(&bytes).unwrap();
        prop_assert_eq!(got_roots, roots);
        prop_assert_eq!(got.len(), blocks.len());
        for (got, block) in got.iter().zip(&blocks) {
            prop_assert_eq!((got.cid(), got.data()), (block.cid(), block.data()));
        }
    }
}
