//! The page holds the model, and nothing in a block can make it do anything.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use block_cid::{Block, Blockstore, Hash};
use bytes::Bytes;
use dag_ipld::explore::{Bounds, Model, State, page};
use dag_ipld::{Cid, Codec, Dag, Ipld, Walk, pb};
use data_encoding::BASE64;
use proptest::prelude::*;
use serde_json::Value;

use crate::random::{Made, made};

fn model(made: &Made, bounds: &Bounds) -> Model {
    let mut model = Model::default();
    let dag = Dag::new(made.store());
    model
        .add("it", &dag, &[made.root()], bounds, &Walk::default())
        .unwrap();
    model
}

/// Index to CID.
fn cids(json: &Value) -> Vec<Cid> {
    let blocks = json["blocks"].as_array().unwrap();
    let cid = |block: &Value| block_cid::text::parse(block["cid"].as_str().unwrap()).unwrap();
    blocks.iter().map(cid).collect()
}

proptest! {
    #[test]
    fn the_json_is_the_dag(made in made()) {
        let json = model(&made, &Bounds::default()).json();
        // As a browser reads it.
        let json: Value = serde_json::from_str(&json.to_string()).unwrap();
        let cids = cids(&json);
        let level: Vec<Cid> = made.level().into_iter().map(|(cid, _)| cid).collect();
        let set = |cids: &[Cid]| cids.iter().copied().collect::<BTreeSet<_>>();
        prop_assert_eq!(set(&cids), set(&level));
        prop_assert_eq!(cids.len(), level.len());
        for (block, cid) in json["blocks"].as_array().unwrap().iter().zip(&cids) {
            let data = made.blocks[cid].data();
            prop_assert_eq!(&block["state"], "whole");
            prop_assert_eq!(&block["size"], data.len());
            prop_assert_eq!(&block["codec"], Codec::of(cid).unwrap().name());
            let bytes = BASE64.decode(block["bytes"].as_str().unwrap().as_bytes()).unwrap();
            let links = block["links"].as_array().unwrap();
            // What has links is there to its end.
            let held = if links.is_empty() { data.len().min(256) } else { data.len() };
            prop_assert_eq!(&bytes[..], &data[..held]);
            let links: Vec<Cid> = links.iter().map(|link| cids[link[1].as_u64().unwrap() as usize]).collect();
            prop_assert_eq!(&links, &made.links[cid]);
        }
        let stat = Dag::new(made.store()).stat(&[made.root()], &Walk::default()).unwrap();
        let told = &json["dags"][0]["stat"];
        prop_assert_eq!(&told["blocks"], stat.unique.blocks);
        prop_assert_eq!(&told["bytes"], stat.unique.bytes);
        prop_assert_eq!(&told["links"], stat.links);
        prop_assert_eq!(&told["depth"], stat.depth);
        prop_assert_eq!(&told["paths"], &stat.paths.blocks.to_string());
        prop_assert_eq!(cids[json["dags"][0]["roots"][0].as_u64().unwrap() as usize], made.root());
        prop_assert!(json["variants"].as_array().unwrap().is_empty());
    }

    #[test]
    fn two_dags_are_overlaid(made in made(), other in any::<prop::sample::Index>()) {
        let other = made.cids[other.index(made.cids.len())];
        let dag = Dag::new(made.store());
        let mut model = Model::default();
        for (label, root) in [("one", made.root()), ("two", other)] {
            model.add(label, &dag, &[root], &Bounds::default(), &Walk::default()).unwrap();
        }
        let json = model.json();
        let below = |root: Cid| {
            let mut below = BTreeSet::from([root]);
            let mut queue = vec![root];
            while let Some(cid) = queue.pop() {
                queue.extend(made.links[&cid].iter().filter(|link| below.insert(**link)));
            }
            below
        };
        let (one, two) = (below(made.root()), below(other));
        let cids = cids(&json);
        for (block, cid) in json["blocks"].as_array().unwrap().iter().zip(&cids) {
            let bits = u8::from(one.contains(cid)) | u8::from(two.contains(cid)) << 1;
            prop_assert_eq!(&block["dags"], bits, "{}", cid);
        }
        // The same bytes under two codecs are one block.
        let sizes = |cids: &BTreeSet<Cid>| -> BTreeMap<_, _> {
            cids.iter().map(|cid| (*cid.hash(), made.blocks[cid].len() as u64)).collect()
        };
        let (one, two) = (sizes(&one), sizes(&two));
        let both: u64 = one.iter().filter(|(hash, _)| two.contains_key(hash)).map(|(_, len)| len).sum();
        prop_assert_eq!(&json["shared"]["bytes"], both);
    }

    /// Whatever is in a field, it lies in the block, and within the one around it.
    #[test]
    fn fields_lie_in_the_block_whatever_the_bytes(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            r#"[\[\]{}",:0-9a-z\\ ]{0,80}"#.prop_map(String::into_bytes),
        ],
        codec in prop::sample::select(Codec::ALL.to_vec()),
        most in 0..40_usize,
    ) {
        let fields = dag_ipld::fields::fields(codec, &bytes, most);
        prop_assert!(fields.len() <= most);
        let mut start = 0;
        for field in &fields {
            prop_assert!(field.range.start <= field.range.end && field.range.end <= bytes.len());
            prop_assert!(field.range.start >= start, "{fields:?}");
            start = field.range.start;
        }
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let mut made = Made::default();
    let leaves: Vec<Cid> = (0..30).map(|n| made.add(Codec::Raw, n, &[])).collect();
    let left = made.add(Codec::DagCbor, 1, &leaves);
    made.add(Codec::DagCbor, 2, &[left, leaves[0]]);
    let few = Bounds {
        blocks: 5,
        ..Bounds::default()
    };
    let seen = model(&made, &few);
    assert!(seen.dags[0].stat.is_none());
    let states = |state: State| seen.blocks.iter().filter(|b| b.state == state).count();
    assert_eq!((states(State::Whole), states(State::Beyond)), (5, 27));

    let few = Bounds {
        links: 10,
        bytes: 8,
        fields: 3,
        whole: 0,
        ..Bounds::default()
    };
    let seen = model(&made, &few);
    let shown = seen.blocks.iter().find(|block| block.cid == left).unwrap();
    assert_eq!(
        (shown.links.len(), shown.more),
        (8, 22),
        "two are the root's"
    );
    assert!(
        seen.blocks
            .iter()
            .all(|b| b.bytes.len() <= 8 && b.fields.len() <= 3)
    );
    // What nothing shown links to is still there.
    assert_eq!(seen.blocks.len(), 32);
}

/// Links that would be markup, script, the end of the data, or the end of a line.
const HOSTILE: [&str; 7] = [
    "</script><script>document.body.dataset.broken = 'yes'</script>",
    "<img src=x onerror=\"document.body.dataset.broken = 'yes'\">",
    "<!--",
    "{{DATA}} {{RULES}} \\u003c",
    "'\";`${x}",
    "photo\u{202e}gpj.exe\u{1b}[2J",
    "a\u{2028}b\u{0}c",
];

fn hostile() -> Model {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let entries = HOSTILE.map(|name| (name, Ipld::from(leaf)));
    let value = Codec::DagCbor.encode(&Ipld::from(entries)).unwrap();
    let block = Block::new(Codec::DagCbor.code(), Hash::SHA2_256, value).unwrap();
    let store = made.store();
    store.put(&block).unwrap();
    let mut model = Model::default();
    let (dag, roots) = (Dag::new(store), [*block.cid()]);
    model
        .add(
            HOSTILE[0],
            &dag,
            &roots,
            &Bounds::default(),
            &Walk::default(),
        )
        .unwrap();
    model
}

#[test]
fn data_stays_data() {
    let model = hostile();
    let page = page(&model);
    let blank = dag_ipld::explore::page(&Model::default());
    for tag in ["<script", "</script", "<!--", "<img", "{{RULES}}"] {
        let count = |text: &str| text.to_lowercase().matches(tag).count();
        let more = if tag == "{{RULES}}" {
            count(&model.json().to_string())
        } else {
            0
        };
        assert_eq!(count(&page), count(&blank) + more, "{tag}");
    }
    let (_, data) = page.split_once("type=\"application/json\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    assert_eq!(serde_json::from_str::<Value>(data).unwrap(), model.json());
}

#[test]
fn every_field_of_a_block_is_named() {
    let told = |codec: Codec, bytes: &[u8]| {
        let fields = dag_ipld::fields::fields(codec, bytes, 100);
        let line = |f: dag_ipld::fields::Field| {
            format!(
                "{}..{} {} {}: {}",
                f.range.start, f.range.end, f.level, f.name, f.meaning
            )
        };
        fields.into_iter().map(line).collect::<Vec<_>>()
    };
    let leaf = *Block::raw("x").cid();
    let value = Ipld::from([
        ("a", Ipld::List(vec![leaf.into(), Ipld::Integer(-5)])),
        ("b", "hi".into()),
    ]);
    let cbor = Codec::DagCbor.encode(&value).unwrap();
    let link = format!("link {leaf} (raw, sha2-256)");
    assert_eq!(
        told(Codec::DagCbor, &cbor),
        [
            "0..51 0 value: map of 2".to_owned(),
            "1..3 1 name: \"a\"".to_owned(),
            "3..46 1 a: list of 2".to_owned(),
            format!("4..45 2 0: {link}"),
            "45..46 2 1: -5".to_owned(),
            "46..48 1 name: \"b\"".to_owned(),
            "48..51 1 b: \"hi\"".to_owned(),
        ]
    );
    let json = br#"{"a":[1,null],"l":{"/":"bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u"}}"#;
    let hello = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";
    assert_eq!(
        told(Codec::DagJson, json),
        [
            "0..86 0 value: map".to_owned(),
            "1..4 1 name: \"a\"".to_owned(),
            "5..13 1 a: list".to_owned(),
            "6..7 2 0: 1".to_owned(),
            "8..12 2 1: null".to_owned(),
            "14..17 1 name: \"l\"".to_owned(),
            "18..85 1 l: map".to_owned(),
            "19..22 2 name: \"/\"".to_owned(),
            format!("23..84 2 /: link {hello} (raw, sha2-256)"),
        ]
    );
    // A file of one chunk, as UnixFS has it: type, filesize, blocksizes, mode.
    let file = b"\x08\x02\x18\xac\x02\x20\xac\x02\x38\xa4\x03";
    let node = |data: &'static [u8]| pb::Node {
        links: vec![pb::Link {
            cid: leaf,
            name: Some("n".into()),
            size: Some(300),
        }],
        data: Some(Bytes::from_static(data)),
    };
    let link = [
        "0..46 0 Links/0: a link, 44 bytes".to_owned(),
        format!("2..40 1 Hash: {leaf} (raw, sha2-256)"),
        "40..43 1 Name: 1 byte: \"n\"".to_owned(),
        "43..46 1 Tsize: 300 bytes in the blocks below".to_owned(),
    ];
    for (data, says) in [
        (
            &file[..],
            &[
                "46..59 0 Data: UnixFS, 11 bytes",
                "48..50 1 Type: file",
                "50..53 1 filesize: 300 bytes",
                "53..56 1 blocksizes/0: 300 of them below this link",
                "56..59 1 mode: 0644",
            ][..],
        ),
        (b"hi", &["46..50 0 Data: 2 bytes: \"hi\""]),
        (b"\x08\x09", &["46..50 0 Data: 2 bytes"]),
        (b"\x18\x01", &["46..50 0 Data: 2 bytes"]),
        (b"", &["46..48 0 Data: 0 bytes"]),
    ] {
        let told = told(Codec::DagPb, &node(data).encode());
        let (links, rest) = told.split_at(4);
        assert_eq!(links, link);
        assert_eq!(rest, says);
    }
}

#[test]
fn states_are_told() {
    let mut made = Made::default();
    let missing = made.add(Codec::Raw, 1, &[]);
    let leaf = made.add(Codec::Raw, 2, &[]);
    let unread = Cid::new_v1(Codec::DagPb.code(), *leaf.hash());
    let root = made.add(Codec::DagCbor, 3, &[missing, unread]);
    let store = made.store();
    store.delete(&missing).unwrap();
    let mut model = Model::default();
    let dag = Dag::new(store);
    model
        .add("it", &dag, &[root], &Bounds::default(), &Walk::default())
        .unwrap();
    let json = model.json();
    let blocks = json["blocks"].as_array().unwrap();
    let states: HashMap<&str, &Value> = blocks
        .iter()
        .map(|b| (b["cid"].as_str().unwrap(), b))
        .collect();
    assert_eq!(states[missing.to_string().as_str()]["state"], "missing");
    let faulty = states[unread.to_string().as_str()];
    assert_eq!(faulty["state"], "faulty");
    assert!(faulty["why"].as_str().unwrap().contains("dag-pb"));
    assert_eq!(json["dags"][0]["stat"]["missing"], 1);
}
