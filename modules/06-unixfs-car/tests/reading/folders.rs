//! Names, paths, and what they lead to.

use block_cid::codec;
use bytes::Bytes;
use unixfs_car::unixfs::{Data, Type};
use unixfs_car::{Dir, Error, Path};

use crate::build::{self, Leaves, folder, leaf, link, named, node, put};

#[test]
fn a_plain_folder_has_its_links() {
    let store = build::store();
    let [a, b] = ["a", "b"].map(|text| leaf(&store, Leaves::Raw, text.as_bytes()).cid);
    let mut links = vec![link("b", b), link("a", a), link("a", b), link("ü", a)];
    links[0].size = Some(77);
    links.push(link("", b));
    links.last_mut().unwrap().name = None;
    let cid = named(&store, &Data::directory(), links);
    let dir = Dir::open(&store, &cid).unwrap();
    assert!(!dir.is_sharded());
    // Sorted when they were written; of two of one name the first is found.
    let entries: Vec<_> = dir.entries().map(Result::unwrap).collect();
    let names: Vec<&[u8]> = entries.iter().map(|entry| &entry.name[..]).collect();
    assert_eq!(names, ["", "a", "a", "b", "ü"].map(str::as_bytes));
    assert_eq!(dir.get(b"a").unwrap().unwrap().cid, a);
    assert_eq!(dir.get(b"b").unwrap().unwrap().size, Some(77));
    assert_eq!(dir.get("ü".as_bytes()).unwrap().unwrap().cid, a);
    assert_eq!(dir.get(b"A").unwrap(), None);
    let empty = folder(&store, &[]);
    let dir = Dir::open(&store, &empty).unwrap();
    assert_eq!((dir.entries().count(), dir.get(b"a").unwrap()), (0, None));
}

#[test]
fn what_is_no_folder_is_none() {
    let store = build::store();
    let file = leaf(&store, Leaves::Pb(Type::File), b"text").cid;
    let symlink = node(&store, &Data::symlink("text"), &[]);
    for (cid, found) in [
        (leaf(&store, Leaves::Raw, b"text").cid, "a file"),
        (file, "a file"),
        (symlink, "a symlink"),
    ] {
        match Dir::open(&store, &cid).unwrap_err() {
            Error::Kind {
                cid: named,
                found: is,
                ..
            } => assert_eq!((*named, is), (cid, found)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn paths_are_read_as_kubo_reads_them() {
    let cid = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";
    let other = "QmZLRFWaz9Kypt2ACNMDzA5uzACDRiCqwdkNSP1UZsu56D";
    for (text, shown) in [
        ("CID", "/ipfs/CID"),
        ("CID/a/b", "/ipfs/CID/a/b"),
        ("/ipfs/CID", "/ipfs/CID"),
        ("/ipfs/CID/", "/ipfs/CID"),
        ("/CID/a", "/ipfs/CID/a"),
        ("//ipfs//CID//a///b/", "/ipfs/CID/a/b"),
        ("ipfs://CID/a", "/ipfs/CID/a"),
        ("IPFS:CID/a", "/ipfs/CID/a"),
        ("/ipfs/CID/a/../b/./c", "/ipfs/CID/b/c"),
        ("CID/a/../../../ipfs/OTHER", "/ipfs/OTHER"),
        ("/ipfs/CID/a%20b", "/ipfs/CID/a%20b"),
        ("/ipfs/CID/a?b#c", "/ipfs/CID/a?b#c"),
        ("CID/ipfs/ü", "/ipfs/CID/ipfs/ü"),
    ] {
        let [text, shown] =
            [text, shown].map(|text| text.replace("CID", cid).replace("OTHER", other));
        let path = Path::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(path.to_string(), shown, "{text}");
    }
    for text in [
        "",
        "/",
        "/ipfs",
        "/ipfs/",
        "ipfs/CID",
        "/ipfs/nothing",
        "/ipfs/CID/..",
        "../CID",
        "/ipns/CID",
        "ipns://example.com",
        "/ipld/CID",
        "http://CID",
        " CID",
    ] {
        let text = text.replace("CID", cid);
        let error = Path::parse(text.as_bytes()).unwrap_err();
        assert!(
            matches!(&error, Error::Path { text: said, .. } if *said == text),
            "{error}"
        );
    }
    let name = Path::parse([cid.as_bytes(), b"/\xff/\0"].concat().as_slice()).unwrap();
    assert_eq!(name.names, [&b"\xff"[..], b"\0"]);
    assert_eq!(Path::parse(cid.as_bytes()).unwrap().last(), cid.as_bytes());
    assert_eq!(
        Path::parse(format!("{cid}/a/b").as_bytes()).unwrap().last(),
        "b"
    );
}

#[test]
fn a_path_leads_through_folders_and_says_where_it_ends() {
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let symlink = node(&store, &Data::symlink("photos"), &[]);
    let photos = folder(&store, &[("me.jpg", text)]);
    // A node that is nothing of UnixFS, whose links have names.
    let plain = dag_ipld::pb::Node {
        links: vec![link("photos", photos)],
        data: Some("no UnixFS".into()),
    };
    let plain = put(&store, codec::DAG_PB, plain.encode());
    let entries = [
        ("file", text),
        ("photos", photos),
        ("plain", plain),
        ("symlink", symlink),
    ];
    let root = folder(&store, &entries);
    let resolve = |below: &str| {
        let path = Path::parse(format!("/ipfs/{root}{below}").as_bytes());
        path.unwrap().resolve(&store)
    };
    assert_eq!(resolve("").unwrap(), root);
    assert_eq!(resolve("/photos/me.jpg").unwrap(), text);
    assert_eq!(resolve("/plain/photos/me.jpg/").unwrap(), text);
    assert_eq!(resolve("/symlink").unwrap(), symlink);
    match resolve("/photos/you.jpg/x").unwrap_err() {
        Error::NoEntry { name, path } => {
            assert_eq!(
                (name, path),
                ("you.jpg".into(), format!("/ipfs/{root}/photos"))
            );
        }
        other => panic!("{other}"),
    }
    for (below, stands) in [("/symlink/me.jpg", symlink), ("/file/x", text)] {
        match resolve(below).unwrap_err() {
            Error::Kind { cid, .. } => assert_eq!(*cid, stands),
            other => panic!("{other}"),
        }
    }
    let gone = put(
        &build::store(),
        codec::DAG_PB,
        Bytes::from_static(b"\x0a\x02\x08\x01"),
    );
    let root = folder(&store, &[("gone", gone)]);
    let path = Path::parse(format!("{root}/gone/x").as_bytes()).unwrap();
    match path.resolve(&store).unwrap_err() {
        Error::Missing { cid } => assert_eq!(*cid, gone),
        other => panic!("{other}"),
    }
    // What is at the end need not be there.
    let path = Path::parse(format!("{root}/gone").as_bytes()).unwrap();
    assert_eq!(path.resolve(&store).unwrap(), gone);
}
