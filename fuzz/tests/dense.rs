//! Blocks of nothing but small values: the most memory a byte.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use dag_ipld::Codec;
use fuzz::limit::{SPARE, VALUE, measured};

/// A list of CBOR with so many of these items.
fn list(item: &[u8], count: usize) -> Bytes {
    let head = [&[0x9a][..], &(count as u32).to_be_bytes()].concat();
    [head, item.repeat(count)].concat().into()
}

#[test]
fn the_densest_values_stay_within_their_bound() {
    let mut most = 0;
    // A list has room for a power of two, and for twice as many when one more comes.
    for count in [1 << 15, (1 << 15) + 1, 50_000] {
        for item in [
            &[0][..],
            &[0x40],
            &[0x60],
            &[0x80],
            &[0xa0],
            &[0x81, 0],
            &[0xa1, 0x60, 0],
        ] {
            let block = list(item, count);
            let (value, used) = measured(|| Codec::DagCbor.decode_relaxed(&block));
            value.unwrap();
            assert!(
                used <= VALUE * block.len() as u64 + SPARE,
                "{item:x?}: {used}"
            );
            most = most.max(used / block.len() as u64);
        }
    }
    testkit::report(&format!("the densest value takes {most} bytes a byte"));
    assert!(
        most > VALUE / 2,
        "{most} bytes a byte: the bound says more than it has to"
    );
}
