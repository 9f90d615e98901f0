//! The blocks of ipld/codec-fixtures: each value in every codec that has a form for it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use block_cid::{Hash, hash, text};
use bytes::Bytes;
use dag_ipld::{Cid, Codec, Ipld, dag_json};
use serde_json::Value;
use testkit::fixtures;

const CODECS: [Codec; 3] = [Codec::DagPb, Codec::DagCbor, Codec::DagJson];

fn named(cid: &Cid, block: &[u8]) -> bool {
    hash::hash(Hash::from_code(cid.hash().code()).unwrap(), block).unwrap() == *cid.hash()
}

fn links(codec: Codec, block: &Bytes) -> Vec<Cid> {
    let mut links = Vec::new();
    codec.links(block, &mut |cid| links.push(cid)).unwrap();
    links
}

/// One value in its codecs: each block decodes, encodes to all the others, and has the links of
/// the value. Returns how many blocks were compared.
fn check(name: &str, blocks: &[(Codec, Bytes)]) -> usize {
    let mut compared = 0;
    for (from, block) in blocks {
        let value = from.decode(block).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(from.decode_relaxed(block).unwrap(), value, "{name}");
        for (to, expected) in blocks {
            let encoded = to.encode(&value).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(encoded, expected.as_ref(), "{name}, from {from} to {to}");
            compared += 1;
        }
        let mut expected = Vec::new();
        value.links(&mut |cid| expected.push(*cid));
        assert_eq!(links(*from, block), expected, "{name}, the links of {from}");
    }
    compared
}

fn fixture(file: &Path) -> (Codec, Cid, Bytes) {
    let codec = file.extension().unwrap().to_str().unwrap().parse().unwrap();
    let cid = text::parse(file.file_stem().unwrap().to_str().unwrap()).unwrap();
    (codec, cid, std::fs::read(file).unwrap().into())
}

#[test]
fn every_block_is_every_other_codecs_block() {
    const TABLE: &str = "codec-fixtures/fixtures";
    let mut values: BTreeMap<PathBuf, Vec<(Codec, Bytes)>> = BTreeMap::new();
    let mut ran = 0;
    for codec in CODECS {
        let Some(files) = fixtures::folder(TABLE, codec.name()) else {
            return;
        };
        for file in files {
            let (codec, cid, block) = fixture(&file);
            assert_eq!(Codec::of(&cid).unwrap(), codec, "{}", file.display());
            assert!(named(&cid, &block), "{}", file.display());
            let folder = file.parent().unwrap().to_owned();
            values.entry(folder).or_default().push((codec, block));
            ran += 1;
        }
    }
    let compared: usize = values
        .iter()
        .map(|(folder, blocks)| check(&folder.display().to_string(), blocks))
        .sum();
    fixtures::ran(TABLE, ran);
    fixtures::ran("codec-fixtures, one codec to another", compared);
}

/// Values of that table on which implementations are known to fail: Go refuses the first two,
/// and `serde_ipld_dagjson` 0.2.2 makes a float of the third.
#[test]
fn integers_have_64_bits_with_or_without_a_sign() {
    for (number, cbor, json) in [
        (
            "11959030306112471731",
            "bafyreifystp4hw2d3psdtqoairwnsl4mmb2hyupopdp7wxvrxul2cdadbe",
            "baguqeerajogb5uql6gilrcfykgsqh6yjdj65vptw7woitskev6dli6bxohga",
        ),
        (
            "18446744073709551615",
            "bafyreibnpsyje7iwfx3smzlnofkxqdyeqz3a4qzhwu33ktibq7sxeckrpq",
            "baguqeeraftnsmjs3jxdf4o2e22kpcip5nxuzxhslrlt7bdmex6uvg5rvvzbq",
        ),
        (
            "-11959030306112471732",
            "bafyreieir43khjzemsmgahaozab2vjvtdxavszixhhurvdqg2xkhrwinyi",
            "baguqeera7wvij7ilupcksz2iuprb3wbcipr5vqzvvzj26psnj2oky6j7spva",
        ),
    ] {
        let json_block = Bytes::copy_from_slice(number.as_bytes());
        let value = dag_json::decode(&json_block).unwrap();
        assert_eq!(value, Ipld::Integer(number.parse().unwrap()));
        let cbor_block: Bytes = Codec::DagCbor.encode(&value).unwrap().into();
        check(
            number,
            &[
                (Codec::DagJson, json_block.clone()),
                (Codec::DagCbor, cbor_block.clone()),
            ],
        );
        for (codec, cid, block) in [
            (Codec::DagCbor, cbor, cbor_block),
            (Codec::DagJson, json, json_block),
        ] {
            let made = Cid::new_v1(codec.code(), hash::sha2_256(&block));
            assert_eq!(made.to_string(), cid, "{number} in {codec}");
        }
    }
}

fn rows(file: &Path) -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

#[test]
fn what_has_no_form_is_refused() {
    const TABLE: &str = "codec-fixtures/negative-fixtures";
    let Some(files) = fixtures::folder(TABLE, "json") else {
        return;
    };
    let mut ran = 0;
    for file in files {
        let mut above = file.iter().rev().skip(1);
        let way = above.next().unwrap().to_str().unwrap();
        let codec: Codec = above.next().unwrap().to_str().unwrap().parse().unwrap();
        for row in rows(&file) {
            let name = format!("{}: {}", file.display(), row["name"]);
            match way {
                "encode" => {
                    let text: Bytes = serde_json::to_vec(&row["dag-json"]).unwrap().into();
                    let value = dag_json::decode(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
                    assert!(codec.encode(&value).is_err(), "{name}");
                }
                "decode" => {
                    let hex = row["hex"].as_str().unwrap();
                    let block: Bytes = data_encoding::HEXLOWER
                        .decode(hex.as_bytes())
                        .unwrap()
                        .into();
                    assert!(codec.decode(&block).is_err(), "{name}");
                    assert!(codec.decode_relaxed(&block).is_err(), "{name}");
                }
                other => panic!("{name}: neither encode nor decode, but {other}"),
            }
            ran += 1;
        }
    }
    fixtures::ran(TABLE, ran);
}
