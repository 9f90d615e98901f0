//! `ipfs block put`, `dag put` and `dag get`, as Kubo's own tests have them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use block_cid::{Block, Blocks, Blockstore, Cid, Hash, base, hash, text, to_v0};
use bytes::Bytes;
use dag_ipld::Codec;
use datastore::MemStore;
use serde_json::Value;
use testkit::fixtures;

const TABLE: &str = "kubo-known/known-answers.json";

/// The bytes that a row gives to the command.
fn input(row: &Value) -> Option<Bytes> {
    let input = &row["input"];
    if let Some(text) = input["text"].as_str() {
        return Some(text.to_owned().into());
    }
    if let Some(text) = input["base64"].as_str() {
        let bytes = data_encoding::BASE64.decode(text.as_bytes()).unwrap();
        return Some(bytes.into());
    }
    if let Some(zeros) = input["zeros"].as_u64() {
        return Some(vec![0; zeros as usize].into());
    }
    let file = input["file"].as_str()?;
    let table = fixtures::path(TABLE)?;
    let file = table.parent().unwrap().join(file);
    let bytes = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()));
    match bytes {
        Ok(bytes) => Some(bytes.into()),
        Err(why) => {
            fixtures::skipped(&row["id"].to_string(), &why);
            None
        }
    }
}

/// The value of a flag, as `--input-codec dag-cbor` or `--mhlen=20`.
fn flag<'a>(row: &'a Value, name: &str) -> Option<&'a str> {
    let (_, rest) = row["flags"].as_str()?.split_once(name)?;
    rest.trim_start_matches(['=', ' ']).split(' ').next()
}

fn cid(codec: u64, name: Option<&str>, len: Option<&str>, block: &[u8]) -> Cid {
    let name = name.unwrap_or("sha2-256").parse::<Hash>().unwrap();
    let len = len.map_or(name.len(), |len| len.parse().unwrap());
    Cid::new_v1(codec, hash::hash_to(name, len, block).unwrap())
}

fn block_put(row: &Value, bytes: &Bytes) -> Result<String, block_cid::Error> {
    let codec =
        flag(row, "--cid-codec").map_or(0x55, |name| block_cid::codec::parse(name).unwrap());
    let v0 = flag(row, "--format") == Some("v0");
    let codec = if v0 { 0x70 } else { codec };
    let cid = cid(codec, flag(row, "--mhtype"), flag(row, "--mhlen"), bytes);
    let cid = if v0 { to_v0(&cid)? } else { cid };
    Blocks::new(MemStore::new()).put(&Block::checked(cid, bytes.clone())?)?;
    text::display(&cid, None)
}

fn dag_put(row: &Value, bytes: &Bytes) -> String {
    let codec = |name, default| flag(row, name).unwrap_or(default).parse::<Codec>().unwrap();
    let input = codec("--input-codec", "dag-json");
    let store = codec("--store-codec", "dag-cbor");
    let block = store.encode(&input.decode_relaxed(bytes).unwrap()).unwrap();
    let cid = cid(store.code(), flag(row, "--hash"), None, &block);
    let base = flag(row, "--cid-base").map(|name| base::parse(name).unwrap());
    text::display(&cid, base).unwrap()
}

#[test]
fn blocks_and_nodes_are_put_as_by_kubo() {
    let Some(table) = fixtures::json(TABLE) else {
        return;
    };
    let mut ran = 0;
    for row in table["cases"].as_array().unwrap() {
        let (id, expected) = (&row["id"], row["cid"].as_str());
        match row["op"].as_str().unwrap() {
            "block put" => {
                let Some(bytes) = input(row) else { continue };
                let put = block_put(row, &bytes);
                match expected {
                    Some(expected) => assert_eq!(put.unwrap(), expected, "{id}"),
                    None => assert!(put.is_err(), "{id}: {put:?}"),
                }
            }
            "dag put" => {
                let Some(bytes) = input(row) else { continue };
                assert_eq!(dag_put(row, &bytes), expected.unwrap(), "{id}");
            }
            // The text of a node, which comes back through its block.
            "dag get"
                if row["output"]
                    .as_str()
                    .is_some_and(|text| text.starts_with('{')) =>
            {
                let text = row["output"].as_str().unwrap();
                let value = Codec::DagJson.decode(&text.to_owned().into()).unwrap();
                let block = Codec::DagPb.encode(&value).unwrap().into();
                let value = Codec::DagPb.decode(&block).unwrap();
                assert_eq!(
                    Codec::DagJson.encode(&value).unwrap(),
                    text.as_bytes(),
                    "{id}"
                );
            }
            _ => continue,
        }
        ran += 1;
    }
    fixtures::ran("kubo-known/known-answers.json, of codecs and blocks", ran);
}
