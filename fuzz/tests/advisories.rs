//! Faults that other implementations had, each under its number; README.md lists all of them, with the
//! tests that lie elsewhere. Where it is cheap the fault itself stands beside the check, and is seen to
//! be caught by it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::panic::catch_unwind;
use std::thread;

use block_cid::{Block, Blocks, Blockstore, Cid, Error, Multihash, binary, car, varint};
use bytes::Bytes;
use dag_ipld::pb::{Link, Node};
use dag_ipld::protobuf::Reader;
use dag_ipld::{Codec, Ipld};
use datastore::MemStore;
use fuzz::limit::{SPARE, measured};
use unixfs_car::car::index::{Index, Source};
use unixfs_car::unixfs::Data;

/// Whether this panics.
fn panics(work: impl FnOnce() + std::panic::UnwindSafe) -> bool {
    catch_unwind(work).is_err()
}

fn node() -> Node {
    let cid = *Block::raw("linked to").cid();
    let link = |name: &str| Link {
        cid,
        name: Some(name.to_owned().into()),
        size: Some(300),
    };
    Node {
        links: vec![link("a"), link("b")],
        data: Some("data".into()),
    }
}

/// CVE-2022-2584 / GHSA-967g-cjx4-h7j6, GHSA-g3vv-g2j5-45f2: go-codec-dagpb took a part of a block that
/// was longer than the block.
#[test]
fn cve_2022_2584_dag_pb_with_any_byte_changed_is_a_node_or_an_error() {
    let block = node().encode();
    let naive = |block: &[u8]| block[2..2 + usize::from(block[1])].len();
    let (mut refused, mut caught) = (0, 0);
    for at in 0..block.len() {
        for byte in 0..=u8::MAX {
            let mut block = block.clone();
            block[at] = byte;
            caught += usize::from(panics(|| assert!(naive(&block) < 256)));
            let decoded = Node::decode(&block.clone().into());
            refused += usize::from(decoded.is_err());
            if at == 1 && usize::from(byte & 0x7f) + 2 > block.len() {
                assert!(decoded.is_err(), "a link of {byte} bytes");
            }
        }
    }
    assert!(refused > 1000, "{refused} refused");
    assert!(caught > 0, "the fault was not caught");
}

/// CVE-2022-23495 / GHSA-x39j-h85h-3f46: a node of go-merkledag whose hash nobody knows could not be
/// encoded, and ended the program when it was asked for its CID.
#[test]
fn cve_2022_23495_a_hash_that_nobody_knows_is_an_error() {
    let store = Blocks::new(MemStore::new());
    for code in [0x01, 0x0fff, 0xb2ff, 0x3fff_ffff, i64::MAX as u64] {
        let cid = Cid::new_v1(0x70, Multihash::wrap(code, &[7; 32]).unwrap());
        let refused = |result: block_cid::Result<()>| match result {
            Err(Error::Hash { .. }) => {}
            other => panic!("{code:#x}: {other:?}"),
        };
        refused(Block::checked(cid, "bytes").map(drop));
        refused(store.put(&Block::claimed(cid, "bytes")));
        refused(store.get(&cid).map(drop));
        // To link to it is no fault: somebody else may know it.
        let mut node = node();
        node.links[0].cid = cid;
        assert_eq!(Node::decode(&node.encode().into()).unwrap(), node);
    }
    // A value that is no node is refused with where it is none.
    for value in [
        Ipld::Null,
        Ipld::from([("Links", Ipld::Null)]),
        Ipld::from([("Links", Ipld::List(vec![Ipld::Null]))]),
        Ipld::from([("Links", Ipld::List(vec![])), ("Data", Ipld::from("text"))]),
    ] {
        assert!(Node::from_ipld(&value).is_err(), "{value:?}");
    }
}

/// CVE-2023-22460 / GHSA-c653-6hhg-9x92: bytes, which JSON does not have, ended go-ipld-prime.
#[test]
fn cve_2023_22460_bytes_are_encoded_or_refused() {
    let bytes = || Ipld::from(Bytes::from_static(b"\0\xff"));
    let values = [
        bytes(),
        Ipld::List(vec![bytes()]),
        Ipld::from([("bytes", bytes())]),
        Ipld::from([("/", bytes())]),
    ];
    for (n, value) in values.iter().enumerate() {
        for codec in Codec::ALL {
            let has = match codec {
                Codec::DagCbor | Codec::DagJson | Codec::Cbor => true,
                Codec::Raw => n == 0,
                Codec::DagPb | Codec::Json => false,
            };
            match codec.encode(value) {
                Ok(block) => assert_eq!(codec.decode(&block.into()).unwrap(), *value),
                // Nor are there maps that would be read as links or bytes.
                Err(error) => assert!(!has || n == 3 && codec == Codec::DagJson, "{error}"),
            }
        }
    }
}

/// RUSTSEC-2020-0068 / CVE-2020-35909: `multihash::from_slice` took as many bytes as it was told of.
#[test]
fn rustsec_2020_0068_every_short_multihash_is_read_or_refused() {
    let naive = |bytes: &[u8]| bytes[2..2 + usize::from(bytes[1])].to_vec();
    let mut caught = 0;
    let mut check = |bytes: &[u8]| {
        if let Ok(hash) = binary::multihash(bytes) {
            assert_eq!(hash.to_bytes(), bytes);
        } else if caught == 0 {
            caught += usize::from(panics(|| drop(naive(bytes))));
        }
    };
    check(&[]);
    for first in 0..=u8::MAX {
        check(&[first]);
        for second in 0..=u8::MAX {
            check(&[first, second]);
            for third in [0, 1, 0x7f, 0x80, 0xff] {
                check(&[first, second, third]);
            }
        }
    }
    assert_eq!(caught, 1, "the fault was not caught");
}

/// RUSTSEC-2017-0006: rmpv made room for as many bytes as were announced. Here for every length there
/// is in every format.
#[test]
fn rustsec_2017_0006_no_length_makes_room() {
    type Decode = fn(Bytes) -> bool;
    let cbor: Decode = |bytes| Codec::DagCbor.decode_relaxed(&bytes).is_err();
    let pb: Decode = |bytes| Node::decode(&bytes).is_err();
    let unixfs: Decode = |bytes| Data::decode(&bytes).is_err();
    let index: Decode = |bytes| Index::open(Source::memory(&bytes[..])).is_err();
    let cars: Decode = |bytes| match car::Reader::new(&bytes[..]) {
        Ok(mut sections) => sections.any(|section| section.is_err()),
        Err(_) => true,
    };
    let car = car::Writer::new(Vec::new(), &[]).unwrap().finish().unwrap();
    // The largest that go by as lengths, too: a header of 1 MiB, a section of 4.
    for length in [1 << 20, 4 << 20, 1 << 30, 1 << 40, 1 << 62] {
        let mut number = Vec::new();
        varint::encode(length, &mut number);
        let after = |head: &[u8]| [head, &number].concat();
        let cases = [
            (cbor, [&[0x5b][..], &length.to_be_bytes()].concat()),
            (cbor, [&[0x7b][..], &length.to_be_bytes()].concat()),
            (cbor, [&[0x9b][..], &length.to_be_bytes()].concat()),
            (cbor, [&[0xbb][..], &length.to_be_bytes()].concat()),
            (pb, after(&[0x12])),
            (pb, after(&[0x0a])),
            (unixfs, after(&[0x08, 2, 0x12])),
            (unixfs, after(&[0x08, 2, 0x22])),
            (unixfs, after(&[0x08, 2, 0x42])),
            (cars, after(&[])),
            (cars, after(&car)),
            (
                index,
                [
                    &[0x81, 0x08, 0xff, 0xff, 0xff, 0xff][..],
                    &length.to_le_bytes(),
                ]
                .concat(),
            ),
            (
                index,
                [
                    &[0x80, 0x08, 1, 0, 0, 0, 40, 0, 0, 0][..],
                    &length.to_le_bytes(),
                ]
                .concat(),
            ),
        ];
        for (decode, bytes) in cases {
            let limit = 4 * bytes.len() as u64 + SPARE;
            let (refused, used) = measured(|| decode(bytes.clone().into()));
            assert!(refused && used <= limit, "{used} bytes for {bytes:x?}");
        }
    }
    let (_, used) = measured(|| drop(Vec::<u8>::with_capacity(1 << 20)));
    assert!(used > SPARE, "the fault was not caught");
}

/// RUSTSEC-2020-0002 (prost), RUSTSEC-2024-0437 (protobuf): groups within groups, one call each.
#[test]
fn rustsec_2020_0002_groups_within_groups_are_refused() {
    let tried = thread::Builder::new().stack_size(256 << 10).spawn(|| {
        // A group of field 1, of a field that is unknown, and messages within messages.
        for unit in [&[0x0b][..], &[0x7b], &[0x0a, 0x7f], &[0x7a, 0x7f]] {
            let block = Bytes::from(unit.repeat(1 << 20));
            let mut reader = Reader::new(&block);
            while let Ok(Some(_)) = reader.field() {}
            assert!(Node::decode(&block).is_err());
            assert!(Data::decode(&block).is_err());
            assert!(Codec::DagPb.links(&block, &mut |_| ()).is_err());
        }
    });
    tried.unwrap().join().unwrap();
}
