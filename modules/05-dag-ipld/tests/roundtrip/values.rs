//! Values and blocks that a strategy makes.

use block_cid::hash;
use bytes::Bytes;
use dag_ipld::{Cid, Ipld, Map};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// Integers at the edges of each length.
fn integer() -> impl Strategy<Value = i128> {
    let edge = (0u32..65, -2i128..3).prop_map(|(bits, by)| (1i128 << bits) + by);
    let either = prop_oneof![edge, any::<i64>().prop_map(i128::from)];
    let signed = (either, any::<bool>()).prop_map(|(n, minus)| if minus { -n } else { n });
    signed.prop_map(|n| n.clamp(-(1 << 64), (1 << 64) - 1))
}

fn float() -> impl Strategy<Value = f64> {
    let bits = any::<u64>().prop_map(f64::from_bits);
    let whole = any::<i32>().prop_map(f64::from);
    let round = (-30i32..30).prop_map(|n| 10f64.powi(n));
    let finite = |n: &f64| n.is_finite() && (*n != 0.0 || n.is_sign_positive());
    prop_oneof![bits, whole, round].prop_filter("dag-cbor has no others", finite)
}

fn link() -> impl Strategy<Value = Ipld> {
    any::<u8>().prop_map(|n| Ipld::from(Cid::new_v1(0x71, hash::sha2_256(&[n]))))
}

/// Any value; one that plain JSON has, too, if `json`.
pub fn value(json: bool) -> impl Strategy<Value = Ipld> {
    let bytes = vec(any::<u8>(), 0..9).prop_map(|bytes| Ipld::from(Bytes::from(bytes)));
    let dag = prop_oneof![bytes, link()].boxed();
    let leaf = prop_oneof![
        Just(Ipld::Null),
        any::<bool>().prop_map(Ipld::Bool),
        integer().prop_map(Ipld::Integer),
        float().prop_map(Ipld::Float),
        any::<String>().prop_map(Ipld::String),
        if json { Just(Ipld::Null).boxed() } else { dag },
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        // Names in an order that no codec sorts by.
        let names = btree_map(any::<String>(), inner.clone(), 0..6);
        prop_oneof![
            vec(inner, 0..6).prop_map(Ipld::List),
            names.prop_map(|map| Ipld::from(map.into_iter().rev().collect::<Map>())),
        ]
    })
}

/// A block with one byte changed, put in or taken out.
pub fn mutated(mut block: Vec<u8>, at: prop::sample::Index, byte: u8, how: u8) -> Bytes {
    if !block.is_empty() {
        let at = at.index(block.len());
        match how % 3 {
            0 => block[at] = byte,
            1 => block.insert(at, byte),
            _ => drop(block.remove(at)),
        }
    }
    block.into()
}
