//! Files that are what they say.

use std::io::{BufRead, Read, Seek, SeekFrom};

use block_cid::{Hash, codec};
use bytes::Bytes;
use testkit::Rng;
use unixfs_car::read::{AHEAD_BLOCKS, AHEAD_BYTES};
use unixfs_car::unixfs::{Data, Meta, Mtime, Type};
use unixfs_car::{Cid, Error, Reader};

use crate::build::{self, Leaves, Part, Store, above, branch, file, leaf, node, put, put_by};
use crate::counted::Counted;

/// Files of every shape, and their bytes.
pub fn shapes(store: &Store) -> Vec<(&'static str, Cid, Vec<u8>)> {
    let bytes = Rng::new(7).bytes(5003);
    let of = |leaves, chunk, width| file(store, leaves, &bytes, chunk, width);
    let small = &bytes[..100];
    let pieces = |sizes: &[usize]| -> (Vec<Part>, Vec<u8>) {
        let mut rest = &bytes[..];
        let parts = sizes.iter().map(|size| {
            let (piece, behind) = rest.split_at(*size);
            rest = behind;
            leaf(store, Leaves::Raw, piece)
        });
        let parts: Vec<Part> = parts.collect();
        let len = bytes.len() - rest.len();
        (parts, bytes[..len].to_vec())
    };
    let (uneven, uneven_bytes) = pieces(&[1, 0, 700, 3, 0, 0, 41, 256, 1, 0]);
    // Leaves first, then branches, as a trickle DAG has them.
    let (mixed, mixed_bytes) = pieces(&[100; 12]);
    let mixed = [
        &mixed[..4],
        &[branch(store, &mixed[4..8])],
        &[branch(
            store,
            &[mixed[8], mixed[9], branch(store, &mixed[10..])],
        )],
    ]
    .concat();
    let deep = (0..100).fold(leaf(store, Leaves::Raw, small), |part, _| {
        branch(store, &[part])
    });
    vec![
        ("raw leaves", of(Leaves::Raw, 256, 4), bytes.clone()),
        (
            "leaves of type file",
            of(Leaves::Pb(Type::File), 256, 3),
            bytes.clone(),
        ),
        (
            "leaves of type raw",
            of(Leaves::Pb(Type::Raw), 100, 174),
            bytes.clone(),
        ),
        ("inlined leaves", of(Leaves::Inline, 100, 2), bytes.clone()),
        ("leaves of one byte", of(Leaves::Raw, 1, 16), bytes.clone()),
        (
            "one raw block",
            put(store, codec::RAW, small.to_vec()),
            small.to_vec(),
        ),
        (
            "one node",
            leaf(store, Leaves::Pb(Type::File), small).cid,
            small.to_vec(),
        ),
        (
            "inlined",
            put_by(store, Hash::IDENTITY, codec::RAW, small.to_vec()),
            small.to_vec(),
        ),
        (
            "no bytes, raw",
            put(store, codec::RAW, Bytes::new()),
            Vec::new(),
        ),
        (
            "no bytes",
            leaf(store, Leaves::Pb(Type::File), b"").cid,
            Vec::new(),
        ),
        (
            "no bytes, no size",
            node(store, &Data::new(Type::File), &[]),
            Vec::new(),
        ),
        ("uneven leaves", above(store, uneven, 3).cid, uneven_bytes),
        (
            "leaves beside branches",
            branch(store, &mixed).cid,
            mixed_bytes,
        ),
        ("one below the other", deep.cid, small.to_vec()),
    ]
}

#[test]
fn the_bytes_are_those_of_the_leaves() {
    let store = build::store();
    for (name, cid, bytes) in shapes(&store) {
        let mut reader = Reader::open(&store, &cid).unwrap();
        let mut whole = Vec::new();
        assert_eq!(reader.size(), bytes.len() as u64, "{name}");
        assert_eq!(reader.read_to_end(&mut whole).unwrap(), bytes.len());
        assert_eq!(whole, bytes, "{name}");
        assert_eq!(reader.chunk().unwrap(), None, "{name}");
        assert_eq!(reader.read(&mut [0]).unwrap(), 0, "{name}");
        reader.rewind().unwrap();
        let mut again = Vec::new();
        assert_eq!(reader.copy_to(&mut again).unwrap(), bytes.len() as u64);
        assert_eq!(again, bytes, "{name}, again");
    }
}

#[test]
fn every_block_is_read_once_and_few_at_a_time() {
    let store = Counted::new(build::store());
    let bytes = Rng::new(1).bytes(40_000);
    for (leaves, width) in [(Leaves::Raw, 10), (Leaves::Pb(Type::File), 100)] {
        let inner = build::store();
        let cid = file(&inner, leaves, &bytes, 100, width);
        let store = Counted::new(&inner);
        let mut reader = Reader::open(&store, &cid).unwrap();
        reader.copy_to(&mut std::io::sink()).unwrap();
        let calls = store.calls();
        let total: usize = calls.iter().map(Vec::len).sum();
        let blocks = 400 + (400 / width) + if width == 10 { 4 + 1 } else { 1 };
        assert_eq!(total, blocks, "{leaves:?} {width}");
        let most = calls.iter().map(Vec::len).max().unwrap();
        assert_eq!(most, width.min(AHEAD_BLOCKS), "{leaves:?} {width}");
    }
    assert_eq!(store.blocks(), 0);
}

/// Blocks of 1 MiB are as many bytes as blocks may be ahead of the reader.
#[test]
fn what_is_ahead_is_bounded_in_bytes_too() {
    let inner = build::store();
    let part = leaf(&inner, Leaves::Raw, &vec![0; 1 << 20]);
    let cid = branch(&inner, &vec![part; 100]).cid;
    let store = Counted::new(&inner);
    let mut reader = Reader::open(&store, &cid).unwrap();
    assert_eq!(reader.copy_to(&mut std::io::sink()).unwrap(), 100 << 20);
    let most = store.calls().iter().map(Vec::len).max();
    assert_eq!(most, Some((AHEAD_BYTES >> 20) as usize));
}

/// 10 GiB, of a leaf that is there once, in the widths of Kubo's profiles.
#[test]
fn one_byte_of_ten_gib_takes_the_blocks_above_it_and_its_own() {
    for (chunk, width, depth) in [(256 << 10, 174, 3), (1 << 20, 1024, 2)] {
        let inner = build::store();
        let part = leaf(&inner, Leaves::Raw, &vec![7; chunk]);
        let count = (10 << 30) / chunk;
        let cid = above(&inner, vec![part; count], width).cid;
        let store = Counted::new(&inner);
        for at in [0, 1, 5 << 30, (10 << 30) - 1] {
            let mut reader = Reader::open(&store, &cid).unwrap();
            assert_eq!(reader.size(), 10 << 30);
            reader.seek(SeekFrom::Start(at)).unwrap();
            reader.read_exact(&mut [0]).unwrap();
            assert_eq!(store.blocks(), depth + 1, "byte {at} of chunks of {chunk}");
            // What is above the next byte is known by now.
            reader.seek_relative(chunk as i64 * -3).ok();
            reader.read_exact(&mut [0]).unwrap();
            assert!(store.blocks() <= 2, "byte {at} of chunks of {chunk}");
        }
        let mut reader = Reader::open(&store, &cid).unwrap();
        reader.seek(SeekFrom::Start(10 << 30)).unwrap();
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn no_block_behind_the_end_is_read() {
    let inner = build::store();
    let bytes = Rng::new(2).bytes(6400);
    let cid = file(&inner, Leaves::Raw, &bytes, 100, 64);
    let store = Counted::new(&inner);
    for (start, end) in [
        (0, 6400),
        (0, 1),
        (99, 101),
        (950, 4321),
        (6399, 6400),
        (5, 5),
    ] {
        let mut reader = Reader::open(&store, &cid).unwrap().with_end(end);
        reader.seek(SeekFrom::Start(start)).unwrap();
        let mut found = Vec::new();
        reader.read_to_end(&mut found).unwrap();
        assert_eq!(found, bytes[start as usize..end as usize]);
        let leaves = match end - start {
            0 => 0,
            _ => (end - 1) / 100 - start / 100 + 1,
        };
        assert_eq!(store.blocks() as u64, 1 + leaves, "{start}..{end}");
    }
}

#[test]
fn a_seek_within_the_leaf_in_hand_reads_nothing() {
    let inner = build::store();
    let bytes = Rng::new(3).bytes(1000);
    let cid = file(&inner, Leaves::Raw, &bytes, 100, 10);
    let store = Counted::new(&inner);
    let mut reader = Reader::open(&store, &cid).unwrap();
    let mut byte = [0];
    reader.seek(SeekFrom::Start(250)).unwrap();
    reader.read_exact(&mut byte).unwrap();
    assert_eq!(store.blocks(), 2);
    for at in [299, 200, 250, 201] {
        reader.seek(SeekFrom::Start(at)).unwrap();
        reader.read_exact(&mut byte).unwrap();
        assert_eq!(byte[0], bytes[at as usize]);
    }
    assert_eq!(store.blocks(), 0);
}

#[test]
fn lines_are_read_over_the_edges_of_leaves() {
    let store = build::store();
    let text = "one\ntwo\nthree and four\n\nfive";
    let cid = file(&store, Leaves::Raw, text.as_bytes(), 5, 3);
    let reader = Reader::open(&store, &cid).unwrap();
    let lines: Vec<String> = reader.lines().map(Result::unwrap).collect();
    assert_eq!(lines.join("\n"), text);
}

#[test]
fn a_place_before_the_file_is_an_error_and_one_behind_it_is_not() {
    let store = build::store();
    let cid = file(&store, Leaves::Raw, b"0123456789", 4, 2);
    let mut reader = Reader::open(&store, &cid).unwrap();
    assert_eq!(reader.seek(SeekFrom::End(-3)).unwrap(), 7);
    reader.seek(SeekFrom::Current(-8)).unwrap_err();
    reader.seek(SeekFrom::End(i64::MIN)).unwrap_err();
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "789", "where it stood before");
    assert_eq!(reader.seek(SeekFrom::Start(u64::MAX)).unwrap(), u64::MAX);
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    reader.seek(SeekFrom::Current(1)).unwrap_err();
}

#[test]
fn what_was_kept_with_a_file_is_told() {
    let store = build::store();
    let meta = Meta {
        mode: Some(0o640),
        mtime: Some(Mtime::new(1_700_000_000, 5)),
    };
    let data = Data::leaf(Type::File, "x").with_meta(meta);
    let cid = node(&store, &data, &[]);
    assert_eq!(Reader::open(&store, &cid).unwrap().meta(), meta);
}

/// Of a description what it describes is read, as `ipfs cat` does.
#[test]
fn a_description_leads_to_its_file() {
    let store = build::store();
    let data = Data {
        data: Some("\n\ntext/plain".into()),
        ..Data::new(Type::Metadata)
    };
    let text = leaf(&store, Leaves::Pb(Type::File), b"text").cid;
    let cid = node(&store, &data, &[text]);
    let mut found = String::new();
    let mut reader = Reader::open(&store, &cid).unwrap();
    reader.read_to_string(&mut found).unwrap();
    assert_eq!(found, "text");
    for links in [vec![], vec![cid]] {
        let broken = node(&store, &data, &links);
        let error = Reader::open(&store, &broken).unwrap_err();
        assert!(matches!(error, Error::Kind { .. }), "{error}");
    }
}
