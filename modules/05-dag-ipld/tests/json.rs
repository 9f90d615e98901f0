//! dag-json and json: how values are spelled, and what is refused where.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use Codec::{DagJson, Json};
use bytes::Bytes;
use dag_ipld::{Cid, Codec, Error, Ipld};

fn again(codec: Codec, text: &str) -> String {
    let value = codec.decode(&text.to_owned().into());
    let value = value.unwrap_or_else(|error| panic!("{text}: {error}"));
    String::from_utf8(codec.encode(&value).unwrap()).unwrap()
}

/// `echo TEXT | ipfs dag put --store-codec dag-json`, then `ipfs block get`; only that Kubo writes
/// whole floats without a point.
#[test]
fn dag_json_is_spelled_as_by_kubo() {
    for (text, block) in [
        (
            "[1e16, 1e20, 1e21, 1e-5, 1e-6, 1e-7, 5e-324, 123456789.5]",
            "[10000000000000000.0,100000000000000000000.0,1e+21,0.00001,0.000001,1e-7,5e-324,123456789.5]",
        ),
        ("[1.0, -0.0, 1E2, 0.1e1]", "[1.0,-0.0,100.0,1.0]"),
        (
            "[-0, 0, -9223372036854775808]",
            "[0,0,-9223372036854775808]",
        ),
        (
            r#""a\u0008\u000c\u2028\u007f\u00e9<>&\/\ud83d\ude00""#,
            "\"a\\u0008\\u000c\\u2028\u{7f}é<>&/😀\"",
        ),
        (r#""\b\f\n\r\t\"\\""#, r#""\u0008\u000c\n\r\t\"\\""#),
        (" { \"b\" : [ ] ,\r\n\t\"a\" : { } } ", r#"{"a":{},"b":[]}"#),
        (r#"{"/":{"bytes":"AA=="}}"#, r#"{"/":{"bytes":"AA"}}"#),
        // With another name beside it, or below it, a map is a map.
        (
            r#"{"/":{"bytes":"AA","x":1}}"#,
            r#"{"/":{"bytes":"AA","x":1}}"#,
        ),
        (
            r#"{"a":1,"/":"bafkqabiaaebagba"}"#,
            r#"{"/":"bafkqabiaaebagba","a":1}"#,
        ),
        (r#"{"/":1}"#, r#"{"/":1}"#),
        (r#"{"/":{"bytes":1}}"#, r#"{"/":{"bytes":1}}"#),
        (
            r#"{"/":{"/":"bafkqabiaaebagba"}}"#,
            r#"{"/":{"/":"bafkqabiaaebagba"}}"#,
        ),
    ] {
        assert_eq!(again(DagJson, text), block, "{text}");
        assert_eq!(again(DagJson, block), block, "{text}");
    }
}

/// `echo TEXT | ipfs dag put --input-codec json --store-codec json`, then `ipfs block get`.
#[test]
fn plain_json_is_spelled_as_by_kubo() {
    for (text, block) in [
        (
            r#"{"b":1,"a":[1,{"z":null}],"c":[],"d":{}}"#,
            "{\n\t\"b\": 1,\n\t\"a\": [\n\t\t1,\n\t\t{\n\t\t\t\"z\": null\n\t\t}\n\t],\n\t\"c\": [],\n\t\"d\": {}\n}\n",
        ),
        ("\"abc\"", "\"abc\""),
        ("1.0", "1"),
        // From 2^64 on Kubo has no point, and does not read what it wrote.
        ("1e20", "100000000000000000000.0"),
        ("[]", "[]\n"),
        (r#"{"/":"bafkqaaa"}"#, "{\n\t\"/\": \"bafkqaaa\"\n}\n"),
    ] {
        assert_eq!(again(Json, text), block, "{text}");
    }
}

#[test]
fn what_is_no_json_is_refused_where_it_begins() {
    for (text, offset) in [
        ("", 0),
        (" ", 1),
        ("nul", 0),
        ("[1,]", 3),
        ("[1 2]", 3),
        ("[1", 2),
        ("[}", 1),
        ("{]", 1),
        ("]", 0),
        ("1 2", 2),
        ("{} x", 3),
        ("{\"a\"}", 4),
        ("{\"a\":}", 5),
        ("{\"a\":1,}", 7),
        ("{1:1}", 1),
        ("{\"a\":1,\"b\":2,\"a\":3}", 13),
        ("01", 0),
        ("-", 1),
        ("+1", 0),
        ("1.", 2),
        ("1.e1", 2),
        ("1e", 2),
        ("1e+", 3),
        ("[1e400]", 1),
        ("18446744073709551616", 0),
        ("-18446744073709551617", 0),
        ("\"abc", 4),
        ("\"a\nb\"", 2),
        ("\"a\\x\"", 2),
        ("\"\\u12g4\"", 1),
        ("\"\\ud800\"", 7),
        ("\"\\ud800\\u0041\"", 1),
        ("\"\\udc00\"", 1),
        ("\u{feff}1", 0),
    ] {
        for codec in [DagJson, Json] {
            match codec.decode(&text.to_owned().into()) {
                Err(Error::Decode {
                    codec: named,
                    offset: at,
                    ..
                }) => {
                    assert_eq!((named, at), (codec, offset), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }
    let error = DagJson
        .decode(&Bytes::from_static(b"[\"a\xff\"]"))
        .unwrap_err();
    assert!(
        error.to_string().contains("byte 3: the text is not UTF-8"),
        "{error}"
    );
}

#[test]
fn links_and_bytes_that_are_none_are_refused() {
    for text in [
        r#"[{"/":"x"}]"#,
        r#"[{"/":""}]"#,
        r#"[{"/":"bafkqabiaaebagb"}]"#,
        r#"[{"/":{"bytes":"A"}}]"#,
        r#"[{"/":{"bytes":"A-"}}]"#,
        r#"[{"/":{"bytes":"AAA=A"}}]"#,
    ] {
        let error = DagJson.decode(&text.to_owned().into()).unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{text}: {error}");
        // Without their meaning they are maps like others.
        assert!(Json.decode(&text.to_owned().into()).is_ok());
    }
}

#[test]
fn links_are_found_where_the_value_has_them() {
    let text = r#"{"/":{"x":[{"/":"bafkqaaa"},{"/":"bafkqaaa","a":1},{"a":"/","b":"bafkqaaa"}]}}"#;
    let mut links = Vec::new();
    DagJson
        .links(text.as_bytes(), &mut |cid| links.push(cid.to_string()))
        .unwrap();
    assert_eq!(links, ["bafkqaaa"]);
    assert!(DagJson.links(br#"[{"/":"x"}]"#, &mut |_| ()).is_err());
    Json.links(text.as_bytes(), &mut |_| panic!("json has no links"))
        .unwrap();
}

/// What is not said is where, too.
#[test]
fn a_value_without_a_form_is_refused_with_its_path() {
    let text = |text: &str| Ipld::from(text);
    let deep = |inner| Ipld::from([("a", Ipld::List(vec![Ipld::Null, inner]))]);
    let link = |name| Ipld::from([("Hash", Ipld::from(Cid::default())), ("Name", text(name))]);
    for (codec, value, path) in [
        (DagJson, deep(Ipld::Float(f64::NAN)), "/a/1"),
        (DagJson, deep(Ipld::Integer(1 << 64)), "/a/1"),
        (DagJson, deep(Ipld::from([("/", text("x"))])), "/a/1"),
        (
            DagJson,
            Ipld::from([("/", Ipld::from([("bytes", text("AA"))]))]),
            "/",
        ),
        (Json, deep(Ipld::from(Bytes::new())), "/a/1"),
        (Codec::Cbor, deep(Ipld::from(Cid::default())), "/a/1"),
        (Codec::DagCbor, deep(Ipld::Float(-0.0)), "/a/1"),
        (Codec::DagCbor, deep(Ipld::Integer(-(1 << 64) - 1)), "/a/1"),
        (Codec::DagPb, deep(Ipld::Null), "/a"),
        (
            Codec::DagPb,
            Ipld::from([("Links", Ipld::List(vec![Ipld::Null]))]),
            "/Links/0",
        ),
        // Encoding would sort them, and the value would come back as another.
        (
            Codec::DagPb,
            Ipld::from([("Links", Ipld::List(vec![link("b"), link("a")]))]),
            "/Links/1",
        ),
        (Codec::Raw, Ipld::Null, "/"),
    ] {
        match codec.encode(&value) {
            Err(Error::Encode {
                codec: named,
                path: at,
                ..
            }) => {
                assert_eq!((named, at.as_str()), (codec, path), "{value:?}");
            }
            other => panic!("{codec} {value:?}: {other:?}"),
        }
    }
}
