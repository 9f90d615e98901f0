//! Names and links that would lead elsewhere: one test each that has a name of its own.

use std::fs;
use std::path::Path;

use unixfs_car::Error;
use unixfs_car::unixfs::Data;

use crate::build::{self, Leaves, folder, leaf, node};
use crate::tree::tree;
use crate::write::write;

/// CVE-2020-26279: an entry called `../x` was written beside the folder, or anywhere.
#[test]
fn cve_2020_26279_names_that_lead_elsewhere_are_refused() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let text = leaf(&store, Leaves::Raw, b"hostile").cid;
    let inner = folder(&store, &[("passwd", text)]);
    fs::create_dir(place.path().join("outside")).unwrap();
    fs::write(place.path().join("outside/passwd"), "mine").unwrap();
    let absolute = place.path().join("outside").display().to_string();
    let out = place.path().join("out");
    let before = tree(place.path(), Some(&out));
    for name in [
        "",
        ".",
        "..",
        "/",
        "../outside",
        "../outside/passwd",
        "a/../../outside",
        "a/b",
        "a/",
        "/a",
        "//",
        "outside/..",
        "a\0b",
        "\0",
        "..\0",
        &absolute,
    ] {
        for entry in [text, inner, node(&store, &Data::symlink("../outside"), &[])] {
            let root = folder(&store, &[(name, entry), ("~", text)]);
            let error = write(&store, &root, &out).unwrap_err();
            let Error::Partial { source, .. } = error else {
                panic!("{name:?}: {error}");
            };
            assert!(matches!(*source, Error::Name { .. }), "{name:?}: {source}");
            assert_eq!(fs::read_dir(&out).unwrap().count(), 0, "{name:?}");
            fs::remove_dir(&out).unwrap();
        }
    }
    let mut after = tree(place.path(), Some(&out));
    after.get_mut(Path::new("")).unwrap().mtime = before[Path::new("")].mtime;
    assert_eq!(after, before);
}

/// go-car #264, tar's CVE-2018-20990: a symlink, and then a file "in" it.
#[test]
fn a_symlink_and_then_a_file_in_it_is_refused() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    fs::create_dir(place.path().join("outside")).unwrap();
    let text = leaf(&store, Leaves::Raw, b"hostile").cid;
    let inner = folder(&store, &[("file", text)]);
    for target in ["../outside", ".", "..", "/", "/tmp"] {
        let link = node(&store, &Data::symlink(target), &[]);
        for entries in [[("a", link), ("a", inner)], [("a", inner), ("a", link)]] {
            let out = place.path().join("out");
            write(&store, &folder(&store, &entries), &out).unwrap_err();
            let again = folder(&store, &[("a", inner)]);
            // And once more, onto the link that the first left.
            let _ = write(&store, &again, &out);
            assert_eq!(
                fs::read_dir(place.path().join("outside")).unwrap().count(),
                0
            );
            assert!(!place.path().join("file").exists() && !Path::new("/file").exists());
            fs::remove_dir_all(&out).unwrap();
        }
    }
}

#[test]
fn names_and_targets_that_are_too_long_are_an_error() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let longest = "x".repeat(255);
    let fits = folder(&store, &[(&longest, text)]);
    write(&store, &fits, &place.path().join("fits")).unwrap();
    let long = folder(&store, &[(&"x".repeat(256), text)]);
    let target = |len| node(&store, &Data::symlink("y".repeat(len)), &[]);
    for root in [
        long,
        folder(&store, &[("a", target(1 << 20))]),
        folder(&store, &[("a", target(0))]),
    ] {
        let error = write(&store, &root, &place.path().join("out")).unwrap_err();
        let Error::Partial { source, .. } = error else {
            panic!("{error}");
        };
        assert!(matches!(*source, Error::Io { .. }), "{source}");
    }
    // Devices of other systems are names like any other here.
    let names = [
        "CON", "aux.txt", "nul", "C:", "a\\b", "x.", "x ", " ", "-rf", "~", "$HOME", "*",
    ];
    let root = folder(&store, &names.map(|name| (name, text)));
    let to = place.path().join("names");
    write(&store, &root, &to).unwrap();
    assert_eq!(fs::read_dir(&to).unwrap().count(), names.len());
}
