//! CARs of other implementations, read and written again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use block_cid::{Hash, car};
use testkit::fixtures;

#[test]
fn version_1_cars_read_as_by_js_car_and_write_back_to_the_byte() {
    let Some(table) = fixtures::json("car/expectations-all-cars.json") else {
        return;
    };
    let (mut ran, mut blocks_read) = (0, 0);
    for case in table["cases"].as_array().unwrap() {
        let Some(file) = fixtures::named(case["file"].as_str().unwrap()) else {
            continue;
        };
        let bytes = std::fs::read(file).unwrap();
        let count = |field: &str| case[field].as_u64().unwrap() as usize;
        if case["version"] == 2 {
            let error = car::Reader::new(&bytes[..]).unwrap_err().to_string();
            assert!(error.contains("CARv2"), "{case}: {error}");
        } else if case["error"].is_string() {
            let blocks: Vec<_> = match car::Reader::new(&bytes[..]) {
                Ok(reader) => reader.collect(),
                Err(error) => vec![Err(error)],
            };
            assert!(blocks.last().unwrap().is_err(), "{case}");
            assert_eq!(blocks.len() - 1, count("blocks_before_error"), "{case}");
        } else {
            let mut reader = car::Reader::new(&bytes[..]).unwrap();
            let roots: Vec<String> = reader.roots().iter().map(ToString::to_string).collect();
            assert_eq!(serde_json::json!(roots), case["roots"], "{case}");
            let mut writer = car::Writer::new(Vec::new(), reader.roots()).unwrap();
            let (mut blocks, mut len, mut wrong, mut others) = (0, 0, 0, 0);
            let mut distinct = BTreeSet::new();
            loop {
                let offset = reader.offset();
                let Some(block) = reader.next() else { break };
                let block = block.unwrap();
                assert!(!block.is_proven(), "bytes from outside are only claimed");
                assert_eq!(writer.put(&block).unwrap(), offset);
                let sha2 = [Hash::SHA2_256, Hash::SHA2_512].map(Hash::code);
                others += usize::from(!sha2.contains(&block.cid().hash().code()));
                distinct.insert(block.cid().to_string());
                (blocks, len) = (blocks + 1, len + block.len());
                wrong += usize::from(block.prove().is_err());
            }
            assert_eq!(blocks, count("blocks"), "{case}");
            assert_eq!(len, count("block_bytes"), "{case}");
            assert_eq!(distinct.len(), count("distinct"), "{case}");
            assert_eq!(wrong, count("sha2_mismatches"), "{case}");
            assert_eq!(others, count("other_hash_blocks"), "{case}");
            assert!(
                writer.finish().unwrap() == bytes,
                "{case} is written otherwise"
            );
            blocks_read += blocks;
        }
        ran += 1;
    }
    fixtures::ran("car/expectations-all-cars.json", ran);
    assert!(blocks_read > 0, "no CAR of the table has blocks");
}
