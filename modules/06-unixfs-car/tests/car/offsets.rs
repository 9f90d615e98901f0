//! Where blocks lie, as other implementations say it.

use std::sync::Arc;

use serde_json::Value;
use testkit::fixtures;
use unixfs_car::car::{File, Reader, Result};

const JS: &str = "car/js-car/expectations.json";

#[test]
fn the_blocks_of_go_cars_samples_are_those_that_js_car_finds() {
    let Some(table) = fixtures::json(JS) else {
        return;
    };
    let mut ran = 0;
    for (name, case) in table["data"]["expectations"].as_object().unwrap() {
        let path = fixtures::root().unwrap().join("car/go-car-v2").join(name);
        let Ok(bytes) = std::fs::read(&path) else {
            fixtures::skipped(name, &format!("{} is not there", path.display()));
            continue;
        };
        ran += 1;
        let read = || {
            let reader = Reader::new(&bytes[..])?;
            let version = reader.version();
            let cids = reader.map(|block| Ok(block?.cid().to_string()));
            Ok((version, cids.collect::<Result<Vec<String>>>()?))
        };
        let found: Result<(u8, Vec<String>)> = read();
        // Without CIDs it is one that cannot be read to its end.
        let Some(cids) = case["cids"].as_array() else {
            assert!(found.is_err(), "{name}: {case}");
            continue;
        };
        let (version, found) = found.unwrap();
        assert_eq!(Value::from(version), case["version"], "{name}");
        assert!(found.iter().eq(cids), "{name}");
    }
    fixtures::ran(JS, ran);
}

/// Each block: its CID, the offset and length of its section, its own offset and length.
#[test]
fn sections_lie_where_the_specification_says() {
    let mut ran = 0;
    for (table, car) in [
        (
            "car/ipld-spec/carv1-basic.json",
            "car/ipld-spec/carv1-basic.car",
        ),
        (
            "car/ipld-spec/carv2-basic.json",
            "car/ipld-spec/carv2-basic.car",
        ),
    ] {
        let (Some(table), Some(car)) = (fixtures::json(table), fixtures::named(car)) else {
            return;
        };
        let file = std::fs::File::open(&car).unwrap();
        let file = File::open(Arc::new(file), &car).unwrap();
        let wanted = &table["header"];
        let roots = wanted["roots"].as_array().unwrap().iter();
        let roots: Vec<&str> = roots.map(|root| root["/"].as_str().unwrap()).collect();
        assert!(
            file.roots().iter().map(ToString::to_string).eq(roots),
            "{car:?}"
        );
        if let Some(header) = file.header() {
            let fields = [header.data_offset, header.data_size, header.index_offset];
            let names = ["dataOffset", "dataSize", "indexOffset"];
            assert_eq!(
                fields.map(Value::from),
                names.map(|name| wanted[name].clone())
            );
            assert_eq!(header.characteristics, [0; 16]);
        }
        let mut reader = file.reader().unwrap();
        for (wanted, head) in table["blocks"].as_array().unwrap().iter().zip(file.heads()) {
            let head = head.unwrap();
            let (at, len) = head.block;
            let length = at - head.offset + len;
            let names = ["offset", "length", "blockOffset", "blockLength"];
            let found = [head.offset, length, at, len].map(Value::from);
            assert_eq!(found, names.map(|name| wanted[name].clone()), "{car:?}");
            assert_eq!(wanted["cid"]["/"], head.cid.to_string());
            assert_eq!(reader.offset(), head.offset);
            let block = reader.next().unwrap().unwrap();
            assert_eq!(block.cid(), &head.cid);
            assert_eq!(file.head(head.offset).unwrap(), head);
            assert_eq!(file.block(&head).unwrap(), block);
            ran += 1;
        }
        assert_eq!(
            file.heads().count(),
            table["blocks"].as_array().unwrap().len()
        );
    }
    fixtures::ran("sections of car/ipld-spec", ran);
}
