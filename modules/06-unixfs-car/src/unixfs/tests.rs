#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use proptest::prelude::*;
use testkit::fixtures;

use super::*;
use crate::Error;

fn hex(text: &str) -> Bytes {
    HEX.decode(text.replace(' ', "").as_bytes()).unwrap().into()
}

fn offset(bytes: &Bytes) -> usize {
    match Data::decode(bytes) {
        Err(Error::Decode { offset, .. }) => offset,
        other => unreachable!("{bytes:x?}: {other:?}"),
    }
}

fn full() -> Data {
    Data {
        kind: Type::HAMTShard,
        data: Some(Bytes::from_static(b"ab")),
        filesize: Some(300),
        blocksizes: vec![1, 0, 1 << 40],
        hash_type: Some(MURMUR3),
        fanout: Some(256),
        meta: Meta {
            mode: Some(0o644),
            mtime: Some(Mtime::new(-1, 5)),
        },
    }
}

#[test]
fn every_field_has_its_place() {
    let bytes = hex(
        "0805 12026162 18ac02 2001 2000 20808080808020 2822 308002 38a403 \
         4210 08ffffffffffffffffff01 1505000000",
    );
    assert_eq!(full().encode(), bytes);
    assert_eq!(full().encoded_len(), bytes.len());
    assert_eq!(Data::decode(&bytes).unwrap(), full());
}

/// Nodes that every IPFS node has met.
#[test]
fn the_smallest_nodes_have_the_bytes_that_kubo_gives_them() {
    for (data, block) in [
        (Data::directory(), "0a020801"),
        (Data::leaf(Type::File, Bytes::new()), "0a0408021800"),
        (Data::leaf(Type::Raw, "a"), "0a07080012016118 01"),
        (Data::symlink("b"), "0a05 0804 120162"),
    ] {
        assert_eq!(data.block(), hex(block));
    }
}

/// The files of js-ipfs-unixfs; `raw.unixfs` is of type file there, too.
#[test]
fn the_foreign_nodes_are_read_and_written_again() {
    let hello = Bytes::from_static(b"Hello UnixFS\n");
    let Some(folder) = fixtures::named("unixfs/protobuf") else {
        return;
    };
    for (name, data) in [
        ("directory.unixfs", Data::directory()),
        ("file.txt.unixfs", Data::leaf(Type::File, hello.clone())),
        ("raw.unixfs", Data::leaf(Type::File, hello)),
        ("symlink.txt.unixfs", Data::symlink("file.txt")),
    ] {
        let file = folder.join(name);
        if !file.exists() {
            fixtures::skipped(name, "this root does not have it");
            continue;
        }
        let bytes = Bytes::from(std::fs::read(file).unwrap());
        assert_eq!(Data::decode(&bytes).unwrap(), data, "{name}");
        assert_eq!(data.encode(), bytes, "{name}");
    }
    // And what another root has of them.
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "unixfs") {
            let bytes = Bytes::from(std::fs::read(&path).unwrap());
            let data = Data::decode(&bytes).unwrap();
            assert_eq!(data.encode(), bytes, "{}", path.display());
            cases += 1;
        }
    }
    fixtures::ran("unixfs/protobuf", cases);
}

#[test]
fn what_kubo_reads_is_read() {
    for (bytes, data) in [
        // Fields in another order, one twice, and one that nobody knows.
        ("1805 120161 1801 7a0131 0802", Data::leaf(Type::File, "a")),
        // Sizes in one list, and after it one that is not.
        (
            "0802 220301ac02 2002",
            Data {
                blocksizes: vec![1, 300, 2],
                ..Data::new(Type::File)
            },
        ),
        // A number that is longer than it has to be.
        ("088200", Data::new(Type::File)),
        // More of a mode than 32 bits.
        (
            "0801 38a483808080808001",
            Data::directory().with_meta(Meta {
                mode: Some(0o644),
                mtime: None,
            }),
        ),
    ] {
        assert_eq!(Data::decode(&hex(bytes)).unwrap(), data, "{bytes}");
    }
}

#[test]
fn what_is_no_unixfs_is_refused_where_it_begins() {
    for (bytes, at) in [
        ("", 0),
        ("1800", 2),
        ("0806", 0),
        ("0a0101", 0),
        ("0802 1001", 2),
        ("0802 1a0101", 2),
        ("0802 2501000000", 2),
        ("0802 220180", 4),
        ("0802 220aff808080808080808001", 4),
        ("0802 4200", 4),
        ("0802 42021001", 4),
        ("0802 42050d01000000", 4),
        ("0802 ff", 2),
    ] {
        assert_eq!(offset(&hex(bytes)), at, "{bytes}");
    }
}

#[test]
fn memory_is_that_of_the_bytes_and_four_times_as_much() {
    let mut bomb = vec![0x08, 0x02, 0x22, 0xa0, 0x8d, 0x06];
    bomb.resize(6 + 100_000, 0);
    assert_eq!(offset(&bomb.into()), 0);
    let mut long = vec![0x08, 0x02];
    long.extend([0x20, 0x7f].repeat(100_000));
    let read = Data::decode(&long.into()).unwrap();
    assert_eq!(read.blocksizes.capacity(), 100_000);
}

#[test]
fn a_time_that_is_none_is_kept_and_not_believed() {
    let data = Data::decode(&hex("0802 4207 0801 1500ca9a3b")).unwrap();
    let mtime = data.meta.mtime.unwrap();
    assert_eq!((mtime.fraction, mtime.nanos()), (Some(1_000_000_000), None));
    assert_eq!(data.encode(), hex("0802 4207 0801 1500ca9a3b"));
    assert_eq!(Mtime::new(7, 0).fraction, None);
    assert_eq!(Mtime::new(7, 0).nanos(), Some(0));
    assert_eq!(Mtime::new(7, 999_999_999).nanos(), Some(999_999_999));
}

#[test]
fn of_a_mode_twelve_bits_are_permissions() {
    let meta = Meta {
        mode: Some(0o106_755),
        mtime: None,
    };
    assert_eq!(meta.permissions(), Some(0o6755));
    assert!(!meta.is_empty() && Meta::default().is_empty());
}

prop_compose! {
    fn any_data()(
        code in 0_u64..6,
        data in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..200)),
        filesize: Option<u64>,
        blocksizes in proptest::collection::vec(any::<u64>().prop_map(|size| size >> 1), 0..20),
        hash_type: Option<u64>,
        fanout: Option<u64>,
        mode: Option<u32>,
        mtime: Option<(i64, Option<u32>)>,
    ) -> Data {
        Data {
            kind: Type::from_code(code).unwrap(),
            data: data.map(Bytes::from),
            filesize,
            blocksizes,
            hash_type,
            fanout,
            meta: Meta {
                mode,
                mtime: mtime.map(|(seconds, fraction)| Mtime { seconds, fraction }),
            },
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(data in any_data()) {
        let bytes = Bytes::from(data.encode());
        prop_assert_eq!(bytes.len(), data.encoded_len());
        prop_assert_eq!(&Data::decode(&bytes).unwrap(), &data);
        let node = dag_ipld::pb::Node::decode(&data.block().into()).unwrap();
        prop_assert_eq!(node.data, Some(bytes));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100), data in any_data()) {
        let _ = Data::decode(&bytes.into());
        let whole = Bytes::from(data.encode());
        for end in 0..whole.len() {
            let _ = Data::decode(&whole.slice(..end));
        }
    }
}
