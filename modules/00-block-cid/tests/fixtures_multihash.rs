//! Hashes as multiformats, go-multihash, js-multiformats and js-ipfs-unixfs have them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::str::FromStr;

use block_cid::hash::{self, UNSUPPORTED};
use block_cid::{Hash, Multihash, binary};
use data_encoding::HEXLOWER;
use serde_json::Value;
use testkit::fixtures;

fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

#[test]
fn digests_agree_with_multiformats() {
    let Some(table) = fixtures::text("multiformats-multihash/test_cases.csv") else {
        return;
    };
    let mut ran = 0;
    for line in table.lines().skip(1).filter(|line| !line.is_empty()) {
        let [name, bits, input, wanted] = line.split(',').collect::<Vec<_>>()[..] else {
            unreachable!("a row has four fields: {line}")
        };
        let len = bits.parse::<usize>().unwrap() / 8;
        let got = hash::hash_to(name.parse().unwrap(), len, input.as_bytes()).unwrap();
        assert_eq!(HEXLOWER.encode(&got.to_bytes()), wanted, "{line}");
        ran += 1;
    }
    fixtures::ran("multiformats-multihash/test_cases.csv", ran);
}

#[test]
fn digests_agree_with_go_multihash() {
    let Some(table) = fixtures::json("go-multihash/sum.json") else {
        return;
    };
    let mut ran = 0;
    for case in table["cases"].as_array().unwrap() {
        let input = case["input_utf8"].as_str().unwrap().as_bytes();
        let got =
            Hash::from_code(case["code"].as_u64().unwrap()).and_then(|hash| match usize::try_from(
                case["length"].as_i64().unwrap(),
            ) {
                Ok(len) => hash::hash_to(hash, len, input),
                Err(_) => hash::hash(hash, input),
            });
        if case["error"].is_null() {
            assert_eq!(
                got.unwrap().to_bytes(),
                hex(&case["multihash_hex"]),
                "{case}"
            );
        } else {
            assert!(got.is_err(), "{case}");
        }
        ran += 1;
    }
    fixtures::ran("go-multihash/sum.json", ran);
}

/// Whether this name and code are ours, or stand among those we cannot compute.
fn known(name: &str, code: u64) -> bool {
    match Hash::from_code(code) {
        Ok(hash) => hash.name() == name && Hash::from_str(name).unwrap() == hash,
        Err(_) => UNSUPPORTED
            .iter()
            .any(|(family, _)| match family.strip_suffix('*') {
                Some(family) => name.starts_with(family),
                None => name == *family,
            }),
    }
}

/// A digest wrapped, encoded and decoded again.
fn round_trip(code: u64, digest: &[u8]) -> Vec<u8> {
    let wrapped = Multihash::wrap(code, digest).unwrap();
    let bytes = wrapped.to_bytes();
    assert_eq!(binary::multihash(&bytes).unwrap(), wrapped);
    for end in 0..bytes.len() {
        assert!(
            binary::multihash(&bytes[..end]).is_err(),
            "cut at {end} of {}",
            bytes.len()
        );
    }
    assert!(binary::multihash(&[&bytes[..], &[0]].concat()).is_err());
    bytes
}

#[test]
fn multihashes_encode_as_in_go_multihash() {
    let Some(table) = fixtures::json("go-multihash/encode.json") else {
        return;
    };
    let mut ran = 0;
    for case in table["cases"].as_array().unwrap() {
        let (code, digest) = (case["code"].as_u64().unwrap(), hex(&case["digest_hex"]));
        assert!(known(case["name"].as_str().unwrap(), code), "{case}");
        assert!(round_trip(code, &digest).ends_with(&digest), "{case}");
        ran += 1;
    }
    fixtures::ran("go-multihash/encode.json", ran);
}

#[test]
fn multihashes_encode_as_in_js_multiformats() {
    let Some(table) = fixtures::json("js-multiformats/multihash-valid.json") else {
        return;
    };
    let mut ran = 0;
    for case in table["cases"].as_array().unwrap() {
        let (code, digest) = (
            case["encoding"]["code"].as_u64().unwrap(),
            hex(&case["hex"]),
        );
        assert_eq!(case["size"].as_u64().unwrap(), digest.len() as u64);
        // The table was made when murmur3-x64-64 was called murmur3-128.
        let name = match case["encoding"]["name"].as_str().unwrap() {
            "murmur3-128" => "murmur3-x64-64",
            name => name,
        };
        assert!(known(name, code), "{case}");
        let bytes = round_trip(code, &digest);
        let mut wanted = match &case["encoding"]["varint"] {
            Value::Null => vec![code as u8],
            varint => hex(varint),
        };
        wanted.push(digest.len() as u8);
        wanted.extend(&digest);
        assert_eq!(bytes, wanted, "{case}");
        ran += 1;
    }
    fixtures::ran("js-multiformats/multihash-valid.json", ran);
}

#[test]
fn murmur3_agrees_with_js_ipfs_unixfs() {
    let Some(table) = fixtures::json("unixfs/murmur3-x64-64.json") else {
        return;
    };
    let hash = Hash::from_str("murmur3-x64-64").unwrap();
    let mut ran = 0;
    for case in table["cases"].as_array().unwrap() {
        let got = hash::hash(hash, case["input"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(got.digest(), hex(&case["digest_hex"]), "{case}");
        ran += 1;
    }
    fixtures::ran("unixfs/murmur3-x64-64.json", ran);
}
