//! What is encoded decodes to the same value; what dag-cbor takes it gives back byte by byte; and
//! the `ipld` crates and Kubo say the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod kubo;
mod values;

use bytes::Bytes;
use dag_ipld::ipld::convert;
use dag_ipld::{Codec, Ipld, Map, cbor, dag_cbor, dag_json, json};
use proptest::collection::vec;
use proptest::prelude::*;

use values::{mutated, value};

fn core(value: &Ipld) -> ipld_core::ipld::Ipld {
    convert::to_core(value).unwrap()
}

/// What plain JSON makes of a value: it has no floats that are whole and have 64 bits.
fn as_json(value: Ipld) -> Ipld {
    match value {
        Ipld::Float(n) if n.fract() == 0.0 && n.abs() < 2f64.powi(64) => {
            Ipld::Integer(n.to_string().parse().unwrap())
        }
        Ipld::List(items) => Ipld::List(items.into_iter().map(as_json).collect()),
        Ipld::Map(map) => {
            let entries = map.into_iter().map(|(name, value)| (name, as_json(value)));
            Ipld::from(entries.collect::<Map>())
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: testkit::run::count("CAIRN_CODECS", 256, 1_000_000) as u32,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// CVE-2023-22460 / GHSA-c653-6hhg-9x92: go-ipld-prime had kinds that its encoders panicked on.
    #[test]
    fn every_value_is_encoded_or_refused_by_every_codec(value in value(false)) {
        for codec in Codec::ALL {
            if let Ok(block) = codec.encode(&value) {
                let expected = match codec {
                    Codec::Json => as_json(value.clone()),
                    _ => value.clone(),
                };
                prop_assert_eq!(codec.decode(&block.into()).unwrap(), expected);
            }
        }
    }

    #[test]
    fn dag_cbor_is_that_of_serde_ipld_dagcbor(value in value(false)) {
        let block: Bytes = dag_cbor::encode(&value).unwrap().into();
        prop_assert_eq!(&serde_ipld_dagcbor::to_vec(&core(&value)).unwrap(), &block);
        let theirs: ipld_core::ipld::Ipld = serde_ipld_dagcbor::from_slice(&block).unwrap();
        prop_assert_eq!(convert::from_core(&theirs), value);
    }

    #[test]
    fn dag_json_keeps_each_value(value in value(false)) {
        if let Ok(block) = dag_json::encode(&value) {
            let block = Bytes::from(block);
            prop_assert_eq!(&dag_json::decode(&block).unwrap(), &value);
            // Sorted names and no white space: the order of the map is not in the block.
            let theirs: ipld_core::ipld::Ipld = convert::to_core(&value).unwrap();
            prop_assert_eq!(dag_json::encode(&convert::from_core(&theirs)).unwrap(), block);
        }
    }

    #[test]
    fn plain_json_and_cbor_keep_values_in_their_order(value in value(true)) {
        let names = |value: &Ipld| format!("{value:?}");
        let block: Bytes = cbor::encode(&value).unwrap().into();
        prop_assert_eq!(names(&cbor::decode(&block).unwrap()), names(&value));
        let block: Bytes = json::encode(&value).unwrap().into();
        prop_assert_eq!(names(&json::decode(&block).unwrap()), names(&as_json(value)));
        let theirs = serde_json::from_slice::<serde_json::Value>(&block);
        prop_assert!(theirs.is_ok(), "{:?}", block);
    }

    /// Strictness: nothing that is taken has a second form.
    #[test]
    fn dag_cbor_that_is_taken_is_given_back(
        value in value(false), at: prop::sample::Index, byte: u8, how: u8,
    ) {
        let block = mutated(dag_cbor::encode(&value).unwrap(), at, byte, how);
        let ours = dag_cbor::decode(&block);
        if let Ok(value) = &ours {
            prop_assert_eq!(&dag_cbor::encode(value).unwrap(), &block);
            prop_assert_eq!(&dag_cbor::decode_relaxed(&block).unwrap(), value);
            let (mut read, mut within) = (Vec::new(), Vec::new());
            dag_cbor::links(&block, &mut |cid| read.push(cid)).unwrap();
            value.links(&mut |cid| within.push(*cid));
            prop_assert_eq!(read, within);
        }
        // They agree but where bytes follow a CID, which serde_ipld_dagcbor drops.
        let theirs = serde_ipld_dagcbor::from_slice::<ipld_core::ipld::Ipld>(&block);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, convert::from_core(&theirs)),
            (Ok(ours), Err(theirs)) => prop_assert!(false, "{:?} {:?}", ours, theirs),
            (Err(ours), Ok(theirs)) => {
                let again = serde_ipld_dagcbor::to_vec(&theirs).unwrap();
                prop_assert!(again != block, "{} {:?}", ours, theirs);
            }
            (Err(_), Err(_)) => {}
        }
    }

    /// CVE-2022-2584 / GHSA-g3vv-g2j5-45f2 and CVE-2022-23495 / GHSA-x39j-h85h-3f46: a dag-pb block
    /// that was none, and a node that could not be encoded, made Go panic.
    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes in vec(any::<u8>(), 0..64)) {
        let block = Bytes::from(bytes);
        for codec in Codec::ALL {
            let value = codec.decode(&block);
            let links = codec.links(&block, &mut |_| ());
            if let Ok(value) = value {
                prop_assert!(links.is_ok());
                let _ = codec.encode(&value);
            }
            let _ = cbor::diagnostic(&block);
        }
    }

    #[test]
    fn any_text_that_is_dag_json_has_one_form(
        value in value(false), at: prop::sample::Index, how: u8,
        byte in prop::sample::select(&b"{}[]\",:/\\eE+-.0129ntfu \n"[..]),
    ) {
        let block = dag_json::encode(&value).unwrap_or_default();
        let block = mutated(block, at, byte, how);
        if let Ok(value) = dag_json::decode(&block) {
            let one: Bytes = dag_json::encode(&value).unwrap().into();
            prop_assert_eq!(&dag_json::decode(&one).unwrap(), &value);
            let links = |block: &[u8]| {
                let mut links = Vec::new();
                dag_json::links(block, &mut |cid| links.push(cid)).map(|()| links)
            };
            prop_assert_eq!(links(&block).unwrap().len(), links(&one).unwrap().len());
        }
    }
}
