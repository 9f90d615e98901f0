//! The data model of AT Protocol, which is dag-cbor with a JSON of its own: links are
//! `{"$link": text}`, bytes are `{"$bytes": base64}`, and there are no floats.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use block_cid::{hash, text};
use bytes::Bytes;
use dag_ipld::{Cid, Codec, Ipld, Map, json};
use data_encoding::BASE64_NOPAD;
use serde_json::Value;
use testkit::fixtures;

/// The first two rows of data-model-fixtures.json (CC0-1.0): JSON, dag-cbor in base64, CID.
const FACTS: [(&str, &str, &str); 2] = [
    (
        r#"{"string":"abc","unicode":"a~öñ©⽘☎𓋓😀👨‍👩‍👧‍👧","integer":123,"bool":true,"null":null,
        "array":["abc","def","ghi"],"object":{"string":"abc","number":123,"bool":true,"arr":["abc","def","ghi"]}}"#,
        "p2Rib29s9WRudWxs9mVhcnJheYNjYWJjY2RlZmNnaGlmb2JqZWN0pGNhcnKDY2FiY2NkZWZjZ2hpZGJvb2z1Zm51bWJlchh7ZnN0cmluZ2NhYmNmc3RyaW5nY2FiY2dpbnRlZ2VyGHtndW5pY29kZXgvYX7DtsOxwqnivZjimI7wk4uT8J+YgPCfkajigI3wn5Gp4oCN8J+Rp+KAjfCfkac",
        "bafyreiclp443lavogvhj3d2ob2cxbfuscni2k5jk7bebjzg7khl3esabwq",
    ),
    (
        r#"{"a":{"$link":"bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"},
        "b":{"$bytes":"nFERjvLLiw9qm45JrqH9QTzyC2Lu1Xb4ne6+sBrCzI0"},
        "c":{"$type":"blob","ref":{"$link":"bafkreiccldh766hwcnuxnf2wh6jgzepf2nlu2lvcllt63eww5p6chi4ity"},
        "mimeType":"image/jpeg","size":10000}}"#,
        "o2Fh2CpYJQABcRIgZQYqWloA/BbXPGlEI3zLwVscSnI0SJM2iR0JF0GiOdBhYlggnFERjvLLiw9qm45JrqH9QTzyC2Lu1Xb4ne6+sBrCzI1hY6RjcmVm2CpYJQABVRIgQljP/3j2E2l2l1Y/kmyR5dNXTS6iWuftktbr/COjiJ5kc2l6ZRknEGUkdHlwZWRibG9iaG1pbWVUeXBlamltYWdlL2pwZWc",
        "bafyreihldkhcwijkde7gx4rpkkuw7pl6lbyu5gieunyc7ihactn5bkd2nm",
    ),
];

/// The value that a JSON text of AT Protocol says.
fn value(text: &[u8]) -> Result<Ipld, String> {
    let bytes = Bytes::copy_from_slice(text);
    match json::decode(&bytes).map_err(|error| error.to_string())? {
        Ipld::Map(map) => model(Ipld::Map(map)),
        _ => Err("the outermost is a map".to_owned()),
    }
}

fn model(value: Ipld) -> Result<Ipld, String> {
    match value {
        Ipld::Float(n) if n.fract() == 0.0 => Ok(Ipld::Integer(n as i128)),
        Ipld::Float(_) => Err("there are no floats".to_owned()),
        Ipld::List(items) => items
            .into_iter()
            .map(model)
            .collect::<Result<_, _>>()
            .map(Ipld::List),
        Ipld::Map(map) => match (map.get("$link"), map.get("$bytes"), map.len()) {
            (Some(Ipld::String(cid)), None, 1) => text::parse(cid)
                .map(Ipld::from)
                .map_err(|error| error.to_string()),
            (None, Some(Ipld::String(base64)), 1) => {
                let bytes = BASE64_NOPAD.decode(base64.as_bytes());
                bytes
                    .map(|bytes| Ipld::from(Bytes::from(bytes)))
                    .map_err(|error| error.to_string())
            }
            (None, None, _) => record(*map),
            _ => Err("links and bytes are text, and alone in their map".to_owned()),
        },
        other => Ok(other),
    }
}

fn record(map: Map) -> Result<Ipld, String> {
    match map.get("$type") {
        None => {}
        Some(Ipld::String(name)) if name == "blob" => {
            let integer = matches!(map.get("size"), Some(Ipld::Integer(_)));
            if !integer || !map.contains_key("ref") || !map.contains_key("mimeType") {
                return Err("a blob has ref, mimeType and a size".to_owned());
            }
        }
        Some(Ipld::String(name)) if !name.is_empty() => {}
        Some(_) => return Err("$type is a name".to_owned()),
    }
    let entries = map
        .into_iter()
        .map(|(name, value)| Ok((name, model(value)?)));
    entries.collect::<Result<Map, String>>().map(Ipld::from)
}

/// A value goes through dag-cbor and dag-json and stays the same.
fn survives(value: &Ipld) {
    for codec in [Codec::DagCbor, Codec::DagJson] {
        let block: Bytes = codec.encode(value).unwrap().into();
        assert_eq!(codec.decode(&block).unwrap(), *value);
    }
}

fn fixture(json: &[u8], base64: &str, cid: &str) {
    let block: Bytes = BASE64_NOPAD.decode(base64.as_bytes()).unwrap().into();
    let decoded = Codec::DagCbor.decode(&block).unwrap();
    assert_eq!(decoded, value(json).unwrap(), "{cid}");
    assert_eq!(Codec::DagCbor.encode(&decoded).unwrap(), block, "{cid}");
    assert_eq!(Cid::new_v1(0x71, hash::sha2_256(&block)).to_string(), cid);
    survives(&decoded);
}

fn table(path: &str) -> Option<Vec<Value>> {
    let file = fixtures::optional(path)?;
    Some(serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap())
}

#[test]
fn records_have_the_cids_of_at_protocol() {
    for (json, base64, cid) in FACTS {
        fixture(json.as_bytes(), base64, cid);
    }
    const TABLE: &str = "atproto-interop/data-model-fixtures.json";
    let Some(rows) = table(TABLE) else { return };
    for row in &rows {
        let text = |name: &str| row[name].as_str().unwrap();
        fixture(
            row["json"].to_string().as_bytes(),
            text("cbor_base64"),
            text("cid"),
        );
    }
    fixtures::ran(TABLE, rows.len());
}

#[test]
fn records_are_taken_and_refused_as_by_at_protocol() {
    for (name, taken) in [("valid", true), ("invalid", false)] {
        let path = format!("atproto-interop/data-model-{name}.json");
        let Some(rows) = table(&path) else { return };
        for row in &rows {
            let value = value(row["json"].to_string().as_bytes());
            assert_eq!(value.is_ok(), taken, "{}: {value:?}", row["note"]);
            value.iter().for_each(survives);
        }
        fixtures::ran(&path, rows.len());
    }
}
