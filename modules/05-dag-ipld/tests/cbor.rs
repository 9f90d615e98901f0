//! dag-cbor: what is refused where, and what the relaxed form takes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use bytes::Bytes;
use dag_ipld::{Codec, Error, Ipld, cbor, dag_cbor};
use data_encoding::HEXLOWER;

fn hex(text: &str) -> Bytes {
    HEXLOWER
        .decode(text.replace(' ', "").as_bytes())
        .unwrap()
        .into()
}

/// `[{"/":"bafkqaaa"}]`, the link of no bytes.
const LINK: &str = "81 d82a 45 00 01550000";

/// Forms of values that have another: strictly refused, relaxed taken and mended.
#[test]
fn a_second_form_is_refused_where_it_begins_and_relaxed_is_mended() {
    for (what, block, offset, one) in [
        ("a list of one in two bytes", "8101 9801 01", 2, ""),
        ("an integer in two bytes", "82 01 1801", 2, "82 01 01"),
        ("a length in two bytes", "81 7801 61", 1, "81 61 61"),
        ("a tag in three bytes", "81 d9002a 45 00 01550000", 1, LINK),
        (
            "names that are not sorted by length",
            "a2 626161 01 6162 02",
            5,
            "a2 6162 02 626161 01",
        ),
        (
            "names that are not sorted by bytes",
            "a2 6162 01 6161 02",
            4,
            "a2 6161 02 6162 01",
        ),
        (
            "a float of 16 bits",
            "81 f93e00",
            1,
            "81 fb3ff8000000000000",
        ),
        (
            "a float of 32 bits",
            "81 fa3fc00000",
            1,
            "81 fb3ff8000000000000",
        ),
        ("a list without a length", "81 9f 01 ff", 1, "81 81 01"),
        ("a map without a length", "bf 6161 01 ff", 0, "a1 6161 01"),
        (
            "a name in pieces",
            "a1 7f 6161 6162 ff 01",
            1,
            "a1 626162 01",
        ),
        ("bytes in pieces", "81 5f 4101 40 4102 ff", 1, "81 420102"),
        ("undefined", "82 01 f7", 2, "82 01 f6"),
    ] {
        let block = hex(block);
        match dag_cbor::decode(&block) {
            Err(Error::Decode {
                codec: Codec::DagCbor,
                offset: at,
                ..
            }) => {
                assert_eq!(at, offset, "{what}");
            }
            other => panic!("{what}: {other:?}"),
        }
        if !one.is_empty() {
            let value = dag_cbor::decode_relaxed(&block).unwrap();
            assert_eq!(dag_cbor::encode(&value).unwrap(), hex(one), "{what}");
            let mut count = 0;
            dag_cbor::links(&block, &mut |_| count += 1).unwrap();
            assert_eq!(count, usize::from(one == LINK), "{what}");
        }
    }
}

#[test]
fn what_is_no_dag_cbor_is_refused_where_it_begins() {
    for (what, block, offset) in [
        ("nothing", "", 0),
        ("a head that is cut off", "19 01", 2),
        ("bytes that are cut off", "81 42 01", 1),
        ("a list that is cut off", "82 01", 0),
        ("a map that is cut off", "a1 6161", 3),
        ("bytes after the item", "01 02", 1),
        ("text that is not UTF-8", "82 01 6361c328", 4),
        ("a name that is an integer", "a1 01 01", 1),
        ("a name that is bytes", "a1 4161 01", 1),
        ("a name twice", "a2 6161 01 6161 02", 4),
        ("another tag", "81 c1 01", 1),
        ("a tag on text", "81 d82a 6161", 1),
        ("a tag on a tag", "81 d82a d82a 4100", 1),
        ("a link without its zero byte", "81 d82a 44 01550000", 4),
        ("a link that is empty", "81 d82a 40", 4),
        ("a link with bytes after it", "81 d82a 46 00 01550000 00", 9),
        ("a link that is cut off", "81 d82a 44 00 015500", 8),
        ("NaN", "81 fb7ff8000000000000", 1),
        ("infinity", "81 fbfff0000000000000", 1),
        ("a simple value", "81 e0", 1),
        ("an end of nothing", "81 ff", 1),
        ("a head that means nothing", "81 1c", 1),
    ] {
        let block = hex(block);
        for decode in [dag_cbor::decode, dag_cbor::decode_relaxed] {
            match decode(&block) {
                Err(Error::Decode {
                    offset: at, reason, ..
                }) => {
                    assert_eq!(at, offset, "{what}: {reason}");
                }
                other => panic!("{what}: {other:?}"),
            }
        }
    }
    // Alone they have 64 bits, one of them a sign that no other zero has.
    assert!(dag_cbor::decode(&hex("fb8000000000000000")).is_err());
    assert_eq!(
        dag_cbor::decode_relaxed(&hex("fb8000000000000000")).unwrap(),
        Ipld::Float(-0.0)
    );
}

#[test]
fn items_of_indefinite_length_end_as_they_should() {
    for block in [
        "9f 01",
        "bf 6161 ff",
        "bf 6161",
        "5f 6161 ff",
        "7f 4161 ff",
        "5f 5f 41 01 ff ff",
        "5f 01 ff",
        "9f c1 ff",
        "ff",
        "1f",
        "3f",
        "df",
        "f8 17",
        "f8",
        "fc",
    ] {
        assert!(cbor::decode(&hex(block)).is_err(), "{block}");
        assert!(cbor::diagnostic(&hex(block)).is_err(), "{block}");
    }
    let value = cbor::decode(&hex("bf 7f 6161 ff 9f 5f ff ff ff")).unwrap();
    assert_eq!(
        value,
        Ipld::from([("a", Ipld::List(vec![Ipld::from(Bytes::new())]))])
    );
}

#[test]
fn integers_beyond_64_bits_are_those_of_plain_cbor() {
    for (block, number) in [
        ("c2 50 7fffffffffffffffffffffffffffffff", i128::MAX),
        ("c3 50 7fffffffffffffffffffffffffffffff", i128::MIN),
        ("c2 49 010000000000000000", 1 << 64),
    ] {
        let value = cbor::decode(&hex(block)).unwrap();
        assert_eq!(value, Ipld::Integer(number));
        assert_eq!(cbor::encode(&value).unwrap(), hex(block));
        assert!(
            dag_cbor::encode(&value).is_err() && dag_cbor::decode_relaxed(&hex(block)).is_err()
        );
    }
    assert_eq!(
        cbor::decode(&hex("c2 43 000001")).unwrap(),
        Ipld::Integer(1)
    );
    assert_eq!(cbor::decode(&hex("c3 40")).unwrap(), Ipld::Integer(-1));
    assert!(cbor::decode(&hex("c2 50 80000000000000000000000000000000")).is_err());
}

#[test]
fn bytes_share_the_memory_of_the_block() {
    let block = hex("82 43 010203 6161");
    let Ipld::List(items) = dag_cbor::decode(&block).unwrap() else {
        panic!("a list was encoded");
    };
    let Ipld::Bytes(bytes) = &items[0] else {
        panic!("bytes were encoded");
    };
    assert_eq!(bytes.as_ptr(), block[2..].as_ptr());
}

/// As in blocks of Filecoin's chain, which `ipfs dag export` walks.
#[test]
fn text_that_is_not_utf8_hides_no_links() {
    let block = hex("a2 61ff 62c328 6162 d82a 45 00 01550000");
    assert!(dag_cbor::decode(&block).is_err());
    let mut links = Vec::new();
    Codec::DagCbor
        .links(&block, &mut |cid| links.push(cid.to_string()))
        .unwrap();
    assert_eq!(links, ["bafkqaaa"]);
    let cut = block.slice(..block.len() - 1);
    assert!(Codec::DagCbor.links(&cut, &mut |_| {}).is_err());
}
