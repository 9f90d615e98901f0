//! dag-pb: what is written, what is taken, and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use block_cid::{hash, text};
use bytes::Bytes;
use dag_ipld::pb::{Link, Node};
use dag_ipld::{Cid, Codec, Error};
use data_encoding::HEXLOWER;
use proptest::prelude::*;

/// An identity CID of no bytes: the shortest there is.
const TINY: &str = "01550000";

fn hex(text: &str) -> Bytes {
    HEXLOWER
        .decode(text.replace(' ', "").as_bytes())
        .unwrap()
        .into()
}

fn cid(data: &[u8]) -> Cid {
    Cid::new_v1(0x55, hash::sha2_256(data))
}

fn link(name: Option<&'static str>, size: Option<u64>) -> Link {
    let cid = Cid::try_from(hex(TINY).as_ref()).unwrap();
    let name = name.map(|name| Bytes::from_static(name.as_bytes()));
    Link { cid, name, size }
}

#[test]
fn a_folder_has_the_bytes_that_kubo_writes() {
    // `printf 'hello\n' > hello.txt && ipfs add -Q --cid-version=1 -w hello.txt`.
    let node = Node {
        links: vec![Link {
            cid: text::parse("bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am")
                .unwrap(),
            name: Some("hello.txt".into()),
            size: Some(6),
        }],
        data: Some(hex("0801")),
    };
    let bytes = node.encode();
    let expected = "12330a2401551220 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 \
                    1209 68656c6c6f2e747874 1806 0a02 0801";
    assert_eq!(bytes, hex(expected));
    let kubo = "bafybeigdcg7pksx2zk5336vrfsktjodlr4rbfz37qr3koc5xboxe5ekv24";
    assert_eq!(Cid::new_v1(0x70, hash::sha2_256(&bytes)).to_string(), kubo);
    assert_eq!(Node::decode(&bytes.into()).unwrap(), node);
}

#[test]
fn links_come_before_data_and_are_sorted_by_the_bytes_of_their_names() {
    let named = |name, size| link(name, Some(size));
    let node = Node {
        links: vec![
            named(Some("é"), 0),
            named(Some("b"), 1),
            named(None, 2),
            named(Some("B"), 3),
            named(Some("b"), 4),
            named(Some(""), 5),
        ],
        data: Some(Bytes::new()),
    };
    let bytes: Bytes = node.encode().into();
    assert_eq!(bytes[0], 0x12);
    assert!(bytes.ends_with(&[0x0a, 0x00]));
    let sizes = Node::decode(&bytes).unwrap().links;
    let sizes: Vec<u64> = sizes.iter().map(|link| link.size.unwrap()).collect();
    assert_eq!(sizes, [2, 5, 3, 1, 4, 0]);
}

#[test]
fn nothing_and_empty_differ() {
    assert_eq!(Node::default().encode(), b"");
    assert_eq!(Node::decode(&Bytes::new()).unwrap(), Node::default());
    for (node, bytes) in [
        (
            Node {
                links: vec![],
                data: Some(Bytes::new()),
            },
            "0a00".to_owned(),
        ),
        (
            Node {
                links: vec![link(None, None)],
                data: None,
            },
            format!("1206 0a04{TINY}"),
        ),
        (
            Node {
                links: vec![link(Some(""), None)],
                data: None,
            },
            format!("1208 0a04{TINY} 1200"),
        ),
        (
            Node {
                links: vec![link(None, Some(0))],
                data: None,
            },
            format!("1208 0a04{TINY} 1800"),
        ),
    ] {
        assert_eq!(HEXLOWER.encode(&node.encode()), bytes.replace(' ', ""));
        assert_eq!(Node::decode(&hex(&bytes)).unwrap(), node);
    }
}

/// The forms that go-codec-dagpb takes, too; encoding makes the one form of them.
#[test]
fn forms_of_old_are_taken() {
    for (given, canonical) in [
        // Data before Links.
        (
            format!("0a0161 1206 0a04{TINY}"),
            format!("1206 0a04{TINY} 0a0161"),
        ),
        // Links that are not sorted.
        (
            format!("1209 0a04{TINY} 120162 1209 0a04{TINY} 120161"),
            format!("1209 0a04{TINY} 120161 1209 0a04{TINY} 120162"),
        ),
        // A varint longer than it has to be.
        (
            format!("128600 0a04{TINY} 0a0161"),
            format!("1206 0a04{TINY} 0a0161"),
        ),
        // Sizes that do not fit an i64.
        (
            format!("1211 0a04{TINY} 18ffffffffffffffffff01"),
            format!("1211 0a04{TINY} 18ffffffffffffffffff01"),
        ),
    ] {
        let node = Node::decode(&hex(&given)).unwrap();
        assert_eq!(HEXLOWER.encode(&node.encode()), canonical.replace(' ', ""));
    }
    // Names that no path has: whoever makes files of them has to look.
    for name in ["ff", "00", "2f"] {
        let block = hex(&format!("1209 0a04{TINY} 1201{name}"));
        let node = Node::decode(&block).unwrap();
        assert_eq!(node.links[0].name, Some(hex(name)));
        assert_eq!(node.encode(), block);
        assert_eq!(node.to_ipld().is_ok(), name != "ff");
    }
}

#[test]
fn what_the_specification_forbids_is_refused_where_it_begins() {
    for (what, bytes, offset) in [
        ("two Data", "0a0161 0a0162".to_owned(), 3),
        (
            "Links, Data, Links",
            format!("1206 0a04{TINY} 0a0161 1206 0a04{TINY}"),
            11,
        ),
        (
            "Data, Links, Data",
            format!("0a0161 1206 0a04{TINY} 0a0161"),
            11,
        ),
        ("an unknown field", "0a0161 1a0161".to_owned(), 3),
        ("a varint where Data is", "0801".to_owned(), 0),
        ("a varint where Links are", "1001".to_owned(), 0),
        (
            "an unknown field of a link",
            format!("1208 0a04{TINY} 2001"),
            8,
        ),
        ("Name before Hash", format!("1209 120161 0a04{TINY}"), 5),
        (
            "Tsize before Name",
            format!("120b 0a04{TINY} 1801 120161"),
            10,
        ),
        ("two Hash", format!("120c 0a04{TINY} 0a04{TINY}"), 8),
        ("two Tsize", format!("120a 0a04{TINY} 1801 1801"), 10),
        ("bytes where Tsize is", format!("1209 0a04{TINY} 1a0161"), 8),
        ("a varint where Name is", format!("1208 0a04{TINY} 1001"), 8),
        ("no Hash", "12021200".to_owned(), 2),
        ("an empty Hash", "12020a00".to_owned(), 4),
        ("bytes after the CID", format!("1207 0a05{TINY}00"), 8),
        ("a Hash that is cut off", "1205 0a03015500".to_owned(), 7),
        (
            "a link longer than the block",
            "1206 0a040155".to_owned(),
            1,
        ),
        ("a length of 2^63", "0a80808080808080808001".to_owned(), 1),
        (
            "a name longer than the link",
            format!("1208 0a04{TINY} 1201 61"),
            9,
        ),
    ] {
        match Node::decode(&hex(&bytes)) {
            Err(Error::Decode {
                codec, offset: at, ..
            }) => {
                assert_eq!((codec, at), (Codec::DagPb, offset), "{what}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[test]
fn a_block_cut_at_any_byte_is_refused_or_has_fewer_parts() {
    let node = Node {
        links: vec![link(Some("a"), Some(300)), link(Some("b"), None)],
        data: Some(Bytes::from_static(b"data")),
    };
    let bytes: Bytes = node.encode().into();
    for end in 0..bytes.len() {
        let whole = [0, 14, 25].contains(&end);
        assert_eq!(Node::decode(&bytes.slice(..end)).is_ok(), whole, "{end}");
    }
}

#[test]
fn data_and_names_share_the_memory_of_the_block() {
    let node = Node {
        links: vec![link(Some("name"), None)],
        data: Some(Bytes::from_static(b"data")),
    };
    let block: Bytes = node.encode().into();
    let node = Node::decode(&block).unwrap();
    let within = block.as_ptr_range();
    for part in [
        node.data.as_ref().unwrap(),
        node.links[0].name.as_ref().unwrap(),
    ] {
        assert!(within.contains(&part.as_ptr()));
    }
}

fn any_link() -> impl Strategy<Value = Link> {
    let name = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..4));
    (any::<u8>(), name, any::<Option<u64>>()).prop_map(|(seed, name, size)| Link {
        cid: cid(&[seed]),
        name: name.map(Bytes::from),
        size,
    })
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same_node_in_order(
        mut links in proptest::collection::vec(any_link(), 0..8),
        data in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)),
    ) {
        let data = data.map(Bytes::from);
        let bytes: Bytes = Node { links: links.clone(), data: data.clone() }.encode().into();
        links.sort_by_key(|link| link.name.clone().unwrap_or_default());
        prop_assert_eq!(Node::decode(&bytes).unwrap(), Node { links, data });
    }

    #[test]
    fn any_bytes_decode_to_a_node_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(node) = Node::decode(&bytes.into()) {
            let again: Bytes = node.encode().into();
            prop_assert_eq!(Node::decode(&again).unwrap().encode(), again);
        }
    }
}
