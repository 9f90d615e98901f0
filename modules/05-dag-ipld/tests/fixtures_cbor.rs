//! CBOR as the tables of others have it: DASL's, by their tags, and RFC 8949's.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use bytes::Bytes;
use dag_ipld::{Codec, Ipld, Map, cbor, dag_cbor};
use data_encoding::HEXLOWER;
use serde_json::Value;
use testkit::fixtures;

fn unhex(value: &Value) -> Bytes {
    HEXLOWER
        .decode(value.as_str().unwrap().as_bytes())
        .unwrap()
        .into()
}

/// What has to be refused, or to come back, by the rules that a row's tags name.
fn dasl(row: &Value) -> bool {
    let tags = row["tags"].as_array().unwrap();
    let tagged = |tag: &str| tags.iter().any(|found| found == tag);
    let (everywhere, dag, drisl) = (tagged("basic"), tagged("dag-cbor"), tagged("dasl-cid"));
    let data = unhex(&row["data"]);
    let name = format!("{} {}", row["name"], row["data"]);
    match row["type"].as_str().unwrap() {
        // Other profiles: floats in their shortest form, and integers of any length.
        _ if !(everywhere || dag || drisl) => {
            cbor::diagnostic(&data).unwrap_or_else(|error| panic!("{name}: {error}"));
            return false;
        }
        "roundtrip" => {
            for decode in [
                dag_cbor::decode,
                dag_cbor::decode_drisl,
                dag_cbor::decode_relaxed,
            ] {
                let value = decode(&data).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(dag_cbor::encode(&value).unwrap(), data, "{name}");
            }
        }
        "invalid_in" => {
            assert!(dag_cbor::decode_drisl(&data).is_err(), "{name}");
            assert_eq!(
                dag_cbor::decode(&data).is_err(),
                everywhere || dag,
                "{name}"
            );
            if everywhere {
                assert!(dag_cbor::decode_relaxed(&data).is_err(), "{name}");
                assert!(cbor::decode(&data).is_err(), "{name}");
            }
        }
        // The value is given in plain CBOR. Most have no place in the data model, so that there
        // is nothing to encode; undefined is null in it, as in Kubo.
        "invalid_out" => match cbor::decode(&data) {
            Ok(Ipld::Null) => assert_eq!(data.as_ref(), [0xf7], "{name}"),
            Ok(value) => assert!(dag_cbor::encode(&value).is_err(), "{name}"),
            Err(_) => {}
        },
        other => panic!("{name}: no rule for {other}"),
    }
    true
}

#[test]
fn dag_cbor_is_as_dasl_has_it() {
    const TABLE: &str = "dasl-testing/cbor";
    let Some(files) = fixtures::folder(TABLE, "json") else {
        return;
    };
    let (mut ran, mut others) = (0, 0);
    for file in files {
        let rows: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for row in rows.as_array().unwrap() {
            match dasl(row) {
                true => ran += 1,
                false => others += 1,
            }
        }
    }
    fixtures::ran(TABLE, ran);
    if others > 0 {
        fixtures::ran(
            "dasl-testing/cbor, of other profiles, only whether well-formed",
            others,
        );
    }
}

/// A value of JSON in the data model.
fn plain(value: &Value) -> Ipld {
    match value {
        Value::Null => Ipld::Null,
        Value::Bool(value) => Ipld::Bool(*value),
        Value::Number(n) if n.is_f64() => Ipld::Float(n.as_f64().unwrap()),
        Value::Number(n) => Ipld::Integer(n.as_i128().unwrap()),
        Value::String(text) => Ipld::String(text.clone()),
        Value::Array(items) => Ipld::List(items.iter().map(plain).collect()),
        Value::Object(map) => {
            let entries = map.iter();
            let entries = entries.map(|(name, value)| (name.clone(), plain(value)));
            Ipld::from(entries.collect::<Map>())
        }
    }
}

/// Integers of more than 64 bits are floats to `serde_json`; what the rows mean.
fn meant(row: &Value) -> Ipld {
    match row["hex"].as_str().unwrap() {
        "c249010000000000000000" => Ipld::Integer(1 << 64),
        "3bffffffffffffffff" => Ipld::Integer(-(1 << 64)),
        "c349010000000000000000" => Ipld::Integer(-(1 << 64) - 1),
        _ => plain(&row["decoded"]),
    }
}

/// The bytes that a row's value is encoded to: its own, but with floats of 64 bits.
fn encoded(hex: &str, value: &Ipld) -> Vec<u8> {
    match value {
        Ipld::Float(n) => [&[0xfb][..], &n.to_be_bytes()].concat(),
        _ => HEXLOWER.decode(hex.as_bytes()).unwrap(),
    }
}

#[test]
fn cbor_is_as_rfc_8949_has_it() {
    const TABLE: &str = "cbor-test-vectors/appendix_a.json";
    let Some(table) = fixtures::json(TABLE) else {
        return;
    };
    let mut ran = 0;
    for row in table.as_array().unwrap() {
        let (hex, block) = (row["hex"].as_str().unwrap(), unhex(&row["hex"]));
        let decoded = cbor::decode(&block);
        let shown = cbor::diagnostic(&block).unwrap_or_else(|error| panic!("{hex}: {error}"));
        if let Some(expected) = row["diagnostic"].as_str() {
            assert_eq!(shown, expected, "{hex}");
            // Tags, simple values and names that are numbers have no place in the data model.
            let has_place = ["NaN", "Inf", "-Inf", "undefined", "h'", "(_"];
            let has_place = has_place.iter().any(|start| expected.starts_with(start));
            assert_eq!(decoded.is_ok(), has_place, "{hex}: {decoded:?}");
        }
        if row.get("decoded").is_some() {
            let value = decoded.unwrap_or_else(|error| panic!("{hex}: {error}"));
            assert_eq!(value, meant(row), "{hex}");
            if row["roundtrip"] == true {
                assert_eq!(cbor::encode(&value).unwrap(), encoded(hex, &value), "{hex}");
            }
        }
        ran += 1;
    }
    fixtures::ran(TABLE, ran);
}

#[test]
fn plain_cbor_has_no_links_and_keeps_the_order_of_names() {
    // `echo '{"bb":1,"a":[1,{"z":null}]}' | ipfs dag put --store-codec cbor`.
    let json = Bytes::from_static(br#"{"bb":1,"a":[1,{"z":null}]}"#);
    let value = Codec::DagJson.decode(&json).unwrap();
    let block = cbor::encode(&value).unwrap();
    assert_eq!(HEXLOWER.encode(&block), "a26262620161618201a1617af6");
    let link = Bytes::from_static(br#"[{"/":"bafkqaaa"}]"#);
    let error = cbor::encode(&Codec::DagJson.decode(&link).unwrap()).unwrap_err();
    assert!(
        error.to_string().contains("/0: cbor has no links"),
        "{error}"
    );
    let link = HEXLOWER.decode(b"81d82a450001550000").unwrap().into();
    assert!(Codec::DagCbor.decode(&link).is_ok() && cbor::decode(&link).is_err());
}
