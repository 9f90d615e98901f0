//! `get`.

use std::fs;
use std::path::Path;

use block_cid::Blockstore;
use unixfs_car::unixfs::{Data, Meta, Type};

use crate::build::{self, Leaves, folder, leaf, node};
use crate::samples::{keep, place};

#[test]
fn it_is_written_where_it_is_said_or_under_its_own_name() {
    let (place, store) = (place(), build::store());
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let inner = folder(&store, &[("file", text)]);
    let root = folder(&store, &[("inner", inner)]).to_string();
    keep(&place, &store);
    let get = |args: &[&str]| place.run(&[&["get"], args].concat()).good().out;
    let read = |path: &str| fs::read_to_string(place.path().join(path)).unwrap();
    assert_eq!(get(&[&root]), format!("Saving file(s) to {root}\n"));
    assert_eq!(read(&format!("{root}/inner/file")), "text");
    assert_eq!(
        get(&[&format!("/ipfs/{root}/inner/")]),
        "Saving file(s) to inner\n"
    );
    assert_eq!(read("inner/file"), "text");
    assert_eq!(
        get(&[&format!("{root}/inner/file")]),
        "Saving file(s) to file\n"
    );
    assert_eq!(read("file"), "text");
    get(&[&format!("{root}/inner"), "-o", "a/b"]);
    assert_eq!(read("a/b/file"), "text");
    get(&[&format!("{root}/inner/file"), "--output", "a/b/c"]);
    assert_eq!(read("a/b/c"), "text");
    get(&[&format!("{root}/inner/file"), "-o", "a"]);
    assert_eq!(read("a/file"), "text");
    get(&[&format!("{root}/inner"), "-o", "."]);
}

#[test]
fn an_archive_is_a_file_or_goes_to_stdout() {
    let (place, store) = (place(), build::store());
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let gone = leaf(&store, Leaves::Raw, b"gone").cid;
    let root = folder(&store, &[("file", text)]).to_string();
    let broken = folder(&store, &[("file", text), ("gone", gone)]).to_string();
    store.delete(&gone).unwrap();
    keep(&place, &store);
    let get = |args: &[&str]| place.run(&[&["get", "-a"], args].concat()).good();
    for (args, file) in [
        (&[root.as_str()][..], format!("{root}.tar")),
        (&[&root, "-o", "a"], "a.tar".to_owned()),
        (&[&root, "-o", "b.tar"], "b.tar".to_owned()),
        (&[&root, "-o", "c.tar.gz"], "c.tar.gz".to_owned()),
    ] {
        assert_eq!(get(args).out, format!("Saving archive to {file}\n"));
        let mut tar = tar::Archive::new(fs::File::open(place.path().join(&file)).unwrap());
        let names = tar
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string());
        assert!(names.eq([root.clone(), format!("{root}/file")]), "{file}");
    }
    let stdout = get(&[&root, "-o", "-"]).bytes;
    assert_eq!(stdout.len(), place.read("a.tar").len());
    let said = [gone.to_string(), "is not in the store".to_owned()];
    place
        .run(&["get", "-a", &broken, "-o", "d"])
        .bad(1, &[&said[0], &said[1]]);
    assert!(!place.path().join("d.tar").exists(), "a part of an archive");
}

#[test]
fn what_cannot_be_written_says_why_and_what_was() {
    let (place, store) = (place(), build::store());
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let gone = leaf(&store, Leaves::Raw, b"gone").cid;
    let root = folder(&store, &[("a", text), ("b", gone)]).to_string();
    let bad = folder(&store, &[("../up\x1b[2J", text)]).to_string();
    let large = folder(&store, &[("a", text), ("b", text)]).to_string();
    let data = Data::leaf(Type::File, "x").with_meta(Meta {
        mode: Some(0o4755),
        mtime: None,
    });
    let setuid = node(&store, &data, &[]).to_string();
    store.delete(&gone).unwrap();
    keep(&place, &store);
    let said = [
        "b was not written",
        "the file before it",
        &gone.to_string(),
        "is not in the store",
    ];
    place.run(&["get", &root, "-o", "out"]).bad(1, &said);
    assert!(place.path().join("out/a").exists() && !place.path().join("out/b").exists());
    let ended = place
        .run(&["get", &bad, "-o", "bad"])
        .bad(1, &["../up", "has a / in it", "in a CAR"]);
    assert!(!ended.err.contains('\x1b'), "{}", ended.err);
    place
        .run(&["get", &large, "--max-size", "7"])
        .bad(1, &["more than 7 bytes"]);
    place
        .run(&["get", &large, "--max-entries", "2"])
        .bad(1, &["more than 2 entries"]);
    let noted = place.run(&["get", &setuid]).good();
    assert!(noted.err.contains("--setuid"), "{}", noted.err);
    assert_eq!(
        place
            .run(&["get", "--setuid", &setuid])
            .good()
            .err
            .matches("--setuid")
            .count(),
        0
    );
    // Nothing is written over the store that is read.
    place
        .run(&["get", &large, "-o", "data/pack/x"])
        .bad(1, &["the folder of the store"]);
    assert!(!Path::new("../up").exists());
    place.run(&["get"]).bad(2, &["PATH"]);
}
