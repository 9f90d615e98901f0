//! CIDs as go-cid, js-multiformats and Kubo have them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use block_cid::{Base, Cid, Hash, binary, codec, text, to_v0, to_v1};
use cid::Version;
use data_encoding::HEXLOWER;
use serde_json::Value;
use testkit::fixtures;

fn unhex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

/// A row whose two CIDs are those of different bytes: the digest of its v1 is that of "abc", as
/// the table's own `decode_first` says, and the digest of its v0 is not.
const MISTAKEN: &str = "QmTFHZL5CkgNz19MdPnSuyLAi6AVq9fFp81zmPpaL2amED";

/// The CID of a text, which every base and the binary form give back.
fn parsed(value: &Value) -> Cid {
    let cid = text::parse(value.as_str().unwrap()).unwrap();
    assert_eq!(binary::decode(&cid.to_bytes()).unwrap(), cid);
    let v1 = to_v1(&cid);
    for (base, name) in block_cid::base::all() {
        let text = text::display(&v1, Some(base)).unwrap();
        assert_eq!(text::parse(&text).unwrap(), v1, "{text} in {name}");
    }
    cid
}

fn based(cid: &Cid, base: Base) -> String {
    text::display(&to_v1(cid), Some(base)).unwrap()
}

/// The rows of a section of the table; one that has gone or is empty would check nothing.
fn section(table: &Value, name: &str) -> Vec<Value> {
    let rows = table[name].as_array().filter(|rows| !rows.is_empty());
    rows.unwrap_or_else(|| panic!("cid/cid.json has no section {name:?} with rows"))
        .clone()
}

#[test]
fn a_section_that_checks_nothing_fails_by_name() {
    let table = serde_json::json!({ "convert": [1], "empty": [], "no list": 1 });
    assert_eq!(section(&table, "convert"), [1]);
    for name in ["empty", "no list", "renamed"] {
        let failed = std::panic::catch_unwind(|| section(&table, name)).unwrap_err();
        let text = failed.downcast::<String>().unwrap();
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn cids_agree_with_go_js_and_kubo() {
    let Some(table) = fixtures::json("cid/cid.json") else {
        return;
    };
    let section = |name| section(&table, name);
    let mut ran = 0;
    for case in section("parse_ok") {
        let cid = parsed(&case["in"]);
        let version = case["version"].as_u64();
        assert!(
            version.is_none_or(|v| v == u64::from(cid.version())),
            "{case}"
        );
        let name = case["codec"].as_str();
        assert!(
            name.is_none_or(|name| codec::name(cid.codec()) == Some(name)),
            "{case}"
        );
        let base32 = case["to_base32"].as_str();
        assert!(
            base32.is_none_or(|text| based(&cid, Base::Base32Lower) == text),
            "{case}"
        );
        let bytes = case["bytes_hex"].as_str();
        assert!(
            bytes.is_none_or(|hex| HEXLOWER.encode(&cid.to_bytes()) == hex),
            "{case}"
        );
        ran += 1;
    }
    for case in section("paths_ok") {
        assert_eq!(parsed(&case["in"]), parsed(&case["cid"]));
        ran += 1;
    }
    for case in section("parse_fail") {
        assert!(text::parse(case.as_str().unwrap()).is_err(), "{case}");
        ran += 1;
    }
    for case in section("decode_fail_hex") {
        assert!(binary::decode(&unhex(&case)).is_err(), "{case}");
        assert!(binary::decode_first(&unhex(&case)).is_err(), "{case}");
        ran += 1;
    }
    for case in section("convert") {
        let v0 = parsed(&case["v0"]);
        for (name, value) in case.as_object().unwrap() {
            let (codec, base) = match name.as_str() {
                "v0" => continue,
                "v1_base32" => (codec::DAG_PB, Base::Base32Lower),
                "v1_base58btc" => (codec::DAG_PB, Base::Base58Btc),
                "v1_base256emoji" => (codec::DAG_PB, Base::Base256Emoji),
                "v1_raw_base32" => (codec::RAW, Base::Base32Lower),
                "v1_dagcbor_base32" => (codec::DAG_CBOR, Base::Base32Lower),
                other => unreachable!("the table has a new column {other}"),
            };
            let v1 = Cid::new_v1(codec, *v0.hash());
            if case["v0"] == MISTAKEN && parsed(value).hash() != v0.hash() {
                fixtures::skipped(
                    &format!("cid/cid.json, convert {MISTAKEN}"),
                    "its v1 has another digest",
                );
                continue;
            }
            assert_eq!(based(&v1, base), value.as_str().unwrap(), "{case}");
            let back = to_v0(&parsed(value));
            assert_eq!(back.is_ok(), codec == codec::DAG_PB, "{case}");
            assert!(back.is_err() || back.unwrap() == v0, "{case}");
            ran += 1;
        }
    }
    for case in section("table") {
        let cid = parsed(&case["in"]);
        assert_eq!(
            based(&cid, Base::Base32Lower),
            case["v1_base32"].as_str().unwrap()
        );
        assert_eq!(
            based(&cid, Base::Base58Btc),
            case["v1_base58btc"].as_str().unwrap()
        );
        ran += 1;
    }
    for case in section("decode_first") {
        let bytes = unhex(&case["hex"]);
        let (cid, rest) = binary::decode_first(&bytes).unwrap();
        assert_eq!(cid, parsed(&case["cid"]));
        assert_eq!(rest, unhex(&case["rest_hex"]));
        assert!(binary::decode(&bytes).is_err(), "bytes follow: {case}");
        ran += 1;
    }
    for case in section("divergent") {
        // Where implementations differ, the specification decides: a CIDv0 has no base.
        let error = text::parse(case["in"].as_str().unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.contains("a CIDv0 has no base of its own"), "{error}");
        ran += 1;
    }
    fixtures::ran("cid/cid.json", ran);
}

/// What go-cid's fuzzers start from: cut anywhere, and with every bit flipped, it is refused or
/// has exactly one spelling.
#[test]
fn fuzz_seeds_are_refused_or_canonical() {
    let mut ran = 0;
    for (table, version) in [
        ("cid/fuzz-cid0.bin", Version::V0),
        ("cid/fuzz-cid1.bin", Version::V1),
    ] {
        let Some(seed) = fixtures::table(table) else {
            return;
        };
        assert_eq!(binary::decode(&seed).unwrap().version(), version, "{table}");
        for end in 0..seed.len() {
            assert!(
                binary::decode(&seed[..end]).is_err(),
                "{table} cut at {end}"
            );
            ran += 1;
        }
        for bit in 0..seed.len() * 8 {
            let mut flipped = seed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(cid) = binary::decode(&flipped) {
                assert_eq!(cid.to_bytes(), flipped, "{table}, bit {bit}");
            }
            ran += 1;
        }
    }
    fixtures::ran("cid/fuzz-cid0.bin and fuzz-cid1.bin", ran);
}

fn pairs(list: &Value) -> Vec<(u64, String)> {
    let pair = |row: &Value| {
        let text = |i: usize| row[i].as_str().unwrap().to_owned();
        (text(0).parse().unwrap(), text(1))
    };
    list.as_array().unwrap().iter().map(pair).collect()
}

#[test]
fn codecs_and_hashes_are_those_of_kubo() {
    let Some(table) = fixtures::json("cid/kubo-cid-codecs-hashes.json") else {
        return;
    };
    let mut ran = 0;
    for (code, name) in [pairs(&table["codecs"]), pairs(&table["supported_codecs"])].concat() {
        assert_eq!(codec::name(code), Some(name.as_str()));
        assert_eq!(codec::parse(&name).unwrap(), code);
        ran += 1;
    }
    let hashes = pairs(&table["hashes"]);
    for (code, name) in &hashes {
        let hash: Hash = name.parse().unwrap();
        assert_eq!((hash.code(), hash.name().as_ref()), (*code, name.as_str()));
        ran += 1;
    }
    // Kubo's list is what may name a block, so ours is exactly that.
    for code in 0..0x1_0000 {
        let ours = Hash::from_code(code).is_ok_and(|hash| hash.names_blocks().is_ok());
        assert_eq!(
            ours,
            hashes.iter().any(|(theirs, _)| *theirs == code),
            "0x{code:x}"
        );
    }
    fixtures::ran("cid/kubo-cid-codecs-hashes.json", ran);
}
