//! Varints as go-varint and the specification have them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use block_cid::varint::{self, Fault};
use data_encoding::HEXLOWER;
use testkit::fixtures;

#[test]
fn varints_agree_with_go_varint() {
    let Some(table) = fixtures::json("varint/varint.json") else {
        return;
    };
    let mut ran = 0;
    for case in table["cases"].as_array().unwrap() {
        let value = case["value"].as_u64().unwrap();
        let bytes = HEXLOWER
            .decode(case["hex"].as_str().unwrap().as_bytes())
            .unwrap();
        let mut encoded = Vec::new();
        varint::encode(value, &mut encoded);
        assert_eq!(encoded, bytes, "{value}");
        assert_eq!(varint::decode(&bytes), Ok((value, &[][..])), "{value}");
        ran += 1;
    }
    for case in table["sizes"].as_array().unwrap() {
        let value: u64 = case["value"].as_str().unwrap().parse().unwrap();
        let size = case["size"].as_u64().unwrap() as usize;
        let mut encoded = Vec::new();
        varint::encode(value, &mut encoded);
        assert_eq!(encoded.len(), size, "{value}");
        // Ten bytes is a form that the specification forbids.
        let wanted = if size <= 9 {
            Ok((value, &[][..]))
        } else {
            Err(Fault::TooLong)
        };
        assert_eq!(varint::decode(&encoded), wanted, "{value}");
        ran += 1;
    }
    for case in table["invalid"].as_array().unwrap() {
        let hex = case["hex"].as_str().unwrap();
        let wanted = match case["error"].as_str().unwrap() {
            error if error.starts_with("overflow") => Fault::TooLong,
            "not minimal" => Fault::NotMinimal,
            _ => Fault::CutOff,
        };
        let bytes = HEXLOWER.decode(hex.as_bytes()).unwrap();
        assert_eq!(varint::decode(&bytes), Err(wanted), "{hex}");
        ran += 1;
    }
    fixtures::ran("varint/varint.json", ran);
}
