//! Blocks that are made to break a decoder, each as it once broke another.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use block_cid::{Multihash, hash};
use bytes::Bytes;
use dag_ipld::ipld::{MAX_DEPTH, convert};
use dag_ipld::pb::{Link, Node};
use dag_ipld::{Cid, Codec, Error, Ipld};
use rustix::time::{ClockId, clock_gettime};

/// Runs on a thread that has a stack of 256 KiB.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    thread.spawn(run).unwrap().join().unwrap();
}

fn nested(codec: Codec, begin: &[u8], levels: usize, end: &[u8]) -> (Codec, Bytes) {
    let middle: &[u8] = if codec == Codec::DagCbor || codec == Codec::Cbor {
        &[0xf6]
    } else {
        b"null"
    };
    (
        codec,
        [&begin.repeat(levels), middle, &end.repeat(levels)]
            .concat()
            .into(),
    )
}

/// Blocks nested so many levels deep, in each way that a codec can nest.
fn towers(levels: usize) -> Vec<(Codec, Bytes)> {
    let mut towers = vec![
        nested(Codec::DagJson, b"[", levels, b"]"),
        nested(Codec::Json, br#"{"a":"#, levels, b"}"),
        nested(Codec::DagJson, br#"{"/":"#, levels, b"}"),
        nested(Codec::Cbor, &[0x9f], levels, &[0xff]),
        nested(Codec::Cbor, &[0xbf, 0x61, b'a'], levels, &[0xff]),
    ];
    for codec in [Codec::DagCbor, Codec::Cbor] {
        towers.push(nested(codec, &[0x81], levels, b""));
        towers.push(nested(codec, &[0xa1, 0x61, b'a'], levels, b""));
    }
    towers
}

/// CVE-2026-42328 / GHSA-w239-58x2-q8p5: go-ipld-prime recursed once a level until its stack was
/// full.
#[test]
fn nesting_of_ten_million_levels_is_an_error() {
    on_a_small_stack(|| {
        let mut towers = towers(1000);
        towers.push((Codec::DagCbor, vec![0x81; 10_000_000].into()));
        towers.push((Codec::DagJson, vec![b'['; 10_000_000].into()));
        // Tags nest, too, and are refused by the value, or by their depth where it is not made.
        towers.push(nested(Codec::Cbor, &[0xc6], 1000, b""));
        towers.push(nested(Codec::DagCbor, &[0xd8, 42], 1000, b""));
        for (codec, block) in towers {
            let deep = |result: Result<_, Error>| match result {
                Err(Error::TooDeep { codec: named, .. }) => named == codec,
                Err(Error::Decode { .. }) => matches!(block[0], 0xc6 | 0xd8),
                other => panic!("{other:?}"),
            };
            assert!(deep(codec.decode(&block)), "{codec}");
            assert!(deep(codec.decode_relaxed(&block)), "{codec}");
            let links = codec.links(&block, &mut |_| ());
            assert_eq!(
                links.is_err(),
                matches!(codec, Codec::DagCbor | Codec::DagJson)
            );
        }
    });
}

/// The other half of the same: what is as deep as it may be goes through everything that
/// recurses, and a level more through nothing.
#[test]
fn the_deepest_value_fits_a_small_stack() {
    on_a_small_stack(|| {
        for (codec, block) in towers(MAX_DEPTH) {
            let value = codec
                .decode(&block)
                .unwrap_or_else(|error| panic!("{codec}: {error}"));
            assert_eq!(value, value.clone());
            assert!(!format!("{value:?}").is_empty());
            value.links(&mut |_| ());
            assert_eq!(
                convert::from_core(&convert::to_core(&value).unwrap()),
                value
            );
            for to in [Codec::DagCbor, Codec::DagJson, Codec::Cbor, Codec::Json] {
                let block = to.encode(&value).unwrap().into();
                assert_eq!(to.decode(&block).unwrap(), value);
            }
            let more = Ipld::List(vec![value]);
            for to in [Codec::DagCbor, Codec::DagJson, Codec::Cbor, Codec::Json] {
                let error = to.encode(&more).unwrap_err();
                assert!(
                    error.to_string().contains("more than 128 levels"),
                    "{error}"
                );
            }
        }
        for (codec, block) in towers(MAX_DEPTH + 1) {
            assert!(
                matches!(codec.decode(&block), Err(Error::TooDeep { .. })),
                "{codec}"
            );
        }
    });
}

/// A link and bytes are levels of dag-json, so that it writes nothing that it does not read.
#[test]
fn dag_json_writes_no_level_that_it_does_not_read() {
    let link = Ipld::from(Cid::new_v1(0x55, hash::sha2_256(b"")));
    for (inner, own) in [(link, 1), (Ipld::from(Bytes::new()), 2), (Ipld::Null, 0)] {
        for levels in MAX_DEPTH - 3..=MAX_DEPTH {
            let value = (0..levels).fold(inner.clone(), |value, _| Ipld::List(vec![value]));
            match Codec::DagJson.encode(&value) {
                Ok(block) => assert_eq!(Codec::DagJson.decode(&block.into()).unwrap(), value),
                Err(_) => assert!(levels + own > MAX_DEPTH),
            }
        }
    }
}

/// CVE-2026-35480 / GHSA-378j-3jfj-8r9f: less than 100 bytes made go-ipld-prime allocate 9 GB.
#[test]
fn memory_is_taken_for_what_is_there_not_for_what_is_announced() {
    let heads: [&[u8]; 8] = [
        &[0x9a, 0x40, 0, 0, 0],
        &[0xba, 0x40, 0, 0, 0],
        &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0],
        &[0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x7a, 0x40, 0, 0, 0],
        &[0xd8, 0x2a, 0x5a, 0x40, 0, 0, 0],
    ];
    let mut bombs = Vec::new();
    for head in heads {
        // Below a row of lists that have what they announce.
        for levels in [0, 1, 100] {
            bombs.push((Codec::DagCbor, [&[0x81].repeat(levels), head].concat()));
        }
        bombs.push((Codec::DagCbor, head.repeat(100)));
    }
    // Each level announces all the bytes that are left, and one of them is a level more.
    let greedy = (0..1000u16).rev().flat_map(|n| {
        let [high, low] = (n * 3).to_be_bytes();
        [0x99, high, low]
    });
    bombs.push((Codec::DagCbor, greedy.collect()));
    for length in [1 << 30, u64::MAX] {
        let mut block = vec![0x12];
        block_cid::varint::encode(length, &mut block);
        bombs.push((Codec::DagPb, block.repeat(10)));
        block[0] = 0x0a;
        bombs.push((Codec::DagPb, block));
    }
    for (codec, block) in bombs {
        let block = Bytes::from(block);
        let limit = 4 * block.len() as u64 + (64 << 10);
        let mut failed = (false, false);
        let used = allocation_counter::measure(|| {
            failed.0 = codec.decode(&block).is_err();
            failed.1 = codec.links(&block, &mut |_| ()).is_err();
        });
        assert_eq!(failed, (true, true), "{codec} {block:x?}");
        assert!(
            used.bytes_max <= limit,
            "{codec}: {} of {limit}",
            used.bytes_max
        );
    }
}

/// A block of 128 KiB that is nothing but small items, for each codec.
fn dense() -> Vec<(&'static str, Codec, Bytes)> {
    const SIZE: usize = 128 << 10;
    let list = [&[0x9a][..], &(SIZE as u32 - 5).to_be_bytes()].concat();
    let repeat = |begin: &[u8], item: &[u8], end: &[u8]| {
        let count = (SIZE - begin.len() - end.len()) / item.len();
        Bytes::from([begin, &item.repeat(count), end].concat())
    };
    let cid = Cid::new_v1(0x55, Multihash::wrap(0, &[]).unwrap());
    let link = Link {
        cid,
        name: None,
        size: None,
    };
    let links = Node {
        links: vec![link; SIZE / 8],
        data: None,
    };
    let names: String = (0..SIZE / 12).map(|n| format!("\"{n:06}\":0,")).collect();
    vec![
        ("integers", Codec::DagCbor, repeat(&list, &[0], &[])),
        ("empty lists", Codec::DagCbor, repeat(&list, &[0x80], &[])),
        ("pieces", Codec::Cbor, repeat(&[0x5f], &[0x41, 0], &[0xff])),
        ("numbers", Codec::DagJson, repeat(b"[0", b",0", b"]")),
        ("escapes", Codec::DagJson, repeat(b"\"", b"\\n", b"\"")),
        ("digits", Codec::DagJson, repeat(b"0.", b"1", b"e-9")),
        ("spaces", Codec::DagJson, repeat(b"[", b" ", b"]")),
        ("names", Codec::DagJson, format!("{{{names}\"\":0}}").into()),
        ("links", Codec::DagPb, links.encode().into()),
    ]
}

/// How long this thread had a core, in seconds: others may keep it waiting.
fn seconds() -> i64 {
    clock_gettime(ClockId::ThreadCPUTime).tv_sec
}

/// Time that grows with the square of the length would be minutes here.
#[test]
fn every_block_is_read_in_time_that_grows_with_its_length() {
    for (name, codec, block) in dense() {
        let begun = seconds();
        codec
            .decode(&block)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        codec.links(&block, &mut |_| ()).unwrap();
        assert!(seconds() - begun < 5, "{name}");
    }
}

/// What walks a DAG needs links alone, and memory for the depth of a block, not for its length.
#[test]
fn links_are_read_in_64_kib() {
    for (name, codec, block) in dense() {
        let used = allocation_counter::measure(|| codec.links(&block, &mut |_| ()).unwrap());
        let limit = if name == "escapes" {
            2 * block.len() as u64
        } else {
            64 << 10
        };
        assert!(used.bytes_max <= limit, "{name}: {}", used.bytes_max);
    }
}

/// Kubo's limit for identity, which boxo had not checked before 0.35; other digests have it, too.
#[test]
fn links_have_digests_of_up_to_128_bytes() {
    for len in [0, 64, 65, 127, 128, 129, 200] {
        let digest = vec![7; len];
        let mut bytes = vec![0x01, 0x55, 0x00];
        block_cid::varint::encode(len as u64, &mut bytes);
        bytes.extend(digest);
        let cbor = {
            let mut block = vec![0xd8, 42, 0x58, bytes.len() as u8 + 1, 0];
            block.extend(&bytes);
            block
        };
        let pb = {
            let mut link = Vec::new();
            dag_ipld::protobuf::put_bytes(&mut link, 1, &bytes);
            let mut block = Vec::new();
            dag_ipld::protobuf::put_bytes(&mut block, 2, &link);
            block
        };
        let base32 = data_encoding::BASE32_NOPAD.encode(&bytes).to_lowercase();
        let json = format!(r#"{{"/":"b{base32}"}}"#);
        // Below 24 bytes the head of the bytes is shorter than the one above.
        let cbor = if bytes.len() < 23 {
            [&[0xd8, 42, 0x40 | cbor[3]], &cbor[4..]].concat()
        } else {
            cbor
        };
        for (codec, block) in [
            (Codec::DagCbor, cbor),
            (Codec::DagPb, pb),
            (Codec::DagJson, json.into_bytes()),
        ] {
            let block = Bytes::from(block);
            let decoded = codec.decode(&block);
            assert_eq!(decoded.is_ok(), len <= 128, "{codec} {len}: {decoded:?}");
            let mut links = Vec::new();
            let read = codec.links(&block, &mut |cid| links.push(cid));
            assert_eq!(read.is_ok(), len <= 128, "{codec} {len}");
            if let Ok(value) = decoded {
                assert_eq!(links.len(), 1);
                assert_eq!(links[0].hash().digest().len(), len);
                assert_eq!(codec.encode(&value).unwrap(), block);
            }
        }
    }
}
