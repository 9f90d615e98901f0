//! The largest blocks that there are, of nothing but the smallest values.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use bytes::Bytes;
use dag_ipld::{Codec, Ipld};
use rustix::time::{ClockId, clock_gettime};
use testkit::report;

/// The largest block that IPFS moves, in bytes; an eighth of it where nothing is optimized.
const SIZE: usize = if SLOW { 256 << 10 } else { 2 << 20 };

/// The goal is 100 ms. What takes fifty times that grows faster than the block, on any machine.
const TIME: Duration = Duration::from_secs(5);

const SLOW: bool = cfg!(debug_assertions);

fn repeat(begin: &[u8], item: &[u8], end: &[u8]) -> Bytes {
    let count = (SIZE - begin.len() - end.len()) / item.len();
    [begin, &item.repeat(count), end].concat().into()
}

/// A list of CBOR with as many of these items as there is room for.
fn list(item: &[u8]) -> Bytes {
    let count = ((SIZE - 5) / item.len()) as u32;
    let head = [&[0x9a][..], &count.to_be_bytes()].concat();
    [head, item.repeat(count as usize)].concat().into()
}

fn dense() -> Vec<(&'static str, Codec, Bytes)> {
    let link = [0xd8, 0x2a, 0x45, 0, 1, 0x55, 0, 0];
    let names: String = (0..SIZE / 10).map(|n| format!("\"{n:05x}\":0,")).collect();
    let mut map = vec![0xba];
    let entries = (SIZE / 5 - 1).min(1 << 18) as u32;
    map.extend(entries.to_be_bytes());
    for n in 0..entries {
        let digit = |bits: u32| b'0' + (n >> bits & 63) as u8;
        map.extend([0x63, digit(12), digit(6), digit(0), 0]);
    }
    let pb = [0x12, 6, 0x0a, 4, 1, 0x55, 0, 0];
    vec![
        ("integers", Codec::DagCbor, list(&[0])),
        ("null", Codec::DagCbor, list(&[0xf6])),
        ("empty text", Codec::DagCbor, list(&[0x60])),
        ("short text", Codec::DagCbor, list(&[0x61, b'a'])),
        ("empty bytes", Codec::DagCbor, list(&[0x40])),
        ("empty lists", Codec::DagCbor, list(&[0x80])),
        ("lists of one", Codec::DagCbor, list(&[0x81, 0])),
        ("empty maps", Codec::DagCbor, list(&[0xa0])),
        ("maps of one", Codec::DagCbor, list(&[0xa1, 0x60, 0])),
        ("links", Codec::DagCbor, list(&link)),
        ("names", Codec::Cbor, map.into()),
        ("numbers", Codec::DagJson, repeat(b"[0", b",0", b"]")),
        ("text", Codec::DagJson, repeat(b"[0", b",\"\"", b"]")),
        ("lists", Codec::DagJson, repeat(b"[0", b",[]", b"]")),
        ("maps", Codec::DagJson, repeat(b"[0", b",{}", b"]")),
        ("escapes", Codec::DagJson, repeat(b"\"", b"\\n", b"\"")),
        ("floats", Codec::Json, repeat(b"[0", b",0.1", b"]")),
        ("names", Codec::DagJson, format!("{{{names}\"\":0}}").into()),
        ("links", Codec::DagPb, repeat(b"", &pb, b"")),
    ]
}

/// A value is as large as a text and 8 bytes.
#[test]
fn a_value_takes_32_bytes() {
    assert_eq!(size_of::<Ipld>(), 32);
}

/// The best of three: others on the machine take their share of the memory, too.
#[test]
fn the_largest_blocks_are_read_in_no_time() {
    let mut slow = Vec::new();
    for (name, codec, block) in dense() {
        let took = (0..3).map(|_| {
            let begun = time();
            // Of a smaller block the count of a list has a shorter form.
            let value = codec.decode_relaxed(&block);
            let took = time() - begun;
            assert!(value.is_ok(), "{codec}, {name}: {value:?}");
            let begun = time();
            codec.links(&block, &mut |_| ()).unwrap();
            (took, time() - begun)
        });
        let (value, links) = took.min().unwrap();
        report(&format!("{codec}, {name}: {value:?}, its links {links:?}"));
        if value > TIME || links > TIME {
            slow.push((codec, name, value));
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}

/// How long this thread has had a core.
fn time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
