//! The program as a user meets it: what it prints, how it ends.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod explore;
#[cfg(unix)]
mod hostile;

use std::path::Path;

use block_cid::{Block, Hash};
use dag_ipld::Codec;
use testkit::Ended;

/// A folder with a store in it.
struct Place(testkit::Place);

impl Place {
    fn new() -> Place {
        Place(testkit::Place::new(env!("CARGO_BIN_EXE_05-dag-ipld")))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, args: &[&str], input: &[u8]) -> Ended {
        self.0.feed(input, args)
    }

    /// What it prints, with this exit code.
    fn ends(&self, code: i32, args: &[&str], input: &str) -> String {
        let ended = self.run(args, input.as_bytes());
        assert_eq!(ended.code, Some(code), "{args:?}: {ended:?}");
        ended.out
    }

    fn prints(&self, args: &[&str], input: &str) -> String {
        self.ends(0, args, input)
    }

    /// How it fails: the exit code, and what it says on stderr.
    fn fails(&self, args: &[&str], input: &[u8]) -> (i32, String) {
        let ended = self.run(args, input);
        assert!(ended.bytes.is_empty(), "{args:?} printed something");
        (ended.code.unwrap(), ended.err)
    }

    fn put(&self, json: &str) -> String {
        self.prints(&["put"], json).trim().to_owned()
    }
}

fn link(cid: &str) -> String {
    format!(r#"{{"/":"{cid}"}}"#)
}

/// CIDs and answers of Kubo 0.43: `ipfs dag put`, `ipfs dag get`, `ipfs dag resolve`.
const ADA: &str = "bafyreie5rgrts5k65zux5hefbocberhaycfxtztry4inlnuzatuwhz72e4";
const LIST: &str = "bafyreiair62whpcyzdgdwurcshna7fr75ns3bjncnvl6itvr6ptzdnrsza";

fn ada(place: &Place) {
    let json = r#"{"name":"ada","tags":["x","y"],"n":1.0}"#;
    assert_eq!(place.put(json), ADA);
    let json = format!(r#"{{"who":{0},"list":[{0},7]}}"#, link(ADA));
    assert_eq!(place.put(&json), LIST);
}

#[test]
fn values_are_put_got_and_resolved_as_by_kubo() {
    let place = Place::new();
    ada(&place);
    for (path, value, resolved) in [
        ("who/tags/1", r#""y""#, format!("{ADA}/tags/1")),
        ("list/0/name", r#""ada""#, format!("{ADA}/name")),
        ("list/1", "7", format!("{LIST}/list/1")),
        ("/who/tags/", r#"["x","y"]"#, format!("{ADA}/tags")),
        ("list/0/tags/0", r#""x""#, format!("{ADA}/tags/0")),
    ] {
        for start in ["", "/ipfs/", "/ipld/"] {
            let path = format!("{start}{LIST}/{path}");
            assert_eq!(place.prints(&["get", &path], ""), value);
            assert_eq!(
                place.prints(&["resolve", &path], ""),
                format!("{resolved}\n")
            );
        }
    }
    let list = format!(r#"{{"list":[{0},7],"who":{0}}}"#, link(ADA));
    assert_eq!(place.prints(&["get", LIST], ""), list);
    // Several at once, in other codecs and by another hash.
    std::fs::write(place.path().join("a"), r#"{"a":1}"#).unwrap();
    std::fs::write(place.path().join("b"), "[]").unwrap();
    let args = [
        "put",
        "--store-codec",
        "dag-json",
        "--hash",
        "blake3",
        "a",
        "b",
    ];
    let cids = place.prints(&args, "");
    let of = |bytes: &'static str| {
        *Block::new(Codec::DagJson.code(), Hash::BLAKE3, bytes)
            .unwrap()
            .cid()
    };
    assert_eq!(cids, format!("{}\n{}\n", of(r#"{"a":1}"#), of("[]")));
}

#[test]
fn every_codec_is_read_and_written() {
    let place = Place::new();
    let cid = place.put(r#"{"name":"Ada","born":1815}"#);
    let cbor = place
        .run(&["get", "--output-codec", "dag-cbor", &cid], b"")
        .bytes;
    assert_eq!(
        *Block::new(0x71, Hash::SHA2_256, cbor.clone())
            .unwrap()
            .cid()
            .to_string(),
        cid
    );
    let args = [
        "put",
        "--input-codec",
        "dag-cbor",
        "--store-codec",
        "dag-cbor",
        "-",
    ];
    let again = place.run(&args, &cbor).bytes;
    assert_eq!(String::from_utf8(again).unwrap().trim(), cid);
    let (code, error) = place.fails(&["get", "--output-codec", "dag-pb", &cid], b"");
    assert_eq!(code, 1);
    assert!(error.contains("dag-pb cannot say this value: /"), "{error}");
    let raw = place
        .run(
            &["put", "--input-codec", "raw", "--store-codec", "raw"],
            b"\x00\xff",
        )
        .bytes;
    let raw = String::from_utf8(raw).unwrap();
    let bytes = place
        .run(&["get", "--output-codec", "raw", raw.trim()], b"")
        .bytes;
    assert_eq!(bytes, b"\x00\xff");
    let json = place.prints(&["get", raw.trim()], "");
    assert_eq!(json, r#"{"/":{"bytes":"AP8"}}"#);
}

#[test]
fn what_is_wrong_is_said_and_makes_no_store() {
    let place = Place::new();
    std::fs::write(place.path().join("bad"), "{").unwrap();
    let long = format!("\"{}\"", "x".repeat(17 << 20));
    for (args, input, code, said) in [
        (&["put"][..], "{", 1, "byte 1"),
        (&["put", "bad"], "", 1, "cannot put bad"),
        (&["put", "none"], "", 1, "cannot put none"),
        (&["put", "."], "", 1, "cannot put ."),
        (&["put"], long.as_str(), 1, "more than 16.0 MiB"),
        (&["put", "--store-codec", "dag-pb"], r#"{"a":1}"#, 1, "/a"),
        (&["put", "--store-codec", "git-raw"], "1", 2, "git-raw"),
        (&["put", "--input-codec", "walrus"], "1", 2, "walrus"),
        (&["put", "--hash", "md5"], "1", 2, "md5"),
        (&["get"], "", 2, "PATH"),
        (&["get", "walrus"], "", 2, "walrus"),
        (&["get", "/ipns/example.org"], "", 2, "module 09"),
        (&["get", LIST], "", 1, "no store"),
        (&["stat", LIST], "", 1, "no store"),
        (&["diff", LIST], "", 2, "AFTER"),
        (&["explore", "none.car"], "", 2, "no file is called so"),
        (&["walrus"], "", 2, "walrus"),
    ] {
        let (found, error) = place.fails(args, input.as_bytes());
        assert_eq!(found, code, "{args:?}: {error}");
        assert!(error.contains(said), "{args:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
    }
    assert!(!place.path().join("data").exists());
    // What came before is put, and said to be.
    std::fs::write(place.path().join("good"), "1").unwrap();
    let output = place.run(&["put", "good", "bad", "good"], b"");
    let one = *Block::new(0x71, Hash::SHA2_256, &b"\x01"[..])
        .unwrap()
        .cid();
    assert_eq!(output.out, format!("{one}\n"));
    output.bad(1, &["cannot put bad"]);
    assert_eq!(place.prints(&["get", &one.to_string()], ""), "1");
    let big = format!("\"{}\"", "x".repeat(3 << 20));
    let (code, error) = place.fails(&["put"], big.as_bytes());
    assert!(
        code == 1 && error.contains("this store takes 2097152"),
        "{error}"
    );
    place.prints(&["put", "--allow-big-block"], &big);
}

#[test]
fn a_path_that_leads_nowhere_says_how_far_it_led() {
    let place = Place::new();
    ada(&place);
    for command in ["get", "resolve"] {
        let (code, error) = place.fails(&[command, &format!("{LIST}/who/none/x")], b"");
        assert_eq!(code, 1);
        assert!(
            error.contains(&format!("no \"none\" in /ipfs/{LIST}/who")),
            "{error}"
        );
        assert!(
            error.contains(r#""name""#) && error.contains(r#""tags""#),
            "{error}"
        );
    }
    // Escapes, which the terminal would take for its own.
    let (_, error) = place.fails(&["get", &format!("{LIST}/\u{1b}[2J\u{202e}")], b"");
    assert!(
        error.contains(r"\u{1b}[2J\u{202e}") && !error.contains('\u{1b}'),
        "{error}"
    );
}

#[test]
fn a_missing_block_is_named_by_every_command() {
    let place = Place::new();
    let lost = *Block::raw("lost").cid();
    let root = place.put(&format!(r#"{{"a":{{"b":{}}}}}"#, link(&lost.to_string())));
    let path = format!("{root}/a/b/c");
    for command in ["get", "resolve"] {
        let (code, error) = place.fails(&[command, &path], b"");
        assert_eq!(code, 1);
        for said in [
            &lost.to_string(),
            &format!("/ipfs/{root}/a/b leads to it"),
            "c lies beyond",
        ] {
            assert!(error.contains(said), "{error}");
        }
    }
    // What leads there is there.
    assert_eq!(
        place.prints(&["resolve", &format!("{root}/a/b")], ""),
        format!("{lost}\n")
    );
    let stat = place.ends(1, &["stat", &root], "");
    assert!(stat.contains("missing"), "{stat}");
    let tree = place.ends(1, &["tree", &root], "");
    assert!(
        tree.ends_with(&format!("└─ a/b  {lost}  missing\n")),
        "{tree}"
    );
    let page = place.prints(&["explore", &root], "");
    assert!(page.contains(r#""state":"missing""#));
    let (code, error) = place.fails(&["explore", &lost.to_string()], b"");
    assert!(code == 1 && error.contains("not there"), "{error}");
}

#[test]
fn counts_and_trees_have_each_block_once() {
    let place = Place::new();
    ada(&place);
    let stat = place.prints(&["stat", LIST], "");
    let expected = "                    blocks  bytes
dag-cbor                 2    125
all, each once           2    125
all, by every path       3    156

links           2
depth           1
dedup ratio  1.25
";
    assert_eq!(stat, expected);
    let json = place.prints(&["stat", "--json", LIST, &format!("{LIST}/who")], "");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["unique"],
        serde_json::json!({ "blocks": 2, "bytes": 125 })
    );
    assert_eq!(json["paths"]["blocks"], 4);
    assert_eq!(json["codecs"]["dag-cbor"]["blocks"], 2);
    assert_eq!(json["first_bad"], serde_json::Value::Null);

    let tree = place.prints(&["tree", LIST], "");
    let expected =
        format!("{LIST}  dag-cbor, 94 B\n├─ who  {ADA}  dag-cbor, 31 B\n└─ list/0  {ADA}  above\n");
    assert_eq!(tree, expected);
    let top = place.put(&format!(r#"{{"top":{},"\u001b[2J":1}}"#, link(LIST)));
    let tree = place.prints(&["tree", "--depth", "1", &top], "");
    assert!(
        tree.ends_with(&format!("└─ top  {LIST}  dag-cbor, 94 B, 2 links below\n")),
        "{tree}"
    );
}

#[test]
fn names_from_blocks_cannot_speak_to_the_terminal() {
    let place = Place::new();
    let name = r"\u001b[2J\u202eexe\nx";
    let escaped = r"\u{1b}[2J\u{202e}exe\nx";
    let leaf = place.put("1");
    let before = place.put(&format!(r#"{{"{name}":{}}}"#, link(&leaf)));
    let after = place.put(&format!(r#"{{"{name}":"{name}"}}"#));
    for output in [
        place.prints(&["tree", &before], ""),
        place.ends(1, &["diff", &before, &after], ""),
    ] {
        assert!(output.contains(escaped), "{output}");
        assert!(
            !output.contains('\u{1b}') && !output.contains('\u{202e}'),
            "{output}"
        );
    }
}

#[test]
fn differences_are_listed_and_what_is_shared_is_counted() {
    let place = Place::new();
    ada(&place);
    let other = place.put(&format!(
        r#"{{"who":{0},"list":[{0},8],"new":true}}"#,
        link(ADA)
    ));
    let diff = place.ends(1, &["diff", LIST, &other], "");
    let expected = "\
~ list/1  7 → 8
+ new  true

                        blocks  bytes
before                       2    125
after                        2    130
in both, 13.8 % of all       1     31
";
    assert_eq!(diff, expected);
    let same = place.prints(&["diff", LIST, &format!("{LIST}/")], "");
    assert!(!same.contains('~') && same.contains("100.0 %"), "{same}");
}

#[test]
fn the_tour_is_one_screen_of_which_the_readme_shows_a_part() {
    let tour = Place::new().prints(&[], "");
    assert!(tour.lines().count() <= 40, "{} lines", tour.lines().count());
    let (_, shown) = include_str!("../../README.md")
        .split_once("--bin 05-dag-ipld\n")
        .unwrap();
    let (shown, _) = shown.split_once("\n```").unwrap();
    let mut rest = tour.as_str();
    for line in shown.lines().filter(|line| *line != "…") {
        let at = rest
            .find(line)
            .unwrap_or_else(|| panic!("not in the tour: {line}"));
        rest = &rest[at..];
    }
}
